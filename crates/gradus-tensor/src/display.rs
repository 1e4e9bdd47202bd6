//! How tensors print: as NumPy's arrays.

use std::fmt;

use crate::dtypes::every;
use crate::{Element, Tensor};

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        every!(self.dtype(), T => {
            let items: Vec<String> =
                self.elements::<T>().iter().map(|x| x.to_f64().to_string()).collect();
            nested(f, &items, self.dims())
        })
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn nested(f: &mut fmt::Formatter<'_>, items: &[String], dims: &[usize]) -> fmt::Result {
    let [extent, inner @ ..] = dims else { return f.write_str(&items[0]) };
    f.write_str("[")?;
    let len: usize = inner.iter().product();
    for i in 0..*extent {
        if i > 0 {
            f.write_str(", ")?;
        }
        nested(f, &items[i * len..][..len], inner)?;
    }
    f.write_str("]")
}
