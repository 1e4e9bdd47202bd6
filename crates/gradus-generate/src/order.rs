//! In which order positions are revealed.

/// Which masked positions a [`Parallel`](crate::Parallel) call reveals.
///
/// All but [`Order::Sampled`] are exact at one position per call. Known positions are skipped. Scores
/// are rounded to 12 decimals, and ties go to the lowest position.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Order {
    /// From left to right.
    LeftToRight,
    /// In a random order, another one in each row.
    #[default]
    Random,
    /// The middle, the ends, then the midpoints of all gaps, level by level.
    ///
    /// If something is given, the unknown ends come first and the gaps are those between given
    /// positions. Its levels are for [`Reveal::Levels`](crate::Reveal::Levels).
    Dyadic,
    /// Every K-th position together, with K the number of calls.
    Strided,
    /// Bit-reversed counting: any prefix is spread evenly.
    Halton,
    /// An image in raster order, spread evenly: points of the Halton sequence with base 2 along a
    /// line and base 3 down the lines.
    ///
    /// # Reference
    /// Besnier et al. 2025, "Halton Scheduler for Masked Generative Image Transformer".
    HaltonGrid {
        /// Lines of the image.
        height: usize,
        /// Pixels of a line.
        width: usize,
    },
    /// First where the most probable id has the highest probability.
    MaxProb,
    /// First where the two most probable ids differ most.
    Margin,
    /// First where the entropy is lowest.
    Entropy,
    /// First where the id that was just drawn has the highest probability. **Biased even at one
    /// position per call**: it prefers what is likely, and loses diversity.
    ///
    /// `noise` 0 is LLaDA's `low_confidence`. With noise the score is ln p(drawn) + noise · (1 −
    /// (k+1)/K) · Gumbel, as in MaskGIT, which uses 4.5.
    Sampled {
        /// Scale of the noise, ≥ 0; it falls to 0 with the last call.
        noise: f64,
    },
}

impl Order {
    /// Whether positions are ranked by what the model says about them.
    pub fn is_scored(&self) -> bool {
        matches!(self, Self::MaxProb | Self::Margin | Self::Entropy | Self::Sampled { .. })
    }

    /// The free positions in the order's levels, which are what it would reveal together; `None` for
    /// an order that is not known in advance, and for a grid of another size than `given`, which says
    /// for each position whether it is given.
    pub fn levels(&self, given: &[bool], calls: usize) -> Option<Vec<Vec<usize>>> {
        let len = given.len();
        let single = |order: Vec<usize>| order.into_iter().map(|at| vec![at]).collect();
        let mut levels: Vec<Vec<usize>> = match *self {
            Self::LeftToRight => single((0..len).collect()),
            Self::Dyadic => dyadic(given),
            Self::Strided => {
                // Beyond one position per call nothing changes.
                let calls = calls.clamp(1, len.max(1));
                (0..calls).map(|k| (k..len).step_by(calls).collect()).collect()
            }
            Self::Halton => single(bit_reversed(len)),
            Self::HaltonGrid { height, width } if height.checked_mul(width) == Some(len) => {
                single(halton_grid(height, width))
            }
            _ => return None,
        };
        levels.iter_mut().for_each(|level| level.retain(|&at| !given[at]));
        levels.retain(|level| !level.is_empty());
        Some(levels)
    }
}

fn dyadic(given: &[bool]) -> Vec<Vec<usize>> {
    let len = given.len();
    if len == 0 {
        return Vec::new();
    }
    let mut known: Vec<usize> = (0..len).filter(|&at| given[at]).collect();
    let mut levels = Vec::new();
    if known.is_empty() {
        known.push((len - 1) / 2);
        levels.push(known.clone());
    }
    let mut ends: Vec<usize> = [0, len - 1].into_iter().filter(|at| !known.contains(at)).collect();
    ends.dedup();
    known.extend(&ends);
    known.sort_unstable();
    levels.push(ends);
    loop {
        let gaps = known.windows(2).filter(|gap| gap[1] - gap[0] > 1);
        let level: Vec<usize> = gaps.map(|gap| (gap[0] + gap[1]) / 2).collect();
        if level.is_empty() {
            return levels;
        }
        known.extend(&level);
        known.sort_unstable();
        levels.push(level);
    }
}

