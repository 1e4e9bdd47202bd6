//! The tensor type and access to its elements.

use std::sync::Arc;

use gradus_core::{DType, Dim, Layout, Shape};
use gradus_cpu::memory::{Block, IntoBlock, take};
use gradus_cpu::strided::copy_strided;

use crate::dtypes::{every, require};
use crate::elements::Elements;
use crate::storage::{Storage, Stored};
use crate::{Device, Element, Error, Result};

/// An n-dimensional array: an immutable value that shares its storage with its views.
///
/// A clone or a view costs a reference count. Every op makes a new tensor.
///
/// # Examples
/// ```
/// use gradus_tensor::{DType, Tensor};
/// let x = Tensor::arange(0.0, 6.0, 1.0, DType::F32)?.reshape([2, 3])?;
/// assert_eq!(x.t()?.select(0, 1)?.to_vec::<f32>()?, [1.0, 4.0]);
/// assert_eq!(x.sum(..)?.item()?, 15.0);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor {
    storage: Arc<Storage>,
    layout: Layout,
}

impl Tensor {
    /// A row-major tensor; `data` has as many elements as `shape`.
    pub(crate) fn from_data<D>(data: D, shape: impl Into<Shape>) -> Self
    where
        D: IntoBlock<Element: Element>,
    {
        let (data, layout) = (data.into_block(), Layout::contiguous(shape));
        debug_assert_eq!(data.len(), layout.len());
        Self { storage: Arc::new(D::Element::store(data)), layout }
    }

    /// Another view of the same storage.
    pub(crate) fn with_layout(&self, layout: Layout) -> Self {
        Self { storage: Arc::clone(&self.storage), layout }
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.storage.dtype()
    }

    /// Where the elements live.
    pub fn device(&self) -> Device {
        Device::Cpu
    }

    /// The extents.
    pub fn shape(&self) -> &Shape {
        self.layout.shape()
    }

    /// The extents, as a slice.
    pub fn dims(&self) -> &[usize] {
        self.layout.dims()
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.layout.rank()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.layout.is_empty()
    }

    /// The extent of one dimension.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    pub fn size(&self, dim: impl Into<Dim>) -> Result<usize> {
        Ok(self.dims()[dim.into().resolve("size", self.rank())?])
    }

    /// How the elements lie in the storage.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether the elements lie in row-major order without gaps.
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_contiguous()
    }

    /// The only element, of any dtype, as `f64`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] if there is not exactly one element.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::new([[7]]).item()?, 7.0);
    /// assert!(Tensor::new([1, 2]).item().is_err());
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn item(&self) -> Result<f64> {
        if self.len() != 1 {
            let (expected, got) = ("exactly one element".into(), self.shape().clone());
            return Err(gradus_core::Error::UnexpectedShape { op: "item", expected, got }.into());
        }
        Ok(every!(self.dtype(), T => self.block::<T>()[self.layout.offset()].to_f64()))
    }

    /// The elements in row-major order.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if `T` is not the dtype.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        require("to_vec", T::DTYPE, self.dtype())?;
        Ok(self.elements::<T>().to_vec())
    }

    /// The elements of a contiguous tensor, in place.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if `T` is not the dtype, or
    /// [`Error::NotContiguous`].
    pub fn as_slice<T: Element>(&self) -> Result<&[T]> {
        require("as_slice", T::DTYPE, self.dtype())?;
        self.slice().ok_or_else(|| Error::NotContiguous {
            op: "as_slice",
            shape: self.shape().clone(),
            strides: self.layout.strides().to_vec(),
        })
    }

    /// The elements to be overwritten, in row-major order: in place if no other tensor sees them,
    /// else in a copy, which the tensor then has for itself.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if `T` is not the dtype.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let mut x = Tensor::new([1.0, 2.0]);
    /// let before = x.clone();
    /// x.make_mut::<f32>()?[0] = 5.0;
    /// assert_eq!(x.to_vec::<f32>()?, [5.0, 2.0]);
    /// assert_eq!(before.to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    #[expect(clippy::missing_panics_doc, reason = "it cannot: a copy is nobody else's")]
    pub fn make_mut<T: Element>(&mut self) -> Result<&mut [T]> {
        require("make_mut", T::DTYPE, self.dtype())?;
        if self.unique::<T>().is_none() {
            let copy = self.elements::<T>().into_owned();
            *self = Self::from_data(copy, self.shape().clone());
        }
        Ok(self.unique().expect("a tensor that was just made is nobody else's"))
    }

    /// The same elements in row-major order; without a copy if they are so already.
    pub fn contiguous(&self) -> Self {
        if self.is_contiguous() {
            return self.clone();
        }
        every!(self.dtype(), T => Self::from_data(self.gathered(take::<T>(self.len())), self.shape()))
    }

    /// The whole storage. The caller has dispatched on the dtype.
    pub(crate) fn block<T: Element>(&self) -> &[T] {
        T::of(&self.storage).expect("the caller dispatched on the dtype")
    }

    /// The elements, if they lie in row-major order. The caller has dispatched on the dtype.
    pub(crate) fn slice<T: Element>(&self) -> Option<&[T]> {
        if self.is_empty() {
            return Some(&[]);
        }
        self.layout.contiguous_range().map(|range| &self.block()[range])
    }

    /// The elements in row-major order, copied only if they lie otherwise. The caller has
    /// dispatched on the dtype.
    pub(crate) fn elements<T: Element>(&self) -> Elements<'_, T> {
        self.slice()
            .map_or_else(|| Elements::Gathered(self.gathered(take(self.len()))), Elements::Borrowed)
    }

    /// The elements to be overwritten, if nobody else can see them and they are the whole storage.
    pub(crate) fn unique<T: Element>(&mut self) -> Option<&mut [T]> {
        if !self.is_contiguous() {
            return None;
        }
        let len = self.len();
        let data = T::of_mut(Arc::get_mut(&mut self.storage)?)?;
        (data.len() == len).then_some(&mut **data)
    }

    /// Fills `out` with the elements in row-major order.
    fn gathered<T: Element>(&self, mut out: Block<T>) -> Block<T> {
        copy_strided(self.block::<T>(), &self.layout, &mut out);
        out
    }
}

impl AsRef<Self> for Tensor {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// The element count of a result.
///
/// # Errors
/// [`Error::TooLarge`] if memory cannot hold it.
pub(crate) fn checked_len(op: &'static str, shape: &Shape, dtype: DType) -> Result<usize> {
    /// Below this, an allocation is not probed first.
    const SMALL: usize = 1 << 30;
    addressable(op, shape)?;
    let too_large = || Error::TooLarge { op, shape: shape.clone() };
    let len = shape.len();
    let bytes = len.checked_mul(dtype.size_in_bytes()).ok_or_else(too_large)?;
    if bytes > SMALL {
        Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| too_large())?;
    }
    Ok(len)
}

/// Fails if a product of some of the extents overflows, also where another extent is 0.
///
/// # Errors
/// [`Error::TooLarge`].
pub(crate) fn addressable(op: &'static str, shape: &Shape) -> Result<()> {
    let occupied: Shape = shape.dims().iter().map(|&d| d.max(1)).collect();
    match occupied.checked_len() {
        Some(_) => Ok(()),
        None => Err(Error::TooLarge { op, shape: shape.clone() }),
    }
}
