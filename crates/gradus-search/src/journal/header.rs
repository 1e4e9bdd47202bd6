//! What a study is, so that no other goes on from its journal.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::space::{Param, Space};

/// The first line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The version of the format.
    pub(crate) gradus_search: u32,
    pub(crate) space: Space,
    pub(crate) goal: String,
    pub(crate) key: String,
    pub(crate) sampler: String,
    pub(crate) pruner: String,
    pub(crate) concurrency: String,
}

impl Header {
    /// Refuses the journal of another study, and says what differs.
    pub(super) fn compare(&self, got: &Self, path: &Path) -> Result<()> {
        let version = |header: &Self| header.gradus_search.to_string();
        let name = |header: &Self| format!("`{}`", header.space.name());
        let mut fields =
            vec![("format", version(self), version(got)), ("space", name(self), name(got))];
        let (ours, theirs) = (self.space.params(), got.space.params());
        for i in 0..ours.len().max(theirs.len()) {
            let tell = |params: &[Param]| params.get(i).map_or_else(|| "none".to_owned(), describe);
            fields.push(("parameter", tell(ours), tell(theirs)));
        }
        let texts = |header: &Self| {
            let Self { goal, key, sampler, pruner, concurrency, .. } = header.clone();
            [
                ("goal", goal),
                ("key", key),
                ("sampler", sampler),
                ("pruner", pruner),
                ("concurrency", concurrency),
            ]
        };
        let texts = texts(self).into_iter().zip(texts(got));
        fields.extend(texts.map(|((field, ours), (_, theirs))| (field, ours, theirs)));
        match fields.into_iter().find(|(_, expected, got)| expected != got) {
            Some((field, expected, got)) => {
                Err(Error::OtherStudy { path: path.to_owned(), field, expected, got })
            }
            None => Ok(()),
        }
    }
}

fn describe(param: &Param) -> String {
    let when = param.when.as_ref().map_or(String::new(), |when| format!(" when {when:?}"));
    format!("`{}` ({}{when})", param.name, param.domain)
}
