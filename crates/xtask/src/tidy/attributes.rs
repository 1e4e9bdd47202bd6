//! Attributes that silence: `allow`, `expect` without a reason, `ignore`.

use super::fault::Fault;
use super::source::Source;
use super::tokens::{self, Token};

/// Reports `allow` (`expect` tells when it is no longer needed), `expect` without a reason, and
/// ignored tests.
pub(crate) fn check(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for attribute in attributes(&source.tokens) {
        for message in faults_in(attribute) {
            faults.push(Fault::new(&source.path, attribute[0].start.line, message));
        }
    }
    faults
}

/// The tokens inside the brackets of every `#[…]` and `#![…]`.
fn attributes(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    (0..tokens.len()).filter_map(|at| {
        let open = match (text(tokens, at), text(tokens, at + 1), text(tokens, at + 2)) {
            ("#", "[", _) => at + 1,
            ("#", "!", "[") => at + 2,
            _ => return None,
        };
        let inside = &tokens[open + 1..tokens::closing(tokens, open)];
        (!inside.is_empty()).then_some(inside)
    })
}

fn faults_in(attribute: &[Token]) -> Vec<&'static str> {
    let mut messages = Vec::new();
    if text(attribute, 0) == "ignore" {
        messages.push("`#[ignore]`, expected a test that runs");
    }
    if tokens::find(attribute, &["allow", "("]).next().is_some() {
        messages.push("`allow(…)`, expected `expect(…, reason = \"…\")`");
    }
    for at in tokens::find(attribute, &["expect", "("]) {
        let list = &attribute[at..tokens::closing(attribute, at + 1)];
        if tokens::find(list, &["reason", "="]).next().is_none() {
            messages.push("`expect(…)` without a reason, expected `reason = \"…\"`");
        }
    }
    messages
}

fn text(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<Fault> {
        check(&Source::parse("crates/x/src/a.rs", "x", text).unwrap())
    }

    #[test]
    fn allow_fails_in_every_form() {
        assert_eq!(faults("#[allow(dead_code)] fn f() {}").len(), 1);
        assert_eq!(faults("#![allow(dead_code)]").len(), 1);
        assert_eq!(faults("#[cfg_attr(test, allow(dead_code))] fn f() {}").len(), 1);
    }

    #[test]
    fn expect_needs_a_reason() {
        assert_eq!(faults("#[expect(dead_code)] fn f() {}").len(), 1);
        assert_eq!(faults("#[expect(dead_code, reason = \"soon\")] fn f() {}"), []);
    }

    #[test]
    fn an_ignored_test_fails() {
        assert_eq!(faults("#[test]\n#[ignore = \"slow\"]\nfn f() {}")[0].line, 2);
        assert_eq!(faults("#[test] fn ignore() { x.expect(\"a\").allow(b) }"), []);
    }
}
