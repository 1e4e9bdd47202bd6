//! Which parameters are trained, by path.

use gradus_autograd::{Module, Param};

/// Stops the training of the parameters whose path is chosen, and says how many there are.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Linear, Module, Sequential, freeze_where, unfreeze_where};
///
/// let mut keys = Keys::new(7);
/// let mut model =
///     Sequential::new().with(Linear::new(4, 8, &mut keys)?).with(Linear::new(8, 2, &mut keys)?);
/// model.freeze();
/// assert_eq!(unfreeze_where(&mut model, |path| path.starts_with("1.")), 2); // the last layer
/// assert_eq!(freeze_where(&mut model, |path| path.ends_with("bias")), 2);
/// let trained: Vec<_> = model.named_parameters().into_iter().filter(|(_, p)| p.trainable()).collect();
/// assert_eq!((trained.len(), trained[0].0.as_str()), (1, "1.weight"));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn freeze_where(model: &mut (impl Module + ?Sized), chosen: impl Fn(&str) -> bool) -> usize {
    each(model, chosen, Param::freeze)
}

/// Trains the parameters whose path is chosen again, and says how many there are.
pub fn unfreeze_where(model: &mut (impl Module + ?Sized), chosen: impl Fn(&str) -> bool) -> usize {
    each(model, chosen, Param::unfreeze)
}

fn each(
    model: &mut (impl Module + ?Sized),
    chosen: impl Fn(&str) -> bool,
    f: impl Fn(&mut Param),
) -> usize {
    let mut count = 0;
    for (path, param) in model.named_parameters_mut() {
        if chosen(&path) {
            f(param);
            count += 1;
        }
    }
    count
}
