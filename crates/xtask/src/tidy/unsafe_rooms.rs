//! `unsafe` has two rooms, and every other crate forbids it.

use super::fault::Fault;
use super::source::Source;
use super::tokens;

const ROOMS: [&str; 2] = ["gradus-cpu", "gradus-cuda"];

/// Reports the keyword outside its rooms, and a crate root that does not forbid it.
pub(crate) fn check(source: &Source) -> Vec<Fault> {
    if ROOMS.contains(&source.package.as_str()) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for at in tokens::find(&source.tokens, &["unsafe"]) {
        let line = source.tokens[at].start.line;
        let message = format!("`unsafe` in {}, expected only in gradus-cpu", source.package);
        faults.push(Fault::new(&source.path, line, message));
    }
    let forbid = ["#", "!", "[", "forbid", "(", "unsafe_code", ")", "]"];
    if is_crate_root(&source.path) && tokens::find(&source.tokens, &forbid).next().is_none() {
        let message = "no `#![forbid(unsafe_code)]`, expected one in every crate but gradus-cpu";
        faults.push(Fault::new(&source.path, 1, message));
    }
    faults
}

fn is_crate_root(path: &str) -> bool {
    path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(package: &str, file: &str, text: &str) -> Vec<Fault> {
        let path = format!("crates/{package}/src/{file}");
        check(&Source::parse(&path, package, text).unwrap())
    }

    const BLOCK: &str = "fn f() { unsafe { g() } }";

    #[test]
    fn a_block_fails_outside_its_rooms_only() {
        assert_eq!(faults("gradus-nn", "a.rs", BLOCK).len(), 1);
        assert_eq!(faults("gradus-cpu", "a.rs", BLOCK), []);
    }

    #[test]
    fn a_block_inside_a_macro_is_seen() {
        assert_eq!(faults("gradus-nn", "a.rs", "stamp! { unsafe fn f() {} }").len(), 1);
    }

    #[test]
    fn the_word_in_a_comment_or_a_string_is_no_fault() {
        let text = "//! unsafe\nconst A: &str = \"unsafe\"; // unsafe";
        assert_eq!(faults("gradus-nn", "a.rs", text), []);
    }

    #[test]
    fn a_crate_root_must_forbid_it() {
        assert_eq!(faults("gradus-nn", "lib.rs", "//! Layers.").len(), 1);
        assert_eq!(faults("gradus-nn", "lib.rs", "//! Layers.\n#![forbid(unsafe_code)]"), []);
        assert_eq!(faults("gradus-cpu", "lib.rs", "//! Kernels."), []);
    }
}
