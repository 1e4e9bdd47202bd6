//! Pages name rooms by path, and the rooms exist.

use std::path::Path;

use super::fault::Fault;
use super::markdown;
use super::tree::Page;

const TOPS: [&str; 4] = ["crates/", "examples/", "benches/", "docs/"];

/// Reports inline code that reads like a path of the repository and leads nowhere.
///
/// A component in capitals stands for a name to choose (`src/ops/NAME.rs`), so only what comes
/// before it must exist. The changelog tells of the past and is left alone.
pub(crate) fn check(root: &Path, pages: &[Page]) -> Vec<Fault> {
    let exists = |path: &str| root.join(path).exists();
    let current = pages.iter().filter(|page| page.path != "CHANGELOG.md");
    current.flat_map(|page| check_page(page, &exists)).collect()
}

fn check_page(page: &Page, exists: &dyn Fn(&str) -> bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in markdown::prose(&page.text) {
        for code in markdown::inline_code(line).filter(|code| is_path(code)) {
            if !exists(&known_part(code)) {
                let message = format!("path `{code}`, expected an existing file or folder");
                faults.push(Fault::new(&page.path, number, message));
            }
        }
    }
    faults
}

fn is_path(code: &str) -> bool {
    TOPS.iter().any(|top| code.starts_with(top)) && !code.contains(char::is_whitespace)
}

/// The components before the first that starts with two capitals or holds a wildcard.
fn known_part(path: &str) -> String {
    let is_open = |part: &&str| {
        let capitals = part.chars().take_while(char::is_ascii_uppercase).count();
        capitals >= 2 || part.contains(['*', '…'])
    };
    path.split('/').take_while(|part| !is_open(part)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> usize {
        let page = Page { path: "docs/a.md".into(), text: text.into() };
        check_page(&page, &|path| path == "crates/a/src/op.rs" || path == "crates/a/src").len()
    }

    #[test]
    fn existing_rooms_pass() {
        assert_eq!(faults("in `crates/a/src/op.rs` and `crates/a/src/NAME.rs`"), 0);
    }

    #[test]
    fn missing_rooms_fail() {
        assert_eq!(faults("in `crates/a/src/gone.rs` and `crates/b/src/NAME.rs`"), 2);
    }

    #[test]
    fn other_code_is_left_alone() {
        assert_eq!(faults("`src/gone.rs`, `x/y`, `crates/b c`, crates/b\n```\n`crates/b`\n```"), 0);
    }
}
