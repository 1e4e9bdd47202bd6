//! Packing with AVX-512 BF16.
//!
//! ```text
//! neighbours in k:   load 32 values of a row of x     -> a register: 16 pairs          = Form::Rows
//! neighbours in x:   load 32 values of two rows of k  -> two registers: 16 pairs each  = Form::Pairs
//! ```
//! If the form is not the wanted one, sixteen registers are transposed as 16 × 16 pairs. Masked loads
//! give the zeros of short blocks. Loops of sixteen turns stay in registers when unrolled, which
//! closures would prevent: they are not inlined across instruction sets.

use std::arch::x86_64 as x;
use std::mem::MaybeUninit;

use half::bf16;

use super::super::view::{Target, View};
use super::layout::{Form, MAX_HEIGHT, Part, STEP, WIDTH};
use super::pack::{Half, Strip};

/// Rows or columns of a block, which is as many as a register has pairs.
const LANES: usize = 16;

/// How a type is loaded.
///
/// # Safety
/// Both methods: the machine has AVX-512 F, BW, VL, DQ and BF16, and the lanes of the mask are
/// valid memory.
pub(super) trait Load: Half {
    /// Up to 32 neighbours, as `bf16`.
    unsafe fn row(p: *const Self, mask: u32, part: Part) -> x::__m512i;
}

impl Load for bf16 {
    #[inline(always)]
    unsafe fn row(p: *const Self, mask: u32, part: Part) -> x::__m512i {
        let mask = if part == Part::Low { 0 } else { mask };
        // SAFETY: the lanes of the mask are valid.
        unsafe { x::_mm512_maskz_loadu_epi16(mask, p.cast()) }
    }
}

impl Load for f32 {
    #[inline(always)]
    unsafe fn row(p: *const Self, mask: u32, part: Part) -> x::__m512i {
        // SAFETY: the lanes of the mask are valid.
        let low = unsafe { x::_mm512_maskz_loadu_ps(mask as u16, p) };
        // SAFETY: as above.
        let high = unsafe { x::_mm512_maskz_loadu_ps((mask >> 16) as u16, p.wrapping_add(16)) };
        // SAFETY: the instructions are there by the trait's contract.
        unsafe { narrow(low, high, part) }
    }
}

/// `[low, high]` as `bf16`, ties to even; subnormals become zero.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
fn narrow(low: x::__m512, high: x::__m512, part: Part) -> x::__m512i {
    let (low, high) = match part {
        Part::Whole => (low, high),
        Part::High => (planes(low).0, planes(high).0),
        Part::Low => (planes(low).1, planes(high).1),
    };
    let halves = x::_mm512_cvtne2ps_pbh(high, low);
    // SAFETY: both are 512 bits of plain data.
    unsafe { std::mem::transmute::<x::__m512bh, x::__m512i>(halves) }
}

/// The high part and what it leaves; see [`round::part`](super::round::part) for the cases.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
fn planes(v: x::__m512) -> (x::__m512, x::__m512) {
    let bits = x::_mm512_castps_si512(v);
    let exponent = x::_mm512_set1_epi32(0x7f80_0000);
    let finite = x::_mm512_cmpneq_epi32_mask(x::_mm512_and_si512(bits, exponent), exponent);
    let top = x::_mm512_set1_epi32(0xffff_0000u32 as i32);
    let odd = x::_mm512_and_si512(x::_mm512_srli_epi32::<16>(bits), x::_mm512_set1_epi32(1));
    let half = x::_mm512_add_epi32(odd, x::_mm512_set1_epi32(0x7fff));
    let rounded = x::_mm512_and_si512(x::_mm512_add_epi32(bits, half), top);
    let overflow = x::_mm512_cmpeq_epi32_mask(x::_mm512_and_si512(rounded, exponent), exponent);
    let cut = x::_mm512_and_si512(bits, top);
    let high = x::_mm512_mask_mov_epi32(rounded, overflow, cut);
    let high = x::_mm512_castsi512_ps(x::_mm512_mask_mov_epi32(bits, finite, high));
    // A subnormal counts as zero, so it leaves nothing.
    let normal = x::_mm512_test_epi32_mask(bits, exponent);
    (high, x::_mm512_maskz_sub_ps(finite & normal, v, high))
}

