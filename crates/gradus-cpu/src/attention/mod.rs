//! Attention in one pass: softmax(q kᵀ · scale + mask) v, and its gradients.
//!
//! ```text
//! for 64 keys after 64 keys, from key 0 on, up to the last that a row sees:
//!     s = q·kᵀ · scale + bias, −∞ where hidden
//!     m' = max(m, max s);  p = e^(s − m');  a = e^(m − m')
//!     l = l·a + Σp;  y = y·a + drop(p)·v
//! y / l,  and m + ln l for the gradients
//! ```
//! The grid of tiles starts at key 0 whatever the number of queries, a tile's sums have a fixed order,
//! and a hidden key adds an exact zero. So a query's row has the same bits alone, in a block
//! and in a pass over all queries, and for any number of threads. The scores are never in memory:
//! the gradients work them out again, tile by tile.
//!
//! A hidden key has no influence, whatever its values hold. A query that sees no key gives zeros.
//!
//! ```
//! use gradus_cpu::attention::{Attention, Extents, Rows, Sight, forward};
//! // Two queries, two keys, one head; all scores are equal, and the first query sees one key.
//! let (q, v) = ([0.0f32, 0.0], [2.0f32, 4.0]);
//! let extents = Extents { queries: 2, keys: 2, ..Extents::single(1, 1) };
//! let rows = |data| Rows { data, starts: &[0], stride: 1 };
//! let sight = Sight::causal(&extents);
//! let attention =
//!     Attention { sight, ..Attention::new(extents, rows(&q), rows(&q), rows(&v), 1.0) };
//! let (mut out, mut lse) = ([0.0; 2], [0.0; 2]);
//! forward(&attention, &mut out, &mut lse);
//! assert_eq!(out, [2.0, 3.0]);
//! ```

mod backward;
mod delta;
mod dropout;
mod forward;
mod lanes;
mod mask;
mod problem;
mod scores;
mod sight;
mod single;
mod slopes;
mod softmax;
mod values;

pub use backward::{Output, backward, backward_joined};
pub use dropout::Dropout;
pub use forward::forward;
pub use mask::{Entries, Mask};
pub use problem::{Attention, Extents, Rows, Value};
pub use sight::Sight;

/// Keys of a tile. It is part of the order of accumulation, so it is never tuned by shape.
const TILE: usize = 64;

#[cfg(test)]
mod tests;
