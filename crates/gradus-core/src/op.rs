//! The op table: every public op, its formula and whether it has a derivative.

/// The family an op belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpKind {
    /// One number to one number, element by element.
    Unary,
    /// Two numbers to one number, with broadcasting.
    Binary,
    /// Two numbers to a truth value, with broadcasting.
    Compare,
    /// Many elements to one along some dimensions.
    Reduce,
    /// Another view or arrangement of the same elements.
    Shape,
    /// Elements chosen by indices or masks.
    Index,
    /// Matrix product and decompositions.
    Linalg,
    /// Fused pieces of networks.
    Nn,
}

/// Whether an op can be differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Derivative {
    /// It has a derivative, checked against finite differences.
    Checked,
    /// Its result is not a float, or it refuses by name when a gradient is asked for.
    Refused,
}

/// One row of the op table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpInfo {
    /// The method's name.
    pub name: &'static str,
    /// Its family.
    pub kind: OpKind,
    /// What it computes.
    pub formula: &'static str,
    /// Whether it can be differentiated.
    pub derivative: Derivative,
}

/// Stamps a scalar op enum with its names and formulas from one table.
macro_rules! scalar_ops {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $method:literal $formula:literal $derivative:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $method, "`: ", $formula, ".")] $variant,)*
        }

        impl $name {
            /// Every op of this table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The method's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $method),* }
            }

            /// What it computes.
            pub const fn formula(self) -> &'static str {
                match self { $(Self::$variant => $formula),* }
            }

            /// Whether it can be differentiated.
            pub const fn derivative(self) -> Derivative {
                match self { $(Self::$variant => Derivative::$derivative),* }
            }
        }
    };
}

scalar_ops! {
    /// Elementwise ops of one operand.
    UnaryOp {
        Neg "neg" "−x" Checked,
        Abs "abs" "|x|" Checked,
        Sign "sign" "−1, 0 or 1" Checked,
        Square "square" "x²" Checked,
        Sqrt "sqrt" "√x" Checked,
        Rsqrt "rsqrt" "1/√x" Checked,
        Reciprocal "reciprocal" "1/x" Checked,
        Exp "exp" "eˣ" Checked,
        Expm1 "expm1" "eˣ − 1" Checked,
        Log "log" "ln x" Checked,
        Log1p "log1p" "ln(1 + x)" Checked,
        Sin "sin" "sin x" Checked,
        Cos "cos" "cos x" Checked,
        Tan "tan" "tan x" Checked,
        Tanh "tanh" "tanh x" Checked,
        Sigmoid "sigmoid" "1/(1 + e⁻ˣ)" Checked,
        Erf "erf" "2/√π · ∫₀ˣ e^(−t²) dt" Checked,
        Relu "relu" "max(x, 0)" Checked,
        Gelu "gelu" "x · Φ(x), Φ the normal distribution function" Checked,
        GeluTanh "gelu_tanh" "x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))" Checked,
        Silu "silu" "x · sigmoid(x)" Checked,
        Softplus "softplus" "ln(1 + eˣ)" Checked,
        Floor "floor" "largest integer ≤ x" Checked,
        Ceil "ceil" "smallest integer ≥ x" Checked,
        Round "round" "nearest integer, halves to even" Checked,
    }
}

scalar_ops! {
    /// Elementwise ops of two operands.
    BinaryOp {
        Add "add" "a + b" Checked,
        Sub "sub" "a − b" Checked,
        Mul "mul" "a · b" Checked,
        Div "div" "a / b" Checked,
        Pow "pow" "aᵇ" Checked,
        Maximum "maximum" "the larger; gradient shared on ties" Checked,
        Minimum "minimum" "the smaller; gradient shared on ties" Checked,
        Remainder "remainder" "a − b·⌊a/b⌋" Checked,
        Atan2 "atan2" "angle of the point (b, a)" Checked,
    }
}

scalar_ops! {
    /// Comparisons; the result is `bool`.
    CompareOp {
        Eq "eq" "a = b" Refused,
        Ne "ne" "a ≠ b" Refused,
        Lt "lt" "a < b" Refused,
        Le "le" "a ≤ b" Refused,
        Gt "gt" "a > b" Refused,
        Ge "ge" "a ≥ b" Refused,
    }
}

