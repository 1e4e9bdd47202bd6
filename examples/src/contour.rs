//! Lines of equal height.

use std::collections::BTreeMap;

/// A side of a cell of the grid: the corner where it begins, and whether it goes up.
type Side = (usize, usize, bool);

/// The lines on which a function has this height, by marching squares.
///
/// `heights` are its values on a grid: `heights[row * n + column]` at `(x[column], y[row])`. A
/// saddle is cut one way, which no picture here can tell from the other.
pub(crate) fn contour(x: &[f64], y: &[f64], heights: &[f64], level: f64) -> Vec<Vec<(f64, f64)>> {
    let above = |row: usize, column: usize| heights[row * x.len() + column] - level;
    // A side that is crossed leads to the sides that are crossed in the two cells beside it.
    let mut next: BTreeMap<Side, Vec<Side>> = BTreeMap::new();
    for row in 1..y.len() {
        for column in 1..x.len() {
            let sides = [
                (row - 1, column - 1, false),
                (row - 1, column, true),
                (row, column - 1, false),
                (row - 1, column - 1, true),
            ];
            let is_crossed = |&(r, c, up): &Side| {
                let end = if up { above(r + 1, c) } else { above(r, c + 1) };
                (above(r, c) < 0.0) != (end < 0.0)
            };
            let crossed: Vec<Side> = sides.into_iter().filter(is_crossed).collect();
            for pair in crossed.chunks_exact(2) {
                next.entry(pair[0]).or_default().push(pair[1]);
                next.entry(pair[1]).or_default().push(pair[0]);
            }
        }
    }
    let place = |(r, c, up): Side| {
        let (start, end) = (above(r, c), if up { above(r + 1, c) } else { above(r, c + 1) });
        let share = start / (start - end);
        let along = |axis: &[f64], i: usize| axis[i] + share * (axis[i + 1] - axis[i]);
        if up { (x[c], along(y, r)) } else { (along(x, c), y[r]) }
    };
    chains(next).into_iter().map(|chain| chain.into_iter().map(place).collect()).collect()
}

/// Follows the sides from one to the next: first from the ends of open lines, then around the rest.
fn chains(mut next: BTreeMap<Side, Vec<Side>>) -> Vec<Vec<Side>> {
    let mut chains = Vec::new();
    while let Some(&start) =
        next.iter().find(|(_, to)| to.len() == 1).or_else(|| next.iter().next()).map(|(at, _)| at)
    {
        let mut chain = vec![start];
        let mut at = start;
        while let Some(to) = next.get_mut(&at).and_then(Vec::pop) {
            if let Some(back) = next.get_mut(&to)
                && let Some(i) = back.iter().position(|&side| side == at)
            {
                back.swap_remove(i);
            }
            next.retain(|_, to| !to.is_empty());
            chain.push(to);
            at = to;
        }
        next.remove(&start);
        chains.push(chain);
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis() -> Vec<f64> {
        (0..41).map(|i| f64::from(i) / 20.0 - 1.0).collect()
    }

    fn lines(height: impl Fn(f64, f64) -> f64, level: f64) -> Vec<Vec<(f64, f64)>> {
        let axis = axis();
        let heights: Vec<f64> = axis
            .iter()
            .flat_map(|&y| axis.iter().map(move |&x| (x, y)))
            .map(|(x, y)| height(x, y))
            .collect();
        contour(&axis, &axis, &heights, level)
    }

    #[test]
    fn the_line_of_a_circle_is_closed_and_lies_on_the_circle() {
        let lines = lines(|x, y| x * x + y * y, 0.5);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].len() > 40 && lines[0].first() == lines[0].last());
        for (x, y) in &lines[0] {
            assert!((x * x + y * y - 0.5).abs() < 2e-3, "({x}, {y})");
        }
    }

    #[test]
    fn a_line_that_leaves_the_grid_goes_from_edge_to_edge() {
        let lines = lines(|x, _| x, 0.33);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].len(), 41);
        assert!(lines[0].iter().all(|(x, _)| (x - 0.33).abs() < 1e-12));
        assert!(self::lines(|x, _| x, 5.0).is_empty());
    }
}
