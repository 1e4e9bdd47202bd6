//! A row of the table.

/// What both sides reached in one case, beside what is to be reached.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) threads: usize,
    /// What the reference reached; none if there is none or it failed.
    pub(crate) torch: Option<Figure>,
    pub(crate) gradus: Option<Figure>,
    /// How many times better Gradus is.
    pub(crate) ratio: Option<f64>,
    pub(crate) target: Option<Target>,
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) unit: String,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// A ratio of at least this.
    Ratio(f64),
    /// A figure of Gradus of at most this.
    AtMost(f64),
}

impl Row {
    /// Whether the target is reached; none if there is no target or no figure.
    pub(crate) fn met(&self) -> Option<bool> {
        match self.target? {
            Target::Ratio(least) => Some(self.ratio? >= least),
            Target::AtMost(most) => Some(self.gradus.as_ref()?.value <= most),
        }
    }
}
