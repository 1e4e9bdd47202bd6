//! What the docs of an op's method say.

use crate::tidy::Source;

/// The sections of a doc comment, as title and text.
type Sections = Vec<(String, String)>;

/// What an op's docs tell the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpDocs {
    /// The text of `# Dtypes`; without one, any float.
    pub(crate) dtypes: String,
    /// The text of `# PyTorch`.
    pub(crate) pytorch: String,
}

/// What an op takes whose docs do not say.
const FLOATS: &str = "floats";

/// The docs of the method of this name in one of the files; `None` unless one has a section
/// `# PyTorch`.
pub(crate) fn find<'a>(op: &str, files: impl Iterator<Item = &'a Source>) -> Option<OpDocs> {
    files.into_iter().find_map(|file| of_method(op, &file.text).or_else(|| of_row(op, &file.text)))
}

/// From the doc comment before `pub fn op`.
fn of_method(op: &str, text: &str) -> Option<OpDocs> {
    let mut comment: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(doc) = line.strip_prefix("///") {
            comment.push(doc.strip_prefix(' ').unwrap_or(doc));
            continue;
        }
        let name = line.strip_prefix("pub fn ").and_then(|rest| rest.split(['(', '<']).next());
        if name == Some(op)
            && let Some(docs) = of_sections(&sections(&comment))
        {
            return Some(docs);
        }
        if !line.starts_with("#[") {
            comment.clear();
        }
    }
    None
}

fn of_sections(sections: &Sections) -> Option<OpDocs> {
    let of = |title: &str| sections.iter().find(|(t, _)| t == title).map(|(_, text)| text.clone());
    Some(OpDocs { dtypes: of("Dtypes").unwrap_or_else(|| FLOATS.into()), pytorch: of("PyTorch")? })
}

fn sections(comment: &[&str]) -> Sections {
    let mut sections: Sections = Vec::new();
    for line in comment {
        match (line.strip_prefix("# "), sections.last_mut()) {
            (Some(title), _) => sections.push((title.trim().to_owned(), String::new())),
            (None, Some((_, text))) if !line.trim().is_empty() => {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(line.trim());
            }
            _ => {}
        }
    }
    sections
}

/// From a row `//! | op | dtypes | PyTorch |` of the file's doc: methods that a macro stamps have no
/// comment of their own.
fn of_row(op: &str, text: &str) -> Option<OpDocs> {
    let rows = text.lines().map_while(|line| line.strip_prefix("//!"));
    let cells = rows.map(|row| row.trim().split('|').map(str::trim).collect::<Vec<_>>());
    cells.into_iter().find_map(|cells| match cells.as_slice() {
        ["", name, dtypes, pytorch, ""] if name.trim_matches('`') == op => {
            Some(OpDocs { dtypes: (*dtypes).to_owned(), pytorch: (*pytorch).to_owned() })
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docs(op: &str, text: &str) -> Option<(String, String)> {
        let source = Source::parse("a.rs", "gradus-autograd", text).unwrap();
        find(op, [&source].into_iter()).map(|docs| (docs.dtypes, docs.pytorch))
    }

    fn pair(dtypes: &str, pytorch: &str) -> Option<(String, String)> {
        Some((dtypes.to_owned(), pytorch.to_owned()))
    }

    #[test]
    fn sections_of_the_method_are_read() {
        let text = "impl V {\n    /// Sum.\n    ///\n    /// # Dtypes\n    /// f32,\n    /// i64\n    ///\n    \
                    /// # PyTorch\n    /// `torch.sum`\n    #[must_use]\n    pub fn sum<T>(&self) {}\n}";
        assert_eq!(docs("sum", text), pair("f32, i64", "`torch.sum`"));
        assert_eq!(docs("su", text), None);
    }

    #[test]
    fn floats_are_what_an_op_takes_that_does_not_say() {
        let text = "/// # PyTorch\n/// `torch.exp`\npub fn exp() {}";
        assert_eq!(docs("exp", text), pair(FLOATS, "`torch.exp`"));
    }

    #[test]
    fn a_method_without_the_section_has_no_docs() {
        assert_eq!(docs("b", "/// # PyTorch\n/// `a`\npub fn a() {}\n/// B.\npub fn b() {}"), None);
    }

    #[test]
    fn stamped_methods_have_a_row_of_the_files_doc() {
        let text = "//! Comparisons.\n//!\n//! | op | dtypes | PyTorch |\n//! |---|---|---|\n\
                    //! | `eq` | bool | `torch.eq` |\n";
        assert_eq!(docs("eq", text), pair("bool", "`torch.eq`"));
    }
}
