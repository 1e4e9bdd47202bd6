//! What the microkernel asks of a register.

/// A SIMD register. All methods are inlined into a function that has the instructions.
///
/// # Safety
/// Every method: the machine has the instructions of the implementing type. Loads and stores:
/// the lanes that are touched are valid memory; masked-out lanes are not touched.
pub(crate) trait Vector: Copy + 'static {
    type Elem: Copy;
    type Mask: Copy;
    const LANES: usize;
    /// The first `n` lanes, or all if there are fewer.
    unsafe fn mask(n: usize) -> Self::Mask;
    unsafe fn zero() -> Self;
    unsafe fn splat(x: Self::Elem) -> Self;
    unsafe fn load(p: *const Self::Elem) -> Self;
    unsafe fn load_masked(p: *const Self::Elem, mask: Self::Mask) -> Self;
    /// Half of the lanes from `low`, the other half from `high`.
    unsafe fn load_halves(low: *const Self::Elem, high: *const Self::Elem) -> Self;
    unsafe fn store(self, p: *mut Self::Elem);
    unsafe fn store_masked(self, p: *mut Self::Elem, mask: Self::Mask);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    /// `self * b + c`, fused where the level fuses.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
    /// The lanes of both by turns: `self`, `other`, `self`, …
    unsafe fn interleave(self, other: Self) -> [Self; 2];
    /// The even lanes of `self` and then of `other`, and the odd lanes.
    unsafe fn deinterleave(self, other: Self) -> [Self; 2];
    /// Asks for the line of `p` to be brought into L2; any address will do.
    #[inline(always)]
    unsafe fn prefetch(_p: *const Self::Elem) {}
    /// `LANES` registers.
    type Square: Copy + AsRef<[Self]>;
    /// The transpose of `rows × cols` elements (both at most `LANES`), rows `stride` bytes apart:
    /// register `j` holds column `j`, lane `i` of it row `i`. The other lanes are zero, and what they
    /// would hold is not touched. `src` need not be aligned.
    unsafe fn columns(
        src: *const Self::Elem,
        stride: usize,
        rows: usize,
        cols: usize,
    ) -> Self::Square;
}

/// A register of f32 that can be taken for pairs of bf16.
///
/// # Safety
/// As for [`Vector`].
pub(crate) trait Pairs: Vector<Elem = f32> {
    /// Each lane as two bf16, widened: those at the lower addresses, and their neighbours.
    unsafe fn widen(self) -> [Self; 2];
}