/// Two rows of 32 as pairs: the first 16 columns, and the others.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
fn interleave(even: x::__m512i, odd: x::__m512i) -> [x::__m512i; 2] {
    const fn order(start: usize) -> [u16; 32] {
        let mut order = [0; 32];
        let mut i = 0;
        while i < 32 {
            // Bit 5 chooses the second operand.
            order[i] = (start + i / 2 + i % 2 * 32) as u16;
            i += 1;
        }
        order
    }
    const ORDERS: [[u16; 32]; 2] = [order(0), order(16)];
    // SAFETY: each order is 64 bytes long.
    let first = unsafe { x::_mm512_loadu_si512(ORDERS[0].as_ptr().cast()) };
    // SAFETY: as above.
    let second = unsafe { x::_mm512_loadu_si512(ORDERS[1].as_ptr().cast()) };
    [
        x::_mm512_permutex2var_epi16(even, first, odd),
        x::_mm512_permutex2var_epi16(even, second, odd),
    ]
}

/// Rounds `rows × cols` sums.
///
/// # Safety
/// - The sums and the outputs are valid, and the outputs are reached by nobody else.
/// - The machine has AVX-512 F, BW, VL, DQ and BF16.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn round(from: Target<f32>, to: Target<bf16>, (rows, cols): (usize, usize)) {
    for i in 0..rows {
        for j in (0..cols).step_by(STEP) {
            let mask = u32::MAX >> (STEP - STEP.min(cols - j));
            // SAFETY: the lanes of the mask are sums.
            let halves = unsafe { <f32 as Load>::row(from.at(i, j), mask, Part::Whole) };
            // SAFETY: the lanes of the mask are outputs.
            unsafe { x::_mm512_mask_storeu_epi16(to.at(i, j).cast(), mask, halves) }
        }
    }
}

/// Packs a strip.
///
/// # Safety
/// - Every element of the strip is valid.
/// - The machine has AVX-512 F, BW, VL, DQ and BF16.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn vector<S: Load>(strip: &Strip<S>, out: &mut [u16]) {
    let step_len = strip.step_len();
    let chunks = out[..strip.len()].chunks_exact_mut(step_len);
    let parts = strip.parts.len();
    for (step, out) in chunks.enumerate() {
        let (k0, part) = (step / parts * STEP, strip.parts[step % parts]);
        let (ks, xs) = (STEP.min(strip.k - k0), strip.x);
        let from = strip.from.from(k0, 0);
        if from.ks == 1 {
            // SAFETY: the step is inside the strip.
            unsafe { neighbours_in_k(from, (ks, xs), strip, part, out) }
        } else if from.xs == 1 {
            // SAFETY: as above.
            unsafe { neighbours_in_x(from, (ks, xs), strip, part, out) }
        } else {
            // SAFETY: as above.
            let near = unsafe { gather(from, (ks, xs)) };
            let near = View { ptr: near.as_ptr().cast::<S>(), ks: 1, xs: STEP };
            // SAFETY: the values that the masks let through were gathered.
            unsafe { neighbours_in_k(near, (ks, xs), strip, part, out) }
        }
    }
}

/// Copies scattered values, `[x][k]`; those beyond `(ks, xs)` stay uninitialised.
#[inline]
unsafe fn gather<S: Load>(
    from: View<S>,
    (ks, xs): (usize, usize),
) -> [MaybeUninit<S>; MAX_HEIGHT * STEP] {
    let mut near = [const { MaybeUninit::uninit() }; MAX_HEIGHT * STEP];
    for (i, near) in near.chunks_exact_mut(STEP).enumerate().take(xs) {
        for (k, near) in near.iter_mut().enumerate().take(ks) {
            // SAFETY: `(k, i)` is in the step.
            near.write(unsafe { from.at(k, i).read() });
        }
    }
    near
}

