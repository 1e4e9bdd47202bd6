//! Configs that can be searched.

use super::{Point, Space};
use crate::error::Result;

/// A config of one's own that has a search space.
///
/// # Examples
/// ```
/// use gradus_search::{Domain, Point, Result, Searched, Space, When};
///
/// #[derive(Debug, PartialEq)]
/// struct Net {
///     widths: Vec<usize>,
///     rate: f64,
/// }
///
/// impl Searched for Net {
///     fn space() -> Result<Space> {
///         Space::builder("net")
///             .with("depth", Domain::int(1, 2))
///             .with("width 1", Domain::log_int(8, 256))
///             .with_when("width 2", Domain::log_int(8, 256), When::at_least("depth", 2))
///             .with("rate", Domain::log_float(1e-4, 1e-1))
///             .build()
///     }
///
///     fn at(point: &Point) -> Result<Self> {
///         let depth = point.size("depth")?;
///         let widths = (1..=depth).map(|i| point.size(&format!("width {i}")));
///         Ok(Self { widths: widths.collect::<Result<_>>()?, rate: point.float("rate")? })
///     }
/// }
///
/// let shallow = Net::at(&Net::space()?.point(&[0.2; 4]))?;
/// assert_eq!(shallow.widths.len(), 1);
/// # Ok::<(), gradus_search::Error>(())
/// ```
pub trait Searched: Sized {
    /// The space of all configs that are to be tried.
    ///
    /// # Errors
    /// Those of [`SpaceBuilder::build`](crate::SpaceBuilder::build).
    fn space() -> Result<Space>;

    /// The config at a point of that space.
    ///
    /// # Errors
    /// Those of reading the point: it may come from elsewhere.
    fn at(point: &Point) -> Result<Self>;
}
