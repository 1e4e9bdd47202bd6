//! Output that matches a regular expression.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use gradus_core::Key;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::alphabet::Unit;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

use crate::{Error, History, Result, Warp};

/// Allows only tokens after which the generated text can still become a match of a regular expression,
/// and the end token only where it is one.
///
/// A word-level match would let a model run into a corner; this one cannot, as long as the vocabulary
/// can spell what the expression asks for. If nothing can be spelled, that is
/// [`Error::EmptySupport`]. Beyond regular expressions, any closure is a [`Warp`].
///
/// # Examples
/// ```
/// use gradus_generate::{History, Pattern, Warps};
/// let words = ["0", "1", "7", "x", "07", ""]; // the last one ends a row
/// let date = Pattern::new("[01][0-9]", words, 5)?;
/// let warps = Warps::none().with(date);
/// let after = |generated: &[u32]| {
///     let history = History { generated, ..History::default() };
///     warps.dist(&mut [0.0; 6], &history).map(|dist| dist.iter().map(|x| x.0).collect::<Vec<_>>())
/// };
/// assert_eq!(after(&[])?, [0, 1, 4]);
/// assert_eq!(after(&[1])?, [0, 1, 2]);
/// assert_eq!(after(&[4])?, [5]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub struct Pattern {
    pattern: String,
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
    /// The states from which a match can still be reached.
    alive: HashSet<StateID>,
    words: Vec<Vec<u8>>,
    end: u32,
    /// The ids allowed in the states that were met.
    allowed: Mutex<HashMap<StateID, Arc<[u32]>>>,
}

/// An automaton may take this much memory, in bytes.
const LIMIT: usize = 256 << 20;

impl Pattern {
    /// For a vocabulary whose id `i` stands for the bytes of `words[i]`; `end` ends a row.
    ///
    /// Words without bytes, such as control tokens, are never allowed but for `end`.
    ///
    /// # Errors
    /// [`Error::Pattern`] for an expression with a fault, or whose automaton would be too large;
    /// [`Error::OutOfVocab`] for an `end` without a word.
    pub fn new(
        pattern: &str,
        words: impl IntoIterator<Item = impl AsRef<[u8]>>,
        end: u32,
    ) -> Result<Self> {
        let words: Vec<Vec<u8>> = words.into_iter().map(|w| w.as_ref().to_vec()).collect();
        if end as usize >= words.len() {
            return Err(Error::OutOfVocab {
                what: "end of a pattern",
                id: end,
                vocab: words.len(),
            });
        }
        let fault = |error: Box<dyn std::error::Error + Send + Sync>| Error::Pattern {
            pattern: pattern.to_owned(),
            source: error,
        };
        // All ways to match are followed, not only the one that is preferred.
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .dfa_size_limit(Some(LIMIT))
            .determinize_size_limit(Some(LIMIT));
        let dfa = dense::Builder::new().configure(config).build(pattern);
        let dfa = dfa.map_err(|error| fault(error.into()))?;
        let begin = start::Config::new().anchored(Anchored::Yes);
        let start = dfa.start_state(&begin).map_err(|error| fault(error.into()))?;
        let (alive, allowed) = (alive(&dfa, start), Mutex::default());
        Ok(Self { pattern: pattern.to_owned(), dfa, start, alive, words, end, allowed })
    }

    fn walk(&self, state: StateID, word: &[u8]) -> StateID {
        word.iter().fold(state, |state, &byte| self.dfa.next_state(state, byte))
    }

    /// The ids that may come next, rising.
    fn allowed(&self, state: StateID) -> Arc<[u32]> {
        // The map is whole even if a thread died while it held the lock.
        let mut known = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        let find = || -> Arc<[u32]> {
            let ends = is_match(&self.dfa, state);
            let may = |(id, word): (usize, &Vec<u8>)| {
                let goes_on = !word.is_empty() && self.alive.contains(&self.walk(state, word));
                let fits = if id == self.end as usize { ends } else { goes_on };
                fits.then_some(id as u32)
            };
            self.words.iter().enumerate().filter_map(may).collect()
        };
        known.entry(state).or_insert_with(find).clone()
    }
}

/// Whether what led to a state is a match.
fn is_match(dfa: &dense::DFA<Vec<u32>>, state: StateID) -> bool {
    dfa.is_match_state(dfa.next_eoi_state(state))
}

/// The states from which a match can be reached. Not being the dead state is not enough: a state may
/// only report a match that ended before it.
fn alive(dfa: &dense::DFA<Vec<u32>>, start: StateID) -> HashSet<StateID> {
    let bytes: Vec<u8> =
        dfa.byte_classes().representatives(0..=255).filter_map(Unit::as_u8).collect();
    let mut before: HashMap<StateID, Vec<StateID>> = HashMap::from([(start, Vec::new())]);
    let mut open = vec![start];
    while let Some(state) = open.pop() {
        for next in bytes.iter().map(|&byte| dfa.next_state(state, byte)) {
            let seen = before.entry(next).or_insert_with(|| {
                open.push(next);
                Vec::new()
            });
            seen.push(state);
        }
    }
    let mut open: Vec<StateID> = before.keys().copied().filter(|&s| is_match(dfa, s)).collect();
    let mut alive: HashSet<StateID> = open.iter().copied().collect();
    while let Some(state) = open.pop() {
        open.extend(before[&state].iter().copied().filter(|&from| alive.insert(from)));
    }
    alive
}

impl Warp for Pattern {
    fn apply(&self, logits: &mut [f64], history: &History<'_>, _: Key) -> Result<()> {
        if history.generated.contains(&self.end) {
            return Ok(());
        }
        let none = Vec::new();
        let word = |&id: &u32| self.words.get(id as usize).unwrap_or(&none);
        let state =
            history.generated.iter().map(word).fold(self.start, |s, word| self.walk(s, word));
        let mut from = 0;
        for &id in self.allowed(state).iter() {
            logits[from..id as usize].fill(f64::NEG_INFINITY);
            from = id as usize + 1;
        }
        logits[from..].fill(f64::NEG_INFINITY);
        Ok(())
    }

    fn check(&self, vocab: usize) -> Result<()> {
        let (expected, got) = (vocab, self.words.len());
        let what = "words of a pattern, one for each id";
        if expected == got { Ok(()) } else { Err(Error::Length { what, expected, got }) }
    }

    fn ordered(&self) -> bool {
        true
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.pattern)
    }
}
