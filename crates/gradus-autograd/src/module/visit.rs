//! The trait [`Module`].

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::{Path, Slot, SlotMut, state};
use crate::{Buffer, Param, Result};

/// Something with parameters and buffers: a layer, a model, a list of either.
///
/// The two visits go through all of them in a fixed order, the order of the fields, and say where
/// each lives; everything else follows from them. `#[derive(Module)]` of `gradus-nn` writes both.
///
/// # Examples
/// ```
/// use gradus_autograd::{Module, Param, Path, Slot, SlotMut};
/// use gradus_tensor::Tensor;
/// struct Scale {
///     factor: Param,
/// }
/// impl Module for Scale {
///     fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
///         path.with("factor", |path| self.factor.visit(path, f));
///     }
///     fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
///         path.with("factor", |path| self.factor.visit_mut(path, f));
///     }
/// }
/// let model = vec![Scale { factor: Param::new(Tensor::from([1.0f32, 2.0])) }];
/// assert_eq!(model.named_parameters()[0].0, "0.factor");
/// assert_eq!(model.num_parameters(), 2);
/// ```
pub trait Module {
    /// Calls `f` with every parameter and buffer and its path.
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>));

    /// Calls `f` with every parameter and buffer, to be changed, and its path; in the order of
    /// [`Module::visit`].
    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>));

    /// The parameters with their paths.
    fn named_parameters(&self) -> Vec<(String, &Param)> {
        let mut out = Vec::new();
        self.visit(&mut Path::new(), &mut |path, slot| {
            if let Slot::Param(param) = slot {
                out.push((path.to_string(), param));
            }
        });
        out
    }

    /// The parameters with their paths, to be changed.
    fn named_parameters_mut(&mut self) -> Vec<(String, &mut Param)> {
        let mut out = Vec::new();
        self.visit_mut(&mut Path::new(), &mut |path, slot| {
            if let SlotMut::Param(param) = slot {
                out.push((path.to_string(), param));
            }
        });
        out
    }

    /// The parameters.
    fn parameters(&self) -> Vec<&Param> {
        self.named_parameters().into_iter().map(|(_, param)| param).collect()
    }

    /// The buffers with their paths.
    fn named_buffers(&self) -> Vec<(String, &Buffer)> {
        let mut out = Vec::new();
        self.visit(&mut Path::new(), &mut |path, slot| {
            if let Slot::Buffer(buffer) = slot {
                out.push((path.to_string(), buffer));
            }
        });
        out
    }

    /// How many numbers the parameters have together, frozen ones included.
    fn num_parameters(&self) -> usize {
        self.parameters().iter().map(|param| param.len()).sum()
    }

    /// Stops the training of every parameter.
    fn freeze(&mut self) {
        self.visit_mut(&mut Path::new(), &mut |_, slot| {
            if let SlotMut::Param(param) = slot {
                param.freeze();
            }
        });
    }

    /// Trains every parameter again.
    fn unfreeze(&mut self) {
        self.visit_mut(&mut Path::new(), &mut |_, slot| {
            if let SlotMut::Param(param) = slot {
                param.unfreeze();
            }
        });
    }

    /// The values of all parameters and buffers by path.
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let mut out = BTreeMap::new();
        self.visit(&mut Path::new(), &mut |path, slot| {
            out.insert(path.to_string(), slot.value());
        });
        out
    }

    /// Sets all parameters and buffers, all or none.
    ///
    /// # Errors
    /// [`Error::MissingState`](crate::Error::MissingState) and
    /// [`Error::UnexpectedState`](crate::Error::UnexpectedState) if the names differ,
    /// [`Error::StateShape`](crate::Error::StateShape) and
    /// [`Error::StateDType`](crate::Error::StateDType) if a value does not fit. The module is then
    /// unchanged.
    fn load_state_dict(&mut self, state: &BTreeMap<String, Tensor>) -> Result<()> {
        state::check(&self.state_dict(), state)?;
        let mut result = Ok(());
        self.visit_mut(&mut Path::new(), &mut |path, slot| {
            let value = state[&path.to_string()].clone();
            let set = match slot {
                SlotMut::Param(param) => param.set_value(value),
                SlotMut::Buffer(buffer) => buffer.set(value),
            };
            if result.is_ok() {
                result = set;
            }
        });
        result
    }
}