/// A step whose neighbours in k lie together.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
unsafe fn neighbours_in_k<S: Load>(
    from: View<S>,
    (ks, xs): (usize, usize),
    strip: &Strip<S>,
    part: Part,
    out: &mut [u16],
) {
    let mask = u32::MAX >> (STEP - ks);
    if strip.form == Form::Rows {
        for (i, to) in out.chunks_exact_mut(STEP).enumerate() {
            // SAFETY: row `i` has `ks` valid neighbours, if there is such a row.
            store(unsafe { S::row(from.at(0, i), if i < xs { mask } else { 0 }, part) }, to);
        }
        return;
    }
    for x0 in (0..WIDTH).step_by(LANES) {
        let mut block = [x::_mm512_setzero_si512(); LANES];
        for (i, row) in block.iter_mut().enumerate() {
            let mask = if x0 + i < xs { mask } else { 0 };
            // SAFETY: as above.
            *row = unsafe { S::row(from.at(0, x0 + i), mask, part) };
        }
        for (pair, to) in transpose(block).into_iter().zip(out.chunks_exact_mut(2 * WIDTH)) {
            store(pair, &mut to[2 * x0..]);
        }
    }
}

/// A step whose neighbours in x lie together.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
unsafe fn neighbours_in_x<S: Load>(
    from: View<S>,
    (ks, xs): (usize, usize),
    strip: &Strip<S>,
    part: Part,
    out: &mut [u16],
) {
    let mask = ((1u64 << xs) - 1) as u32;
    let mut blocks = [[x::_mm512_setzero_si512(); LANES]; 2];
    for p in 0..LANES {
        let k = 2 * p;
        // SAFETY: row `k` has `xs` valid neighbours, if there is such a row.
        let even = unsafe { S::row(from.at(k, 0), if k < ks { mask } else { 0 }, part) };
        // SAFETY: as above.
        let odd = unsafe { S::row(from.at(k + 1, 0), if k + 1 < ks { mask } else { 0 }, part) };
        let [first, second] = interleave(even, odd);
        if strip.form == Form::Pairs {
            let (low, high) = out[p * 2 * WIDTH..(p + 1) * 2 * WIDTH].split_at_mut(2 * LANES);
            store(first, low);
            store(second, high);
        } else {
            blocks[0][p] = first;
            blocks[1][p] = second;
        }
    }
    if strip.form == Form::Rows {
        for (block, out) in blocks.into_iter().zip(out.chunks_mut(LANES * STEP)) {
            let block = transpose(block);
            for (to, row) in out.chunks_exact_mut(STEP).zip(block) {
                store(row, to);
            }
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(register: x::__m512i, to: &mut [u16]) {
    let to = &mut to[..2 * LANES];
    // SAFETY: `to` has 64 bytes.
    unsafe { x::_mm512_storeu_si512(to.as_mut_ptr().cast(), register) }
}

/// The 16 × 16 transpose of pairs: interleaves registers, then pairs of them, then exchanges
/// 128-bit quarters twice.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose(r: [x::__m512i; LANES]) -> [x::__m512i; LANES] {
    let mut twos = r;
    for i in 0..LANES / 2 {
        twos[2 * i] = x::_mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        twos[2 * i + 1] = x::_mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    let mut f = twos;
    for g in (0..LANES).step_by(4) {
        for c in 0..2 {
            f[g + 2 * c] = x::_mm512_unpacklo_epi64(twos[g + c], twos[g + 2 + c]);
            f[g + 2 * c + 1] = x::_mm512_unpackhi_epi64(twos[g + c], twos[g + 2 + c]);
        }
    }
    let mut out = f;
    for c in 0..4 {
        let (a, b, d, e) = (f[c], f[4 + c], f[8 + c], f[12 + c]);
        let ab02 = x::_mm512_shuffle_i32x4::<0x88>(a, b);
        let ab13 = x::_mm512_shuffle_i32x4::<0xdd>(a, b);
        let de02 = x::_mm512_shuffle_i32x4::<0x88>(d, e);
        let de13 = x::_mm512_shuffle_i32x4::<0xdd>(d, e);
        out[c] = x::_mm512_shuffle_i32x4::<0x88>(ab02, de02);
        out[4 + c] = x::_mm512_shuffle_i32x4::<0x88>(ab13, de13);
        out[8 + c] = x::_mm512_shuffle_i32x4::<0xdd>(ab02, de02);
        out[12 + c] = x::_mm512_shuffle_i32x4::<0xdd>(ab13, de13);
    }
    out
}
