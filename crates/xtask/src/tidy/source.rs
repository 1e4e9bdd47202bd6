//! One Rust file, read once for all checks.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::tokens::{self, Token};

/// A Rust file of a package of the workspace.
pub(crate) struct Source {
    /// Path from the root of the workspace, with `/`.
    pub(crate) path: String,
    /// Name of the package the file belongs to.
    pub(crate) package: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    /// Every function with a body.
    pub(crate) functions: Vec<Function>,
    /// Names of modules written here, with their lines.
    pub(crate) modules: Vec<(String, usize)>,
    /// Names of modules that are compiled for tests only and lie in another file.
    pub(crate) test_files: Vec<String>,
    /// Lines of items that are compiled for tests only.
    pub(crate) test_lines: Vec<RangeInclusive<usize>>,
    /// Whether the whole file is compiled for tests only.
    pub(crate) is_test: bool,
}

/// A function's name and the lines of its body, braces included.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) body: RangeInclusive<usize>,
}

impl Source {
    pub(crate) fn parse(path: &str, package: &str, text: &str) -> Result<Self> {
        let stream: TokenStream =
            text.parse().map_err(|error| anyhow::anyhow!("{path}: {error}"))?;
        let file: syn::File =
            syn::parse2(stream.clone()).with_context(|| format!("read {path}"))?;
        let mut source = Self {
            path: path.to_owned(),
            package: package.to_owned(),
            text: text.to_owned(),
            tokens: tokens::flatten(stream),
            functions: Vec::new(),
            modules: Vec::new(),
            test_files: Vec::new(),
            test_lines: Vec::new(),
            is_test: path.contains("/tests/"),
        };
        source.visit_file(&file);
        Ok(source)
    }

    /// Lines that hold code: not blank, not only a comment.
    pub(crate) fn code_lines(&self) -> BTreeSet<usize> {
        self.tokens.iter().flat_map(|token| token.start.line..=token.end.line).collect()
    }

    /// Whether the line is compiled for tests only.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.is_test || self.test_lines.iter().any(|range| range.contains(&line))
    }

    /// The folder where this file's child modules lie.
    pub(crate) fn module_folder(&self) -> String {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        match name {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            other => format!("{folder}/{}", other.trim_end_matches(".rs")),
        }
    }

    fn push_function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let lines = body.span().start().line..=body.span().end().line;
        let line = signature.ident.span().start().line;
        self.functions.push(Function { name: signature.ident.to_string(), line, body: lines });
    }

    fn note_test_item(&mut self, attributes: &[syn::Attribute], item: &impl Spanned) {
        if attributes.iter().any(is_cfg_test) {
            self.test_lines.push(item.span().start().line..=item.span().end().line);
        }
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.modules.push((item.ident.to_string(), item.ident.span().start().line));
        self.note_test_item(&item.attrs, item);
        if item.content.is_none() && item.attrs.iter().any(is_cfg_test) {
            self.test_files.push(item.ident.to_string());
        }
        visit::visit_item_mod(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_test_item(&item.attrs, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note_test_item(&item.attrs, item);
        self.push_function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note_test_item(&item.attrs, item);
        self.push_function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.push_function(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg") && list.tokens.to_string() == "test"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::parse(path, "gradus-core", text).unwrap()
    }

    #[test]
    fn blank_lines_and_comments_are_no_code() {
        let text = "//! doc\n\nfn f() { // why\n    // a\n    let s = \"x\ny\";\n}\n/* b\n c */\n";
        let lines: Vec<usize> = source("a.rs", text).code_lines().into_iter().collect();
        assert_eq!(lines, [3, 5, 6, 7]);
    }

    #[test]
    fn test_modules_are_known_by_their_attribute() {
        let text =
            "fn f() {}\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n#[cfg(test)]\nmod oracle;";
        let source = source("crates/x/src/a.rs", text);
        assert!(!source.is_test_line(1));
        assert!((2..=5).all(|line| source.is_test_line(line)));
        assert_eq!(source.test_files, ["oracle"]);
        assert_eq!(source.module_folder(), "crates/x/src/a");
    }

    #[test]
    fn functions_are_found_in_every_place() {
        let text = "fn a() {}\nimpl X { fn b() { fn c() {} } }\ntrait T { fn d() {} fn e(); }\nmod m { fn f() {} }";
        let source = source("a.rs", text);
        let names: Vec<&str> = source.functions.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "f"]);
    }
}
