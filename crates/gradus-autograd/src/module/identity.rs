//! Two modules with the same parameters.

use super::{Module, Path, SlotMut};
use crate::{LeafId, Param};

/// Gives the parameters of a clone the identities of the original's, so that gradients by the one are
/// gradients by the other.
pub(crate) fn share_identities(original: &impl Module, clone: &mut impl Module) {
    let ids: Vec<LeafId> = original.parameters().into_iter().map(Param::id).collect();
    let mut ids = ids.into_iter();
    clone.visit_mut(&mut Path::new(), &mut |_, slot| {
        if let SlotMut::Param(param) = slot
            && let Some(id) = ids.next()
        {
            param.set_id(id);
        }
    });
}
