//! Modules made of modules, and plain fields that hold no parameter.

use gradus_core::{DType, Key, Shape};

use super::{Module, Path, Slot, SlotMut};
use crate::{Buffer, Param};

impl Module for Param {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        f(path, Slot::Param(self));
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        f(path, SlotMut::Param(self));
    }
}

impl Module for Buffer {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        f(path, Slot::Buffer(self));
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        f(path, SlotMut::Buffer(self));
    }
}

impl<M: Module> Module for [M] {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        for (i, module) in self.iter().enumerate() {
            path.with(i, |path| module.visit(path, f));
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        for (i, module) in self.iter_mut().enumerate() {
            path.with(i, |path| module.visit_mut(path, f));
        }
    }
}

impl<M: Module> Module for Vec<M> {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.as_slice().visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.as_mut_slice().visit_mut(path, f);
    }
}

impl<M: Module, const N: usize> Module for [M; N] {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.as_slice().visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.as_mut_slice().visit_mut(path, f);
    }
}

impl<M: Module> Module for Option<M> {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        if let Some(module) = self {
            module.visit(path, f);
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        if let Some(module) = self {
            module.visit_mut(path, f);
        }
    }
}

impl<M: Module + ?Sized> Module for Box<M> {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        (**self).visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        (**self).visit_mut(path, f);
    }
}

/// Stamps tuples, whose fields are named by their number.
macro_rules! tuple_module {
    ($($name:ident $i:tt),*) => {
        impl<$($name: Module),*> Module for ($($name,)*) {
            fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
                $(path.with(stringify!($i), |path| self.$i.visit(path, f));)*
            }

            fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
                $(path.with(stringify!($i), |path| self.$i.visit_mut(path, f));)*
            }
        }
    };
}
tuple_module!(A 0);
tuple_module!(A 0, B 1);
tuple_module!(A 0, B 1, C 2);
tuple_module!(A 0, B 1, C 2, D 3);

/// Stamps the types of fields that hold no parameter, so that a struct of layers and plain
/// settings can derive `Module`.
macro_rules! no_parameters {
    ($($ty:ty),*) => {$(
        impl Module for $ty {
            fn visit<'a>(&'a self, _: &mut Path, _: &mut dyn FnMut(&Path, Slot<'a>)) {}

            fn visit_mut<'a>(&'a mut self, _: &mut Path, _: &mut dyn FnMut(&Path, SlotMut<'a>)) {}
        }
    )*};
}
no_parameters!((), bool, u8, u32, u64, usize, i32, i64, isize, f32, f64, String, &'static str);
no_parameters!(DType, Key, Shape);

#[cfg(test)]
mod tests {
    use super::*;
    use gradus_tensor::Tensor;

    fn param() -> Param {
        Param::new(Tensor::from([1.0f32, 2.0]))
    }

    #[test]
    fn paths_name_places_in_lists() {
        let model: (Vec<Param>, Option<Box<dyn Module>>, usize) =
            (vec![param(), param()], Some(Box::new([param()])), 3);
        let names: Vec<_> = model.named_parameters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["0.0", "0.1", "1.0"]);
        assert_eq!(model.num_parameters(), 6);
    }

    #[test]
    fn both_visits_have_one_order() {
        let mut model = (param(), [Some(param()), None], Buffer::new(Tensor::from([0.0f32])));
        let names: Vec<_> = model.named_parameters().into_iter().map(|(name, _)| name).collect();
        let ids: Vec<_> = model.parameters().iter().map(|param| param.id()).collect();
        let (names_mut, ids_mut): (Vec<_>, Vec<_>) =
            model.named_parameters_mut().into_iter().map(|(name, p)| (name, p.id())).unzip();
        assert_eq!((names, ids), (names_mut, ids_mut));
        assert_eq!(model.named_buffers()[0].0, "2");
    }

    #[test]
    fn freezing_reaches_every_parameter() {
        let mut model = vec![param(), param()];
        model.freeze();
        assert!(model.parameters().iter().all(|param| !param.trainable()));
        model.unfreeze();
        assert!(model.parameters().iter().all(|param| param.trainable()));
    }
}
