//! Step 5: the trade-off where it is known exactly, without any training.

use anyhow::Result;
use gradus::generate::exact::{TradeOff, trade_offs};
use gradus::train::report::{Chart, Mark, Table};

use crate::Tour;

pub(crate) fn run(tour: &mut Tour) -> Result<()> {
    tour.begin("5. The trade-off, exactly");
    let rows = trade_offs()?;
    let mut table = Table::new(["strategy", "calls", "KL(p‖q)", "KL(q‖p)", "NLL", "entropy"]);
    for row in &rows {
        let law = [row.law.kl_pq, row.law.kl_qp, row.law.nll, row.law.entropy];
        let cells = [row.name.to_owned(), format!("{:.2}", row.calls)];
        // Rounding may leave −0; an exact strategy is at 0.
        table.row(
            cells
                .into_iter()
                .chain(law.map(|v| format!("{:.6}", v + 0.0).replace("-0.000000", "0.000000"))),
        );
    }
    print!("{table}");
    tour.page
        .paragraph(
            "The law p is a binary Markov chain of length 8 (uniform start, a flip with \
             probability 0.1), and the model knows it perfectly. The law q of every strategy is \
             enumerated, so these distances, in nats, have no error: what is lost is lost by \
             drawing positions together, or by preferring what is likely. A plan drawn one by one \
             and details in one go lose nothing here. The biased orders reach a better likelihood \
             (NLL) than the data themselves, and pay for it with diversity (entropy).",
        )
        .table(&table)
        .chart(&chart(&rows))?;
    for (name, short) in [
        ("Ar", "AR"),
        ("Parallel: one shot", "NAR in one go"),
        ("Then: Ar on even, one call on odd", "AR+NAR, plan then details"),
    ] {
        if let Some(row) = rows.iter().find(|r| r.name == name) {
            let value = format!("{:.6} nats in {:.0} calls", row.law.kl_qp.abs(), row.calls);
            tour.found(format!("exact: KL(q‖p) of {short}"), value);
        }
    }
    Ok(())
}

/// Distance against calls, by family.
fn chart(rows: &[TradeOff]) -> Chart {
    let mut chart =
        Chart::new("Distance to the law against calls of the model", "calls", "KL(q‖p), nats");
    let family = |name: &str| match name {
        n if n.starts_with("Ar") => "AR",
        n if n.starts_with("Then") || n.starts_with("Blocks") => "AR+NAR",
        n if n.contains("biased") => "NAR, biased order",
        _ => "NAR",
    };
    for wanted in ["AR", "NAR", "AR+NAR", "NAR, biased order"] {
        let points = rows.iter().filter(|r| family(r.name) == wanted);
        chart.series(wanted, points.map(|r| (r.calls, r.law.kl_qp)), Mark::Points);
    }
    chart
}
