//! Runs all checks and prints what they found.

use std::path::Path;

use anyhow::{Result, bail};

use super::fault::Fault;
use super::tree::Tree;
use super::{
    arrows, attributes, check_tables, guide_pages, io_rooms, leftovers, links, module_names,
    op_rooms, ops_page, paths, sizes, unsafe_rooms,
};

/// Checks the tree under `root`; an error means that a fault was found, or that it could not be read.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let mut faults = arrows::check(&arrows::members(root)?);
    for source in &tree.sources {
        faults.extend(sizes::check(source));
        faults.extend(unsafe_rooms::check(source));
        faults.extend(io_rooms::check(source));
        faults.extend(module_names::check(source));
        faults.extend(attributes::check(source));
        faults.extend(leftovers::check(source));
    }
    faults.extend(op_rooms::check(&tree));
    faults.extend(check_tables::check(&tree));
    faults.extend(ops_page::check(&tree));
    faults.extend(guide_pages::check(root, &tree.pages));
    faults.extend(links::check(root, &tree.pages));
    faults.extend(paths::check(root, &tree.pages));
    finish(faults, &tree)
}

fn finish(mut faults: Vec<Fault>, tree: &Tree) -> Result<()> {
    faults.sort();
    faults.dedup();
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("tidy found {} fault(s)", faults.len());
    }
    let (sources, pages) = (tree.sources.len(), tree.pages.len());
    println!("tidy: {sources} Rust files and {pages} pages keep the rules");
    Ok(())
}
