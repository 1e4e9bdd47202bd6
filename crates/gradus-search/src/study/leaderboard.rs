//! The best trials as a table.

use gradus_train::report::Table;

use super::studies::Study;
use crate::record::{Record, State};
use crate::space::significant;

impl Study {
    /// The finished trials, the best first: complete ones before those that were pruned, and larger
    /// budgets before smaller ones.
    pub fn ranking(&self) -> Vec<&Record> {
        let mut records: Vec<&Record> = self.records().collect();
        records.sort_by(|a, b| {
            let key =
                |r: &Record| (r.state == State::Pruned, std::cmp::Reverse(r.suggestion.budget));
            key(a).cmp(&key(b)).then(self.cost(a).total_cmp(&self.cost(b)))
        });
        records
    }

    /// The best trials as a table: value, parameters, and how they ended.
    ///
    /// # Examples
    /// ```
    /// # use gradus_search::{Domain, RunConfig, Space, StudyConfig};
    /// # let space = Space::builder("parabola").with("x", Domain::float(-5.0, 5.0)).build()?;
    /// let mut study = StudyConfig::new(space).init()?;
    /// study.run(RunConfig::new(20), |trial| Ok(trial.point().float("x")?.abs()))?;
    /// let table = study.leaderboard(3);
    /// assert_eq!(table.header(), ["trial", "value", "x", "state", "seconds"]);
    /// assert_eq!(table.rows().len(), 3);
    /// # Ok::<(), gradus_search::Error>(())
    /// ```
    pub fn leaderboard(&self, n: usize) -> Table {
        let budgets = self.records().any(|record| record.suggestion.budget.is_some());
        let names = self.space().params().iter().map(|param| param.name.clone());
        let header = ["trial", "value"].map(str::to_owned).into_iter();
        let header = header.chain(budgets.then(|| "budget".to_owned())).chain(names);
        let mut table = Table::new(header.chain(["state", "seconds"].map(str::to_owned)));
        for record in self.ranking().into_iter().take(n) {
            let point = &record.suggestion.point;
            let value = |name: &str| point.get(name).map_or("–".to_owned(), ToString::to_string);
            let mut cells = vec![record.number.to_string(), significant(record.value)];
            if budgets {
                cells.push(record.suggestion.budget.map_or("–".to_owned(), |b| b.to_string()));
            }
            cells.extend(self.space().params().iter().map(|param| value(&param.name)));
            cells.push(match record.state {
                State::Complete => "complete".to_owned(),
                State::Pruned => match record.reports.last() {
                    Some(last) => format!("pruned at {}", last.step),
                    None => "pruned".to_owned(),
                },
            });
            cells.push(format!("{:.1}", record.seconds));
            table.row(cells);
        }
        table
    }
}
