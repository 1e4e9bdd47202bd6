//! What the microkernel asks of a register.

/// A SIMD register. All methods are inlined into a function that has the instructions.
///
/// # Safety
/// Every method: the machine has the instructions of the implementing type. Loads and stores:
/// the lanes that are touched are valid memory; masked-out lanes are not touched.
pub(crate) trait Vector: Copy {
    type Elem: Copy;
    type Mask: Copy;
    const LANES: usize;
    /// The first `n` lanes, or all if there are fewer.
    unsafe fn mask(n: usize) -> Self::Mask;
    unsafe fn zero() -> Self;
    unsafe fn splat(x: Self::Elem) -> Self;
    unsafe fn load(p: *const Self::Elem) -> Self;
    unsafe fn load_masked(p: *const Self::Elem, mask: Self::Mask) -> Self;
    unsafe fn store(self, p: *mut Self::Elem);
    unsafe fn store_masked(self, p: *mut Self::Elem, mask: Self::Mask);
    unsafe fn add(self, other: Self) -> Self;
    /// `self * b + c`, fused where the level fuses.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
    /// Writes the transpose of a `LANES × LANES` block: `dst[j][i] = src[i][j]`.
    unsafe fn transpose(
        src: *const Self::Elem,
        src_stride: usize,
        dst: *mut Self::Elem,
        dst_stride: usize,
    );
}
