//! Every layer, loss and optimizer stands in the table of its crate's test suite.
//!
//! The suites run the same claims (gradients, state, rows, bits) over every row of a table; a thing that
//! is in no row is a thing without tests. Ops have the same rule in the registry test of `gradus-autograd`.

use super::fault::Fault;
use super::source::Source;
use super::tokens::{self, Token};
use super::tree::Tree;

/// A kind of thing, where it is made, and where its suite is.
struct Kind {
    what: &'static str,
    /// A prefix of the paths of its files.
    room: &'static str,
    /// The names that a file defines, with their lines.
    names: fn(&Source) -> Vec<(usize, String)>,
    /// A prefix of the paths of the suite.
    suite: &'static str,
    /// A part of the name of the suite's file, or of its folder.
    file: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        what: "layer",
        room: "crates/gradus-nn/src/layers/",
        names: implementors,
        suite: "crates/gradus-nn/tests/",
        file: "layers",
    },
    Kind {
        what: "loss",
        room: "crates/gradus-nn/src/loss/mod.rs",
        names: exported_functions,
        suite: "crates/gradus-nn/tests/",
        file: "loss",
    },
    Kind {
        what: "optimizer",
        room: "crates/gradus-optim/src/optimizers/mod.rs",
        names: exported_types,
        suite: "crates/gradus-optim/tests/",
        file: "optimizers",
    },
    // What has parameters but is no `Layer`, since it takes more than one input.
    Kind {
        what: "module",
        room: "crates/gradus-nn/src/layers/",
        names: modules,
        suite: "crates/gradus-nn/tests/",
        file: "",
    },
];

/// Reports what no suite names.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    KINDS.iter().flat_map(|kind| check_kind(kind, &tree.sources)).collect()
}

fn check_kind(kind: &Kind, sources: &[Source]) -> Vec<Fault> {
    let in_suite = |source: &&Source| {
        let file = source.path.strip_prefix(kind.suite);
        let top = file.and_then(|file| file.split('/').next());
        top.is_some_and(|top| top.contains(kind.file))
    };
    let suite: Vec<&Source> = sources.iter().filter(in_suite).collect();
    let made = sources.iter().filter(|source| source.path.starts_with(kind.room));
    let all: Vec<_> = made.flat_map(|s| (kind.names)(s).into_iter().map(move |n| (s, n))).collect();
    if all.is_empty() {
        return vec![Fault::new(kind.room, 1, format!("no {} found, expected some", kind.what))];
    }
    let missing = all.into_iter().filter(|(_, (_, name))| !suite.iter().any(|s| names(s, name)));
    missing
        .map(|(source, (line, name))| {
            let Kind { what, suite, file, .. } = kind;
            let message = format!("{what} `{name}` is in no row of {suite}*{file}*");
            Fault::new(&source.path, line, message)
        })
        .collect()
}

/// Whether a suite speaks of a thing: by its name, that of its config, or the name of a row.
fn names(suite: &Source, name: &str) -> bool {
    let config = format!("{name}Config");
    let row = |text: &str| text.strip_prefix('"').is_some_and(|text| text.starts_with(name));
    let is_name = |token: &Token| token.text == name || token.text == config || row(&token.text);
    let mut in_use = false;
    suite.tokens.iter().any(|token| {
        // A name that is only imported is no row.
        match token.text.as_str() {
            "use" => in_use = true,
            ";" => in_use = false,
            _ => {}
        }
        !in_use && is_name(token)
    })
}

/// The types with an `impl Layer for`, but for boxes and those that a macro stamps, which are in the
/// table by their own names.
fn implementors(source: &Source) -> Vec<(usize, String)> {
    let path = |at: usize| {
        let is_prefix = |token: &&Token| matches!(token.text.as_str(), "super" | "crate" | ":");
        source.tokens[at + 2..].iter().find(|token| !is_prefix(token))
    };
    let found = tokens::find(&source.tokens, &["Layer", "for"]).filter_map(path);
    let own = found.filter(|token| {
        !matches!(token.text.as_str(), "Box" | "$") && !source.is_test_line(token.start.line)
    });
    own.map(|token| (token.start.line, token.text.clone())).collect()
}

/// The public types that derive `Module`.
fn modules(source: &Source) -> Vec<(usize, String)> {
    let is_module = |at: &usize| {
        let derives = source.tokens[at + 1..].iter().take_while(|token| token.text != ")");
        derives.into_iter().any(|token| token.text == "Module")
    };
    let name = |at: usize| {
        let rest = &source.tokens[at..];
        let item = rest.windows(3).find(|w| matches!(w[1].text.as_str(), "struct" | "enum"))?;
        (item[0].text == "pub").then(|| (item[2].start.line, item[2].text.clone()))
    };
    let found = tokens::find(&source.tokens, &["derive", "("]).filter(is_module).filter_map(name);
    // A macro's types are named by what stamps them.
    found.filter(|(line, name)| name != "$" && !source.is_test_line(*line)).collect()
}

