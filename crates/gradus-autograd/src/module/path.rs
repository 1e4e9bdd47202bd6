//! [`Path`]: where in a module a parameter lives.

use std::fmt;

/// The way from a module to one of its parameters: `blocks.3.attn.q.weight`.
///
/// # Examples
/// ```
/// use gradus_autograd::Path;
/// let mut path = Path::new();
/// path.with("blocks", |path| {
///     path.with(3, |path| assert_eq!(path.to_string(), "blocks.3"));
/// });
/// assert!(path.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

/// One step of a [`Path`]: a field, a place in a list, or a name that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A field's name.
    Field(&'static str),
    /// A place in a list.
    Index(usize),
    /// A name that counts: `weight_ih_l1_reverse`.
    Counted {
        /// What stands before the number.
        name: &'static str,
        /// The number.
        index: usize,
        /// What stands after it.
        suffix: &'static str,
    },
}

impl Path {
    /// The empty path, which is the module itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `f` with one more segment, which is gone afterwards.
    pub fn with<T>(&mut self, segment: impl Into<Segment>, f: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(segment.into());
        let out = f(self);
        self.0.pop();
        out
    }

    /// Adds a segment.
    pub fn push(&mut self, segment: impl Into<Segment>) {
        self.0.push(segment.into());
    }

    /// Takes the last segment off.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// Whether this is the module itself.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<&'static str> for Segment {
    fn from(field: &'static str) -> Self {
        Self::Field(field)
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Index(i) => write!(f, "{i}"),
            Self::Counted { name, index, suffix } => write!(f, "{name}{index}{suffix}"),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            write!(f, "{dot}{segment}")?;
        }
        Ok(())
    }
}
