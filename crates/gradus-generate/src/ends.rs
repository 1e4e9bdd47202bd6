//! What ends single rows of a request.

use crate::{Finish, StopTexts, Stops};

/// A row's own stops, and the request's texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ends {
    pub(crate) stops: Stops,
    pub(crate) texts: Option<StopTexts>,
}

impl Ends {
    /// Whether the last token of `generated` ends the row. The sequences of the strategy, so many, come
    /// before the row's own in the count of [`Finish::StopSeq`].
    pub(crate) fn hit(&self, generated: &[u32], sequences: usize) -> Option<Finish> {
        let own = match self.stops.hit(generated) {
            Some(Finish::StopSeq(k)) => Some(Finish::StopSeq(sequences + k)),
            other => other,
        };
        let text = || self.texts.as_ref()?.hit(generated).map(Finish::StopText);
        own.or_else(text)
    }
}
