//! `pixel_shuffle`, `pixel_unshuffle`, `channel_shuffle`: elements moved between channels and places.

use super::adaptive_pool::require_spatial;
use crate::{Result, Var};

impl Var {
    /// Each group of `r²` channels laid out as `r × r` places.
    ///
    /// # Shapes
    /// `[B, C·r², H, W]` → `[B, C, H·r, W·r]`
    ///
    /// # Errors
    /// If the rank is not 4, or `r²` is 0 or does not divide the channels.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.nn.functional.pixel_shuffle`
    pub fn pixel_shuffle(&self, r: usize) -> Result<Self> {
        let op = "pixel_shuffle";
        require_spatial(op, self, 2)?;
        let [batch, channels, height, width] = extents(self);
        require_divisor(op, r.saturating_mul(r), channels)?;
        let c = channels / (r * r);
        let x = self.reshape([batch, c, r, r, height, width])?;
        x.permute(&[0, 1, 4, 2, 5, 3])?.reshape([batch, c, height * r, width * r])
    }

    /// Each square of `r × r` places laid out as `r²` channels: [`Var::pixel_shuffle`] undone.
    ///
    /// # Shapes
    /// `[B, C, H·r, W·r]` → `[B, C·r², H, W]`
    ///
    /// # Errors
    /// If the rank is not 4, or `r` is 0 or does not divide height and width.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.nn.functional.pixel_unshuffle`
    pub fn pixel_unshuffle(&self, r: usize) -> Result<Self> {
        let op = "pixel_unshuffle";
        require_spatial(op, self, 2)?;
        let [batch, channels, height, width] = extents(self);
        require_divisor(op, r, height)?;
        require_divisor(op, r, width)?;
        let (h, w) = (height / r, width / r);
        let x = self.reshape([batch, channels, h, r, w, r])?;
        x.permute(&[0, 1, 3, 5, 2, 4])?.reshape([batch, channels * r * r, h, w])
    }

    /// Channels in the order that takes one of each of `groups` groups in turn.
    ///
    /// # Shapes
    /// `[B, C, ...]` → the same
    ///
    /// # Errors
    /// If the rank is below 2, or `groups` is 0 or does not divide the channels.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.nn.functional.channel_shuffle`
    pub fn channel_shuffle(&self, groups: usize) -> Result<Self> {
        let op = "channel_shuffle";
        let [batch, channels, ref rest @ ..] = *self.dims() else {
            let (expected, got) = ("[batch, channels, ...]".into(), self.shape().clone());
            return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
        };
        require_divisor(op, groups, channels)?;
        let each = channels / groups;
        let x = self.reshape([&[batch, groups, each][..], rest].concat())?;
        x.transpose(1, 2)?.reshape(self.shape())
    }
}

/// The extents of a variable of rank 4.
fn extents(x: &Var) -> [usize; 4] {
    x.dims().try_into().expect("the caller checked the rank")
}

fn require_divisor(op: &'static str, divisor: usize, of: usize) -> Result<()> {
    if divisor > 0 && of.is_multiple_of(divisor) {
        return Ok(());
    }
    let (name, expected) = ("factor", "a divisor of the extents it splits");
    let got = format!("{divisor} for {of}");
    Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].pixel_shuffle(2), &[normal([1, 8, 2, 3], 1)]);
        check_op(|x| x[0].pixel_unshuffle(2), &[normal([2, 1, 4, 2], 1)]);
        check_op(|x| x[0].channel_shuffle(2), &[normal([2, 4, 2], 1)]);
    }

    #[test]
    fn one_undoes_the_other() {
        let x = Var::from(normal([2, 12, 3, 2], 1));
        assert_eq!(
            elements(&x.pixel_shuffle(2).unwrap().pixel_unshuffle(2).unwrap()),
            elements(&x)
        );
        let back = x.channel_shuffle(3).unwrap().channel_shuffle(4).unwrap();
        assert_eq!(elements(&back), elements(&x));
        assert!(x.pixel_shuffle(5).is_err() && x.pixel_shuffle(0).is_err());
        assert!(x.pixel_unshuffle(2).is_err() && x.channel_shuffle(0).is_err());
    }
}
