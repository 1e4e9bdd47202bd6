//! The files that tidy reads: Rust of the packages, and markdown pages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::source::Source;

/// Everything that the checks look at.
pub(crate) struct Tree {
    pub(crate) sources: Vec<Source>,
    pub(crate) pages: Vec<Page>,
}

/// A markdown file: its path from the root, and its text.
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut sources = Vec::new();
        for package in packages(root)? {
            for file in files(&package, "rs")? {
                let path = relative(root, &file);
                sources.push(Source::parse(&path, &package_name(root, &package), &read(&file)?)?);
            }
        }
        mark_test_files(&mut sources);
        Ok(Self { sources, pages: pages(root)? })
    }
}

/// The folders that hold a package: all below `crates/`, `examples` and `benches`.
fn packages(root: &Path) -> Result<Vec<PathBuf>> {
    let mut packages = vec![root.join("examples"), root.join("benches")];
    for entry in fs::read_dir(root.join("crates")).context("list crates/")? {
        packages.push(entry?.path());
    }
    packages.retain(|package| package.join("Cargo.toml").is_file());
    packages.sort();
    Ok(packages)
}

/// The folder's name is the package's, as [`super::arrows`] checks; the two at the top have a prefix.
fn package_name(root: &Path, package: &Path) -> String {
    let folder = relative(root, package);
    match folder.strip_prefix("crates/") {
        Some(name) => name.to_owned(),
        None => format!("gradus-{folder}"),
    }
}

fn pages(root: &Path) -> Result<Vec<Page>> {
    let mut found: Vec<PathBuf> = files(&root.join("docs"), "md")?;
    for entry in fs::read_dir(root).context("list the root")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.iter().map(|path| Ok(Page { path: relative(root, path), text: read(path)? })).collect()
}

/// All files below `folder` with this extension, in order of their paths.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                out.push(path);
            }
        }
    }
    out.sort();
    Ok(out)
}

/// A file that its parent declares with `#[cfg(test)] mod name;`, and all below it, is test code.
fn mark_test_files(sources: &mut [Source]) {
    let stems: Vec<String> = sources
        .iter()
        .flat_map(|source| {
            let folder = source.module_folder();
            source.test_files.iter().map(move |name| format!("{folder}/{name}"))
        })
        .collect();
    for source in sources {
        let in_stem = |stem: &String| {
            source
                .path
                .strip_prefix(stem.as_str())
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        source.is_test |= stems.iter().any(in_stem);
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_for_tests_makes_its_files_test_code() {
        let file = |path: &str, text: &str| Source::parse(path, "x", text).unwrap();
        let mut sources = [
            file("crates/x/src/lib.rs", "#[cfg(test)] mod oracle; mod oracles;"),
            file("crates/x/src/oracle.rs", ""),
            file("crates/x/src/oracle/naive.rs", ""),
            file("crates/x/src/oracles.rs", ""),
        ];
        mark_test_files(&mut sources);
        assert_eq!(sources.map(|source| source.is_test), [false, true, true, false]);
    }

    #[test]
    fn packages_have_the_names_of_their_folders() {
        let name = |folder: &str| package_name(Path::new("/r"), &Path::new("/r").join(folder));
        assert_eq!(name("crates/gradus-nn"), "gradus-nn");
        assert_eq!(name("examples"), "gradus-examples");
    }

    #[test]
    fn this_workspace_can_be_read() {
        let tree = Tree::read(&crate::root().unwrap()).unwrap();
        assert!(tree.sources.iter().any(|source| source.path == "crates/xtask/src/tidy/tree.rs"));
        assert!(tree.sources.iter().any(|source| source.package == "gradus-examples"));
        assert!(tree.pages.iter().any(|page| page.path == "docs/architecture.md"));
    }
}
