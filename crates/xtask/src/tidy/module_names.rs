//! A module is named after its one idea; some names admit that there is none.

use super::fault::Fault;
use super::source::Source;

const EMPTY_WORDS: [&str; 9] =
    ["util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers"];

/// Reports files, folders and modules with a name that would fit any content.
pub(crate) fn check(source: &Source) -> Vec<Fault> {
    let fault = |name: &str, line: usize| {
        let message = format!("module `{name}`, expected the name of the one thing it holds");
        Fault::new(&source.path, line, message)
    };
    let in_path = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
    let in_path = in_path.filter(|name| is_empty_name(name)).map(|name| fault(name, 1));
    let written = source.modules.iter().filter(|(name, _)| is_empty_name(name));
    in_path.chain(written.map(|(name, line)| fault(name, *line))).collect()
}

/// `common` and the like, and a compound that ends in such a word: `test_utils`.
fn is_empty_name(name: &str) -> bool {
    EMPTY_WORDS.contains(&name.rsplit('_').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> usize {
        check(&Source::parse(path, "gradus-core", text).unwrap()).len()
    }

    #[test]
    fn names_without_content_fail_in_paths_and_in_text() {
        assert_eq!(faults("crates/gradus-core/src/utils.rs", ""), 1);
        assert_eq!(faults("crates/gradus-core/src/common/a.rs", ""), 1);
        assert_eq!(faults("crates/gradus-core/src/test_helpers.rs", ""), 1);
        assert_eq!(faults("crates/gradus-core/src/a.rs", "mod misc { mod manager {} }"), 2);
    }

    #[test]
    fn names_with_content_pass() {
        assert_eq!(faults("crates/gradus-core/src/base64.rs", "mod shape; mod common_voice;"), 0);
    }
}