fn exported_functions(source: &Source) -> Vec<(usize, String)> {
    exported(source, char::is_lowercase)
}

fn exported_types(source: &Source) -> Vec<(usize, String)> {
    exported(source, char::is_uppercase)
}

/// The names that `pub use file::name;` or `pub use file::{…};` hands on.
fn exported(source: &Source, is_wanted: fn(char) -> bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in tokens::find(&source.tokens, &["pub", "use"]) {
        let statement = source.tokens[at + 3..].iter().take_while(|token| token.text != ";");
        let is_name = |token: &&Token| token.text.chars().next().is_some_and(is_wanted);
        found.extend(statement.filter(is_name).map(|token| (token.start.line, token.text.clone())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::parse(path, "x", text).unwrap()
    }

    fn faults(kind: usize, room: &str, suite: &str) -> Vec<String> {
        let kind = &KINDS[kind];
        let made = source(&format!("{}mod.rs", kind.room.trim_end_matches("mod.rs")), room);
        let suite = source(&format!("{}{}.rs", kind.suite, kind.file), suite);
        check_kind(kind, &[made, suite]).into_iter().map(|fault| fault.message).collect()
    }

    const LAYERS: &str = "impl Layer for Linear { } impl<L: Layer> Layer for Box<L> { } \
                          impl Layer for Planted { }";

    #[test]
    fn a_planted_layer_without_a_row_fails() {
        let suite = "use nn::{Linear, Planted}; fn table() { row(\"a\", Linear::new()); }";
        let expected = "layer `Planted` is in no row of crates/gradus-nn/tests/*layers*";
        assert_eq!(faults(0, LAYERS, suite), [expected]);
        let row = |row: &str| format!("fn table() {{ Linear::new(); {row} }}");
        assert!(faults(0, LAYERS, &row("row(\"Planted deep\", x)")).is_empty());
        assert!(faults(0, LAYERS, &row("PlantedConfig::new().init()")).is_empty());
    }

    #[test]
    fn a_planted_loss_without_a_row_fails() {
        let room = "mod mse; pub use mse::mse; pub use a::{Options, planted};";
        let suite = |more: &str| format!("fn table() {{ loss::mse(x); {more} }}");
        let expected = "loss `planted` is in no row of crates/gradus-nn/tests/*loss*";
        assert_eq!(faults(1, room, &suite("")), [expected]);
        assert!(faults(1, room, &suite("loss::planted(x);")).is_empty());
    }

    #[test]
    fn a_planted_optimizer_without_a_row_fails() {
        let room = "pub use sgd::Sgd; pub use planted::Planted;";
        let suite =
            |more: &str| format!("use o::Planted; fn table() {{ Sgd {{}}.init(); {more} }}");
        let expected = "optimizer `Planted` is in no row of crates/gradus-optim/tests/*optimizers*";
        assert_eq!(faults(2, room, &suite("")), [expected]);
        assert!(faults(2, room, &suite("Planted {}.init();")).is_empty());
    }

    #[test]
    fn a_planted_module_without_a_test_fails() {
        let room = "#[derive(Debug, Module)] pub struct Cell; #[derive(Module)] struct Part; \
                    #[derive(Debug)] pub struct Planted; #[derive(Module)] pub struct Pair;";
        let suite = "fn f() { Cell::new(); }";
        assert_eq!(
            faults(3, room, suite),
            ["module `Pair` is in no row of crates/gradus-nn/tests/**"]
        );
    }

    #[test]
    fn stamped_layers_and_wrappers_are_no_names() {
        let room = "impl Layer for super::$layer { } impl<L: Layer> Layer for Box<L> { } \
                    impl crate::Layer for super::Rnn { }";
        let room = format!("macro_rules! m {{ () => {{ {room} }} }}");
        let expected = "layer `Rnn` is in no row of crates/gradus-nn/tests/*layers*";
        assert_eq!(faults(0, &room, ""), [expected]);
    }

    #[test]
    fn a_room_where_nothing_is_found_fails() {
        assert_eq!(faults(2, "mod sgd;", "").len(), 1);
    }

    #[test]
    fn every_layer_loss_and_optimizer_of_this_workspace_has_its_row() {
        let faults = check(&Tree::read(&crate::root().unwrap()).unwrap());
        assert!(
            faults.is_empty(),
            "{}",
            faults.iter().map(|f| format!("{f}\n")).collect::<String>()
        );
    }
}
