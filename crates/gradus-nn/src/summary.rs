//! A table of what a model holds.

use std::fmt::Write as _;

use gradus_autograd::{Module, Path, Slot};

/// A table of a model's parameters and buffers: path, shape, count, and what is trained.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Activation, Linear, Sequential, summary};
///
/// let mut keys = Keys::new(7);
/// let model = Sequential::new().with(Linear::new(4, 8, &mut keys)?).with(Activation::Relu);
/// let table = summary(&model);
/// assert!(table.contains("0.weight"));
/// assert!(table.ends_with("40 parameters, 40 trainable\n"));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn summary(model: &(impl Module + ?Sized)) -> String {
    let mut rows = vec![["path", "shape", "count", "kind"].map(String::from)];
    let (mut total, mut trainable) = (0, 0);
    model.visit(&mut Path::new(), &mut |path, slot| {
        let value = slot.value();
        let kind = match slot {
            Slot::Buffer(_) => "buffer",
            Slot::Param(param) => {
                total += value.len();
                if param.trainable() {
                    trainable += value.len();
                    "trainable"
                } else {
                    "frozen"
                }
            }
        };
        let (shape, count) = (value.shape().to_string(), value.len().to_string());
        rows.push([path.to_string(), shape, count, kind.to_owned()]);
    });
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let [path, shape, count] = [0, 1, 2].map(|column| width(column).unwrap_or(0));
    let mut table = String::new();
    for [p, s, c, kind] in &rows {
        let _ = writeln!(table, "{p:<path$}  {s:<shape$}  {c:>count$}  {kind}");
    }
    let _ = writeln!(table, "{total} parameters, {trainable} trainable");
    table
}