fn bit_reversed(len: usize) -> Vec<usize> {
    let bits = len.next_power_of_two().trailing_zeros();
    let reverse = |k: usize| if bits == 0 { 0 } else { k.reverse_bits() >> (usize::BITS - bits) };
    (0..len.next_power_of_two()).map(reverse).filter(|&at| at < len).collect()
}

/// Every pixel at the first point of the sequence that falls on it. Of any 24 · height · width points
/// at least one falls on each pixel, so the loop ends.
fn halton_grid(height: usize, width: usize) -> Vec<usize> {
    let mut seen = vec![false; height * width];
    let mut order = Vec::with_capacity(seen.len());
    let mut point = 0;
    while order.len() < seen.len() {
        let (x, y) = (radical_inverse(point, 2, width), radical_inverse(point, 3, height));
        let at = y * width + x;
        if !std::mem::replace(&mut seen[at], true) {
            order.push(at);
        }
        point += 1;
    }
    order
}

/// ⌊scale · (the digits of n in this base, mirrored behind the point)⌋, in whole numbers.
///
/// `n` is below 24 · pixels and so `mirrored` below 72 · pixels; u64 holds the product for images of
/// up to 2²⁸ pixels.
fn radical_inverse(mut n: u64, base: u64, scale: usize) -> usize {
    let (mut mirrored, mut unit) = (0, 1);
    while n > 0 {
        mirrored = mirrored * base + n % base;
        unit *= base;
        n /= base;
    }
    (mirrored * scale as u64 / unit) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_dyadic_levels_of_eight() {
        let levels = Order::Dyadic.levels(&[false; 8], 8).unwrap();
        assert_eq!(levels, [vec![3], vec![0, 7], vec![1, 5], vec![2, 4, 6]]);
        let mut given = [false; 8];
        (given[0], given[4]) = (true, true);
        let levels = Order::Dyadic.levels(&given, 8).unwrap();
        assert_eq!(levels, [vec![7], vec![2, 5], vec![1, 3, 6]]);
        assert_eq!(Order::Dyadic.levels(&[false; 2], 2).unwrap(), [[0], [1]]);
    }

    #[test]
    fn halton_counts_with_mirrored_bits() {
        let flat = |order: Order, n: usize| order.levels(&vec![false; n], 2).unwrap().concat();
        assert_eq!(flat(Order::Halton, 8), [0, 4, 2, 6, 1, 5, 3, 7]);
        assert_eq!(flat(Order::Halton, 6), [0, 4, 2, 1, 5, 3]);
        assert_eq!(flat(Order::Strided, 5), [0, 2, 4, 1, 3]);
        let grid = flat(Order::HaltonGrid { height: 3, width: 2 }, 6);
        assert_eq!(grid, [0, 3, 4, 1, 2, 5]);
    }

    #[test]
    fn unknown_orders_have_no_levels() {
        let small = Order::HaltonGrid { height: 2, width: 2 };
        for order in [Order::Random, Order::MaxProb, Order::Sampled { noise: 0.0 }, small] {
            assert_eq!(order.levels(&[false; 6], 2), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_free_position_comes_once(
            given in prop::collection::vec(any::<bool>(), 1..60), calls in 1..9usize,
        ) {
            let free: Vec<usize> = (0..given.len()).filter(|&at| !given[at]).collect();
            let grid = Order::HaltonGrid { height: 1, width: given.len() };
            for order in [Order::LeftToRight, Order::Dyadic, Order::Strided, Order::Halton, grid] {
                let mut all = order.levels(&given, calls).unwrap().concat();
                all.sort_unstable();
                prop_assert_eq!(&all, &free);
            }
        }

        #[test]
        fn a_prefix_of_a_grid_is_spread(height in 1..12usize, width in 1..12usize) {
            let order = Order::HaltonGrid { height, width };
            let all = order.levels(&vec![false; height * width], 1).unwrap().concat();
            // The first half of the pixels reaches both halves of the lines.
            if width % 2 == 0 && height * width >= 8 {
                let left = all[..all.len() / 2].iter().filter(|&&at| at % width < width / 2).count();
                prop_assert!(left * 4 >= all.len() / 2, "{left} of {}", all.len() / 2);
                prop_assert!(left * 4 <= 3 * (all.len() / 2) + 3);
            }
        }
    }
}
