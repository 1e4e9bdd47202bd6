//! A search as a page.

use gradus_train::Goal;
use gradus_train::report::{Chart, Mark, Page, Scale, Table};

use super::studies::Study;
use crate::error::Result;
use crate::record::{Record, State};
use crate::space::{Domain, Param, Value, significant};

/// Trials on the leaderboard.
const BEST: usize = 20;
/// Courses that are drawn as lines of their own.
const SHOWN: usize = 3;

impl Study {
    /// A page that tells the search: the best so far, the leaderboard, what each parameter does,
    /// the courses of the trials. Headings, tables and charts of your own go behind it.
    ///
    /// # Errors
    /// [`crate::Error::Train`] if a chart cannot be drawn.
    ///
    /// # Examples
    /// ```no_run
    /// # fn example(study: gradus_search::Study) -> Result<(), Box<dyn std::error::Error>> {
    /// study.report()?.save("search.html")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn report(&self) -> Result<Page> {
        let mut page = Page::new(format!("Search of {}", self.space().name()));
        page.paragraph(&self.summary());
        page.heading("Best so far").chart(&self.progress())?;
        page.heading("Leaderboard").table(&self.leaderboard(BEST));
        page.heading("Parameters").table(&self.importances());
        for param in self.space().params() {
            page.chart(&self.scatter(param))?;
        }
        if self.records().any(|record| !record.reports.is_empty()) {
            page.heading("Courses").chart(&self.courses())?;
        }
        page.heading("Settings").table(&self.settings());
        Ok(page)
    }

    fn summary(&self) -> String {
        let n = self.records().count();
        let pruned = self.records().filter(|record| record.state == State::Pruned).count();
        let seconds: f64 = self.records().map(|record| record.seconds).sum();
        let trials = format!("{n} trials, {pruned} of them pruned, {seconds:.0} seconds of work.");
        match self.best() {
            Some(best) => {
                let (number, point) = (best.number, &best.suggestion.point);
                format!("{trials} The best, {number}, has {}: {point}.", significant(best.value))
            }
            None => format!("{trials} None is complete."),
        }
    }

    /// Every complete trial, and the best value up to each.
    fn progress(&self) -> Chart {
        let complete: Vec<&Record> =
            self.records().filter(|r| r.state == State::Complete && !r.value.is_nan()).collect();
        let better = |a: f64, b: f64| match self.goal() {
            Goal::Min => a.min(b),
            Goal::Max => a.max(b),
        };
        let best = complete.iter().scan(f64::NAN, |best, record| {
            *best = better(*best, record.value);
            Some((record.number as f64, *best))
        });
        let mut chart = Chart::new("Best so far", "trial", "value");
        chart.series("trial", complete.iter().map(|r| (r.number as f64, r.value)), Mark::Points);
        chart.series("best so far", best, Mark::Line);
        chart
    }

    /// The value against a parameter; a choice has a series for each name.
    fn scatter(&self, param: &Param) -> Chart {
        let name = &param.name;
        let mut chart = Chart::new(name, name, "value");
        let points = |state: State, is_of: &dyn Fn(&Value) -> bool| {
            let at = |record: &Record| {
                let value = record.suggestion.point.get(name).filter(|value| is_of(value))?;
                let x = match value {
                    Value::Float(v) => *v,
                    Value::Int(v) => *v as f64,
                    Value::Choice(_) => param.domain.internal(value)?,
                };
                (record.state == state).then_some((x, record.value))
            };
            self.records().filter_map(at).collect::<Vec<_>>()
        };
        match &param.domain {
            Domain::Choice(names) => {
                chart.x_label = format!("{name}, in the order of the legend");
                for choice in names {
                    let is_of = |value: &Value| *value == Value::Choice(choice.clone());
                    chart.series(choice, points(State::Complete, &is_of), Mark::Points);
                }
            }
            Domain::Float { scale, .. } | Domain::Int { scale, .. } => {
                if *scale == crate::space::Scale::Log {
                    chart.x_scale = Scale::Log;
                }
                chart.series("complete", points(State::Complete, &|_| true), Mark::Points);
                let pruned = points(State::Pruned, &|_| true);
                if !pruned.is_empty() {
                    chart.series("pruned", pruned, Mark::Points);
                }
            }
        }
        chart
    }

    /// What was reported on the way, the best trials in colour.
    fn courses(&self) -> Chart {
        let course = |record: &Record| -> Vec<(f64, f64)> {
            record.reports.iter().map(|report| (report.step as f64, report.value)).collect()
        };
        let mut chart = Chart::new("Courses", "step", "value");
        let ranking = self.ranking();
        let (best, others) = ranking.split_at(SHOWN.min(ranking.len()));
        for record in others {
            chart.series("", course(record), Mark::Faint);
        }
        for record in best {
            chart.series(format!("trial {}", record.number), course(record), Mark::Line);
        }
        chart
    }

    fn importances(&self) -> Table {
        let mut table = Table::new(["parameter", "values", "explains of the ranks"]);
        for ((name, share), param) in self.importance().into_iter().zip(self.space().params()) {
            let share = share.map_or("–".to_owned(), |share| format!("{:.0} %", 100.0 * share));
            table.row([name, param.domain.to_string(), share]);
        }
        table
    }
}
