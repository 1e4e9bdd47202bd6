//! One piece after the other, all at once, or both: calls of the model against distance to the
//! data, exactly.
//!
//! `cargo run --release --example pieces_or_all`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::generate::exact::{TradeOff, trade_offs};
use gradus::train::report::Table;
use gradus_examples::{Anchor, Experiment, Ink, Plane, planes};

/// The strategies that the guide speaks of, and what it calls them.
const FIGURES: [(&str, &str); 8] = [
    ("Ar", "ar"),
    ("Ar at temperature 0.8", "ar_temperature_08"),
    ("Parallel: one shot", "one_shot"),
    ("Parallel: even together, then odd together", "even_then_odd"),
    ("Parallel: Dyadic", "halving"),
    ("Then: Ar on even, one call on odd", "plan_then_details"),
    ("Blocks(4): one shot inside", "blocks_of_4"),
    ("Parallel: Sampled (biased), 1 per call", "biased"),
];

/// What a strategy is, by its name.
fn family(name: &str) -> &'static str {
    match name {
        n if n.starts_with("Ar at") => "AR, cooled",
        n if n.starts_with("Ar") => "AR",
        n if n.starts_with("Then") || n.starts_with("Blocks") => "AR+NAR",
        n if n.contains("biased") => "NAR, biased",
        _ => "NAR",
    }
}

fn main() -> Result<()> {
    let about = "The exact trade-off between calls of the model and distance to the data";
    let mut experiment = Experiment::begin("pieces_or_all", about);
    let rows = trade_offs()?;
    let mut table = Table::new(["strategy", "family", "calls", "KL(p‖q)", "−log p", "entropy"]);
    for row in &rows {
        // Rounding may leave a distance of −10⁻¹⁷.
        let law = [row.law.kl_pq.max(0.0), row.law.nll, row.law.entropy];
        let first = [row.name.to_owned(), family(row.name).to_owned(), format!("{:.2}", row.calls)];
        table.row(first.into_iter().chain(law.map(|value| format!("{value:.6}"))));
    }
    for (name, figure) in FIGURES {
        for row in rows.iter().filter(|row| row.name == name) {
            experiment.figure(format!("{figure}_calls"), row.calls);
            experiment.figure(format!("{figure}_kl"), row.law.kl_pq.max(0.0));
        }
    }
    experiment.print(&table)?;
    experiment.picture("pieces_or_all", &chart(&rows)?)?;
    experiment.finish()
}

/// What stands beside a dot, and where; not all have room for words.
const LABELS: [(&str, &str, Anchor, f64); 11] = [
    ("Ar", "one piece after the other", Anchor::End, -0.2),
    ("Ar at temperature 0.6", "the same at temperature 0.6", Anchor::End, 0.0),
    ("Then: Ar on even, one call on odd", "a plan, then the details", Anchor::Start, 0.15),
    ("Blocks(2): one shot inside", "neighbours in pairs", Anchor::Start, 0.0),
    ("Blocks(4): one shot inside", "left half, then right half", Anchor::Start, 0.0),
    ("Parallel: one shot", "all in one go", Anchor::Start, 0.0),
    ("Parallel: even together, then odd together", "even, then odd", Anchor::End, 0.0),
    ("Parallel: Dyadic", "by halving", Anchor::End, -0.2),
    ("Parallel: Random [2, 2, 2, 2]", "two at random a call", Anchor::End, 0.07),
    ("Parallel: Sampled (biased), 1 per call", "the surest value first", Anchor::End, -0.25),
    ("Parallel: Sampled (biased), 2 per call", "the two surest values first", Anchor::Start, 0.0),
];

/// Distance against calls, coloured by family.
fn chart(rows: &[TradeOff]) -> Result<String> {
    let labels = ["calls of the model per object", "distance to the data, KL(p‖q) in nats"];
    let title = "blue: AR · orange: NAR · green: AR+NAR · pink: biased on purpose";
    let mut plane = Plane::new(title, labels, [0.5, 8.5], [-0.4, 4.8]);
    // The first strategies lie over those that end at the same place.
    for row in rows.iter().rev() {
        let ink = match family(row.name) {
            "AR" => Ink::Blue,
            "NAR" => Ink::Orange,
            "AR+NAR" => Ink::Green,
            _ => Ink::Pink,
        };
        let at = (row.calls, row.law.kl_pq.max(0.0));
        plane.dot(at, ink, 10);
        for (_, label, anchor, raised) in LABELS.iter().filter(|label| label.0 == row.name) {
            let aside = match anchor {
                Anchor::Start => 0.12,
                Anchor::End => -0.12,
                Anchor::Middle => 0.0,
            };
            plane.anchored((at.0 + aside, at.1 + raised), *anchor, *label, Ink::Black, 24);
        }
    }
    planes("Eight bits whose law is known exactly: what haste costs", &[(860, vec![plane])])
}
