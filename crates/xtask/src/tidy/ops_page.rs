//! `docs/ops.md` is what `cargo xtask ops` would write.

use super::fault::Fault;
use super::tree::Tree;
use crate::ops::{PAGE, page};

/// Reports ops that the page cannot list, or the first line where it is stale.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let expected = match page(tree) {
        Ok(expected) => expected,
        Err(faults) => return faults,
    };
    let found = tree.pages.iter().find(|page| page.path == PAGE).map_or("", |page| &page.text);
    stale_line(found, &expected).map(fault).into_iter().collect()
}

fn fault(line: usize) -> Fault {
    Fault::new(PAGE, line, "stale, expected what `cargo xtask ops` writes")
}

/// The first line that differs, numbered from 1.
fn stale_line(found: &str, expected: &str) -> Option<usize> {
    if found == expected {
        return None;
    }
    let same = found.lines().zip(expected.lines()).take_while(|(a, b)| a == b).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_page_is_told_by_its_first_wrong_line() {
        assert_eq!(stale_line("a\nb\n", "a\nb\n"), None);
        assert_eq!(stale_line("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(stale_line("", "a\n"), Some(1));
        assert_eq!(stale_line("a\n", "a\nb\n"), Some(2));
    }
}
