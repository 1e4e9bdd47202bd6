//! Step 1: a number. Linear regression with and without feature scaling.

use anyhow::Result;
use gradus::data::{Fit, StandardScalerConfig, TrainRows, Transform, random_split};
use gradus::models::LinearRegression;
use gradus::nn::cast;
use gradus::nn::loss::{Reduction, mse};
use gradus::optim::Sgd;
use gradus::prelude::*;
use gradus::train::report::{Chart, Mark, Scale, Table};
use gradus::train::rmse;
use gradus_examples::Nuclei;
use indicatif::ProgressBar;

use crate::Tour;

/// The loss to be reached: a tenth of the target's variance is left unexplained.
const GOAL: f64 = 0.1;
const MOST_STEPS: usize = 4_000;

/// One descent: the loss before each step, and the error on held-out rows.
struct Descent {
    rate: f64,
    losses: Vec<f64>,
    error: f64,
}

impl Descent {
    fn steps_to_goal(&self) -> Option<usize> {
        self.losses.iter().position(|&loss| loss <= GOAL)
    }
}

pub(crate) fn run(tour: &mut Tour) -> Result<()> {
    tour.begin("1. A number: linear regression, with and without feature scaling");
    let nuclei = Nuclei::load()?;
    let n = nuclei.features.size(0)?;
    let [train, test] = random_split(n, [0.8, 0.2], tour.key)?;
    let rows = |t: &Tensor, part: &[usize]| {
        t.index_select(0, &Tensor::from(part.iter().map(|&i| i as i64).collect::<Vec<_>>()))
    };
    let [x_train, x_test] = [rows(&nuclei.features, &train)?, rows(&nuclei.features, &test)?];
    let [y_train, y_test] =
        [rows(&nuclei.largest_area, &train)?, rows(&nuclei.largest_area, &test)?];

    // The target is scaled in both runs, so that the two losses mean the same.
    let target =
        StandardScalerConfig::default().fit(&TrainRows::select(&nuclei.largest_area, &train)?)?;
    let scaler =
        StandardScalerConfig::default().fit(&TrainRows::select(&nuclei.features, &train)?)?;
    let y = target.transform(&y_train)?;
    let error = |x: &Tensor, model: &LinearRegression| -> Result<f64> {
        let scaled = model.forward(&Var::from(x), &mut Ctx::eval())?;
        Ok(rmse(&target.inverse_transform(scaled.value())?, &y_test)?)
    };
    let raw = descend(tour, &x_train, &y, |m| error(&x_test, m))?;
    let (s_train, s_test) = (scaler.transform(&x_train)?, scaler.transform(&x_test)?);
    let scaled = descend(tour, &s_train, &y, |m| error(&s_test, m))?;
    let baseline = rmse(&y_train.mean(..)?.expand(y_test.shape())?, &y_test)?;
    report(tour, &raw, &scaled, baseline)
}

/// Full-batch gradient descent from zero, with the largest rate that is safe for these features.
fn descend(
    tour: &Tour,
    x: &Tensor,
    y: &Tensor,
    error: impl Fn(&LinearRegression) -> Result<f64>,
) -> Result<Descent> {
    let rate = safe_rate(x)?;
    // 1. A set of functions: y = x Wᵀ + b.
    let mut model = LinearRegression::new(x.size(1)?, 1, &mut Keys::from(tour.key))?;
    cast(&mut model, x.dtype())?;
    for (_, param) in model.named_parameters_mut() {
        param.set_value(param.value().zeros_like())?;
    }
    // 3. The best of them, by gradient descent …
    let mut optimizer = Sgd { lr: rate, ..Sgd::default() }.init()?;
    let (x, y) = (Var::from(x), Var::from(y));
    let mut losses = Vec::with_capacity(MOST_STEPS);
    let bar = ProgressBar::new(MOST_STEPS as u64);
    for _ in 0..MOST_STEPS {
        // 2. … on the goodness of a function: its mean squared error.
        let loss = mse(&model.forward(&x, &mut Ctx::eval())?, &y, Reduction::Mean)?;
        losses.push(loss.item()?);
        optimizer.step(&mut model, &loss.backward()?)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Descent { rate, error: error(&model)?, losses })
}

/// 1/λ for the largest curvature λ of the mean squared error: the descent can never diverge.
fn safe_rate(x: &Tensor) -> Result<f64> {
    let ones = Tensor::ones([x.size(0)?, 1], x.dtype())?; // the bias is a feature of ones
    let x = Tensor::cat(&[x, &ones], 1)?;
    let hessian = x.t()?.matmul(&x)?.mul_scalar(2.0 / x.size(0)? as f64)?;
    let (curvatures, _) = hessian.eigh()?;
    Ok(1.0 / curvatures.max(..)?.item()?)
}

fn report(tour: &mut Tour, raw: &Descent, scaled: &Descent, baseline: f64) -> Result<()> {
    let steps = |d: &Descent| {
        d.steps_to_goal().map_or(format!("not in {MOST_STEPS}"), |steps| steps.to_string())
    };
    let mut table =
        Table::new(["features", "learning rate", "steps to loss 0.1", "last loss", "RMSE"]);
    let mut chart = Chart::new("Mean squared error (scaled target)", "step", "loss");
    (chart.x_scale, chart.y_scale) = (Scale::Log, Scale::Log);
    for (name, d) in [("as measured", raw), ("scaled", scaled)] {
        let last = d.losses.last().copied().unwrap_or(f64::NAN);
        let (rate, last) = (format!("{:.1e}", d.rate), format!("{last:.4}"));
        table.row([name.to_owned(), rate, steps(d), last, format!("{:.0}", d.error)]);
        let points = d.losses.iter().enumerate().map(|(i, &loss)| ((i + 1) as f64, loss));
        chart.series(name, points, Mark::Line);
    }
    print!("{table}");
    tour.page.paragraph(
        "Predicted: the area of the largest cell nuclei of an image, from ten measures of its \
         average nucleus. The measures differ a thousandfold in size. Both descents start at zero \
         and use the largest rate that cannot diverge; the error is on held-out rows, in the \
         images' own units of area.",
    );
    tour.page.table(&table).chart(&chart)?;
    tour.found("regression: steps to loss 0.1, as measured", steps(raw));
    tour.found("regression: steps to loss 0.1, scaled", steps(scaled));
    tour.found("regression: RMSE as measured", format!("{:.0}", raw.error));
    tour.found("regression: RMSE scaled", format!("{:.0}", scaled.error));
    tour.found("regression: RMSE of always answering the mean", format!("{baseline:.0}"));
    Ok(())
}
