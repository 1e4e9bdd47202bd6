//! What a run reports while it runs.

/// One thing that happened. Joining all [`Event::Commit`] and [`Event::Revise`] gives the output.
///
/// `row` is the row of the request, `at` counts prompt and generated together from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<T = u32> {
    /// A value was drawn for a position that had none.
    Commit {
        /// Row of the request.
        row: usize,
        /// Position in the row.
        at: usize,
        /// The value.
        value: T,
        /// Its log-probability in the warped law it was drawn from, in nats.
        logp: f64,
    },
    /// A value that was reported before is replaced. Sent only by strategies that take values back,
    /// such as [`ReMdm`](crate::ReMdm).
    Revise {
        /// Row of the request.
        row: usize,
        /// Position in the row.
        at: usize,
        /// The new value.
        value: T,
        /// Its log-probability, as in [`Event::Commit`].
        logp: f64,
    },
    /// What the model itself says of a value that was just committed or revised, before any warp: first
    /// of the value, then of the most probable ones. Sent only if
    /// [`Request::log_probs`](crate::Request::log_probs) asks for it.
    Own {
        /// Row of the request.
        row: usize,
        /// Position in the row.
        at: usize,
        /// The value.
        value: T,
        /// Its log-probability in the model's own law, in nats.
        logp: f64,
        /// Its rank among the most probable ones, from 0; `None` for the value that was drawn.
        rank: Option<usize>,
    },
    /// A call of the model, and all events that came of it, are over.
    Round {
        /// Calls made so far.
        call: usize,
        /// The most calls there can be, where that is known.
        of: Option<usize>,
    },
    /// A row is finished.
    Done {
        /// Row of the request.
        row: usize,
        /// Why.
        why: Finish,
    },
}

/// Why a row ended. Also called a finish reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finish {
    /// This stop id was drawn; it is the row's last token.
    Stop(u32),
    /// The stop sequence with this index was drawn; it ends the row. A row's own sequences are counted
    /// after those of the strategy.
    StopSeq(usize),
    /// The stop text with this index was completed by the row's last token.
    StopText(usize),
    /// The asked length was reached.
    Length,
    /// The canvas is full.
    Full,
    /// A [`Stopper`](crate::Stopper) was used.
    Cancelled,
    /// The time allowed was over.
    Deadline,
}