scalar_ops! {
    /// Reductions that are a single pass over elements.
    ReduceOp {
        Sum "sum" "Σ x" Checked,
        Prod "prod" "Π x" Checked,
        Max "max" "the largest; gradient shared on ties; NaN wins" Checked,
        Min "min" "the smallest; gradient shared on ties; NaN wins" Checked,
    }
}

const fn row(
    name: &'static str,
    kind: OpKind,
    formula: &'static str,
    derivative: Derivative,
) -> OpInfo {
    OpInfo { name, kind, formula, derivative }
}

/// Counts the rows of the four scalar tables.
const SCALAR: usize =
    UnaryOp::ALL.len() + BinaryOp::ALL.len() + CompareOp::ALL.len() + ReduceOp::ALL.len();

/// Ops that are not a row of a scalar table.
const OTHER: &[OpInfo] = {
    use Derivative::{Checked, Refused};
    use OpKind::{Binary, Compare, Index, Linalg, Nn, Reduce, Shape, Unary};
    &[
        row("clamp", Unary, "min(max(x, low), high)", Checked),
        row("leaky_relu", Unary, "x if x > 0, else slope · x", Checked),
        row("elu", Unary, "x if x > 0, else α(eˣ − 1)", Checked),
        row("powf", Unary, "xᶜ for a constant c", Checked),
        row("exp2", Unary, "2ˣ", Checked),
        row("log2", Unary, "log₂ x", Checked),
        row("log10", Unary, "log₁₀ x", Checked),
        row("asin", Unary, "arcsin x", Checked),
        row("acos", Unary, "arccos x", Checked),
        row("atan", Unary, "arctan x", Checked),
        row("sinh", Unary, "(eˣ − e⁻ˣ)/2", Checked),
        row("cosh", Unary, "(eˣ + e⁻ˣ)/2", Checked),
        row("asinh", Unary, "ln(x + √(x² + 1))", Checked),
        row("acosh", Unary, "ln(x + √(x² − 1))", Checked),
        row("atanh", Unary, "ln((1 + x)/(1 − x))/2", Checked),
        row("trunc", Unary, "x without its fraction", Checked),
        row("frac", Unary, "x − trunc x", Checked),
        row("erfc", Unary, "1 − erf x", Checked),
        row("lgamma", Unary, "ln |Γ(x)|", Checked),
        row("digamma", Unary, "Γ′(x)/Γ(x)", Checked),
        row("polygamma", Unary, "derivative n of digamma", Checked),
        row("sinc", Unary, "sin πx / πx", Checked),
        row("spherical_bessel", Unary, "jₙ(x)", Checked),
        row("logit", Unary, "ln(x/(1 − x))", Checked),
        row("hardsigmoid", Unary, "min(max(x/6 + 1/2, 0), 1)", Checked),
        row("hardswish", Unary, "x · hardsigmoid(x)", Checked),
        row("hardtanh", Unary, "low below, high above, x between", Checked),
        row("relu6", Unary, "min(max(x, 0), 6)", Checked),
        row("mish", Unary, "x · tanh(softplus(x))", Checked),
        row("selu", Unary, "λx if x > 0, else λα(eˣ − 1)", Checked),
        row("celu", Unary, "x if x > 0, else α(e^(x/α) − 1)", Checked),
        row("softsign", Unary, "x/(1 + |x|)", Checked),
        row("softshrink", Unary, "x moved by λ towards 0", Checked),
        row("hardshrink", Unary, "x if |x| > λ, else 0", Checked),
        row("tanhshrink", Unary, "x − tanh x", Checked),
        row("threshold", Unary, "x if x > t, else a constant", Checked),
        row("log_sigmoid", Unary, "ln sigmoid(x)", Checked),
        row("rrelu", Unary, "x if x > 0, else slope · x, the slope drawn or the mean", Checked),
        row("prelu", Binary, "x if x > 0, else w · x", Checked),
        row("glu", Unary, "a · sigmoid(b) of two halves", Checked),
        row("fmod", Binary, "a − b·trunc(a/b)", Checked),
        row("hypot", Binary, "√(a² + b²)", Checked),
        row("logaddexp", Binary, "ln(eᵃ + eᵇ)", Checked),
        row("xlogy", Binary, "a ln b", Checked),
        row("lerp", Binary, "a + w(b − a)", Checked),
        row("is_nan", Compare, "whether x is not a number", Refused),
        row("is_finite", Compare, "whether x is neither infinite nor NaN", Refused),
        row("logical_not", Compare, "¬a", Refused),
        row("logical_and", Compare, "a ∧ b", Refused),
        row("logical_or", Compare, "a ∨ b", Refused),
        row("logical_xor", Compare, "a ⊕ b", Refused),
        row("mean", Reduce, "Σ x / n", Checked),
        row("var", Reduce, "Σ (x − mean)² / (n − correction)", Checked),
        row("std", Reduce, "√var", Checked),
        row("logsumexp", Reduce, "ln Σ eˣ, without overflow", Checked),
        row("norm", Reduce, "(Σ |x|ᵖ)^(1/p)", Checked),
        row("cumsum", Reduce, "running sum", Checked),
        row("cumprod", Reduce, "running product", Checked),
        row("logcumsumexp", Reduce, "ln of the running sum of eˣ", Checked),
        row("cummax", Reduce, "largest so far, with indices", Checked),
        row("cummin", Reduce, "smallest so far, with indices", Checked),
        row("median", Reduce, "the middle element, the lower of two, with indices", Checked),
        row("kthvalue", Reduce, "the k-th smallest, with indices", Checked),
        row("quantile", Reduce, "below which a share q lies", Checked),
        row("sum_to", Reduce, "sum over broadcast dimensions, the reverse of expand", Checked),
        row("argmax", Reduce, "index of the largest, the first on ties", Refused),
        row("argmin", Reduce, "index of the smallest, the first on ties", Refused),
        row("any", Reduce, "whether one is true", Refused),
        row("all", Reduce, "whether none is false", Refused),
        row("softmax", Reduce, "eˣ / Σ eˣ", Checked),
        row("log_softmax", Reduce, "x − ln Σ eˣ", Checked),
        row("softmin", Reduce, "e⁻ˣ / Σ e⁻ˣ", Checked),
        row("narrow", Shape, "a range of one dimension", Checked),
        row("select", Shape, "one index of one dimension, which is dropped", Checked),
        row("step", Shape, "every n-th along one dimension", Checked),
        row("permute", Shape, "dimensions in another order", Checked),
        row("transpose", Shape, "two dimensions swapped", Checked),
        row("t", Shape, "the last two dimensions swapped", Checked),
        row("expand", Shape, "extents of 1 repeated", Checked),
        row("squeeze", Shape, "a dimension of extent 1 dropped", Checked),
        row("unsqueeze", Shape, "a dimension of extent 1 added", Checked),
        row("reshape", Shape, "the same elements in other extents", Checked),
        row("flatten", Shape, "a range of dimensions made one", Checked),
        row("flip", Shape, "order reversed along dimensions", Checked),
        row("pad", Shape, "a border: constant, mirrored, repeated or circular", Checked),
        row("cat", Shape, "tensors joined along a dimension", Checked),
        row("stack", Shape, "tensors joined along a new dimension", Checked),
        row("split", Shape, "pieces along a dimension", Checked),
        row("chunk", Shape, "equal pieces along a dimension", Checked),
        row("tril", Shape, "the part below a diagonal", Checked),
        row("triu", Shape, "the part above a diagonal", Checked),
        row("roll", Shape, "moved along a dimension, around its end", Checked),
        row("repeat", Shape, "laid out n times along each dimension", Checked),
        row("repeat_interleave", Shape, "each entry n times", Checked),
        row("movedim", Shape, "a dimension at another place", Checked),
        row("unbind", Shape, "the entries of a dimension", Checked),
        row("diagonal", Shape, "a diagonal as a dimension", Checked),
        row("diag_embed", Shape, "a dimension as a diagonal", Checked),
        row("diag", Shape, "a vector from a matrix or a matrix from a vector", Checked),
        row("windows", Shape, "windows of a dimension", Checked),
        row("unfold", Shape, "windows of an image as columns", Checked),
        row("fold", Shape, "columns added up to an image", Checked),
        row("to_dtype", Shape, "another element type", Checked),
        row("contiguous", Shape, "the same elements in row-major order", Checked),
        row("where_cond", Index, "a where the condition holds, else b", Checked),
        row("masked_fill", Index, "a constant where the mask holds", Checked),
        row("index_select", Index, "rows by index", Checked),
        row("gather", Index, "elements by index along a dimension", Checked),
        row("scatter_add", Index, "elements added at indices along a dimension", Checked),
        row("scatter", Index, "elements written at indices along a dimension", Checked),
        row("scatter_reduce", Index, "elements put together at indices along a dimension", Checked),
        row("index_add", Index, "slices added at indices", Checked),
        row("index_copy", Index, "slices written at indices", Checked),
        row("masked_select", Index, "the elements where the mask holds", Checked),
        row("masked_scatter", Index, "elements written where the mask holds", Checked),
        row("take_along_dim", Index, "gather, with broadcasting", Checked),
        row("sort", Index, "in rising or falling order, with indices", Checked),
        row("topk", Index, "the k largest, with indices", Checked),
        row("argsort", Index, "indices that sort", Refused),
        row("matmul", Linalg, "matrix product, batched with broadcasting", Checked),
        row("linear", Linalg, "x Wᵀ + b over the last dimension", Checked),
        row("einsum", Linalg, "sums of products by Einstein's notation", Checked),
        row("tensordot", Linalg, "sums of products over pairs of dimensions", Checked),
        row("outer", Linalg, "a bᵀ", Checked),
        row("kron", Linalg, "every element of a times b", Checked),
        row("cross", Linalg, "a × b along a dimension of 3", Checked),
        row("trace", Linalg, "Σ aᵢᵢ", Checked),
        row("cdist", Linalg, "‖aᵢ − bⱼ‖ₚ", Checked),
        row("svd", Linalg, "U Σ Vᵀ", Checked),
        row("qr", Linalg, "orthogonal times triangular", Checked),
        row("cholesky", Linalg, "triangular times its transpose", Checked),
        row("eigh", Linalg, "eigenvalues and vectors of a symmetric matrix", Checked),
        row("solve", Linalg, "x with A x = b", Checked),
        row("solve_triangular", Linalg, "x with A x = b, by substitution", Checked),
        row("inverse", Linalg, "A⁻¹", Checked),
        row("pinv", Linalg, "A⁺, the Moore–Penrose inverse", Checked),
        row("lstsq", Linalg, "x for which ‖A x − b‖ is smallest", Checked),
        row("det", Linalg, "determinant", Checked),
        row("slogdet", Linalg, "sign and logarithm of the determinant", Checked),
        row("matrix_exp", Linalg, "Σ Aᵏ / k!", Checked),
        row("conv1d", Nn, "1-D cross-correlation", Checked),
        row("conv2d", Nn, "2-D cross-correlation", Checked),
        row("conv_transpose1d", Nn, "transposed 1-D convolution", Checked),
        row("conv_transpose2d", Nn, "transposed 2-D convolution", Checked),
        row("conv2d_grad_input", Nn, "gradient of conv2d by its input", Checked),
        row("conv2d_grad_weight", Nn, "gradient of conv2d by its weight", Checked),
        row("max_pool1d", Nn, "largest of each window of a sequence", Checked),
        row("avg_pool1d", Nn, "mean of each window of a sequence", Checked),
        row("max_pool2d", Nn, "largest of each window", Checked),
        row("max_pool2d_grad", Nn, "gradient of max_pool2d by its input", Checked),
        row("avg_pool2d", Nn, "mean of each window", Checked),
        row("avg_pool2d_grad", Nn, "gradient of avg_pool2d by its input", Checked),
        row("fft", Linalg, "Σⱼ x[j] · e^(−2πi jk/n), of pairs (real, imaginary)", Checked),
        row("ifft", Linalg, "1/n · Σₖ x[k] · e^(2πi jk/n), of pairs", Checked),
        row("rfft", Linalg, "fft of real numbers, the first half", Checked),
        row("irfft", Linalg, "real numbers from the first half of their fft", Checked),
        row("fft2", Linalg, "fft over two dimensions", Checked),
        row("ifft2", Linalg, "ifft over two dimensions", Checked),
        row("rfft2", Linalg, "rfft, then fft over the dimension before", Checked),
        row("irfft2", Linalg, "rfft2 undone", Checked),
        row("resample", Nn, "Σ weight · x[entry] over the taps of each entry", Checked),
        row("argmax_taps", Nn, "index of the largest tap, the first on ties", Refused),
        row("conv3d", Nn, "3-D cross-correlation", Checked),
        row("conv_transpose3d", Nn, "transposed 3-D convolution", Checked),
        row("max_pool3d", Nn, "largest of each window of a volume", Checked),
        row("avg_pool3d", Nn, "mean of each window of a volume", Checked),
        row("lp_pool1d", Nn, "(Σ |x|ᵖ)^(1/p) of each window of a sequence", Checked),
        row("lp_pool2d", Nn, "(Σ |x|ᵖ)^(1/p) of each window", Checked),
        row("lp_pool3d", Nn, "(Σ |x|ᵖ)^(1/p) of each window of a volume", Checked),
        row("adaptive_avg_pool1d", Nn, "means of a given number of windows", Checked),
        row("adaptive_avg_pool2d", Nn, "means of a given number of windows", Checked),
        row("adaptive_avg_pool3d", Nn, "means of a given number of windows", Checked),
        row("adaptive_max_pool1d", Nn, "largest of a given number of windows", Checked),
        row("adaptive_max_pool2d", Nn, "largest of a given number of windows", Checked),
        row("adaptive_max_pool3d", Nn, "largest of a given number of windows", Checked),
        row("interpolate", Nn, "another size: nearest, linear, cubic or area", Checked),
        row("pixel_shuffle", Nn, "channels laid out as places", Checked),
        row("pixel_unshuffle", Nn, "places laid out as channels", Checked),
        row("channel_shuffle", Nn, "channels of each group in turn", Checked),
        row("embedding_bag", Nn, "sum, mean or maximum of rows by id", Checked),
        row("group_norm", Nn, "(x − mean)/√(var + ε) · w + b over groups of channels", Checked),
        row("instance_norm", Nn, "(x − mean)/√(var + ε) · w + b over places", Checked),
        row("batch_norm", Nn, "(x − mean)/√(var + ε) · w + b over batch and places", Checked),
        row("local_response_norm", Nn, "x / (k + α/size · Σ x²)^β", Checked),
        row("embedding", Nn, "rows of a table by id", Checked),
        row("layer_norm", Nn, "(x − mean)/√(var + ε) · w + b over the last dimension", Checked),
        row("rms_norm", Nn, "x/√(mean x² + ε) · w over the last dimension", Checked),
        row("cross_entropy", Nn, "−log_softmax(x)[target]", Checked),
        row("attention", Nn, "softmax(q kᵀ · scale + mask) v", Checked),
        row("self_attention", Nn, "attention from a joint projection to q, k and v", Checked),
        row("rope", Nn, "x turned by angles that grow with the place", Checked),
        row("rope_grad", Nn, "x turned back", Checked),
        row("rnn", Nn, "hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)", Checked),
        row("lstm", Nn, "cₜ = f cₜ₋₁ + i g, hₜ = o tanh cₜ", Checked),
        row("gru", Nn, "hₜ = (1 − z) n + z hₜ₋₁", Checked),
        row("dropout", Nn, "x · mask / (1 − p)", Checked),
    ]
};

/// Every public op of `Tensor` and `Var`, in one table.
///
/// The registry test of `gradus-autograd` walks it: a row is differentiable with a passing
/// gradient check, or refuses by name. An op without a row fails that test.
pub const OPS: &[OpInfo] = &{
    let mut rows = [OTHER[0]; SCALAR + OTHER.len()];
    let mut n = 0;
    macro_rules! copy {
        ($table:ident, $kind:ident) => {
            let mut i = 0;
            while i < $table::ALL.len() {
                let op = $table::ALL[i];
                rows[n] = row(op.name(), OpKind::$kind, op.formula(), op.derivative());
                n += 1;
                i += 1;
            }
        };
    }
    copy!(UnaryOp, Unary);
    copy!(BinaryOp, Binary);
    copy!(CompareOp, Compare);
    copy!(ReduceOp, Reduce);
    let mut i = 0;
    while i < OTHER.len() {
        rows[n] = OTHER[i];
        n += 1;
        i += 1;
    }
    rows
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = OPS.iter().map(|op| op.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OPS.len());
    }
}
