//! Links between the pages of the repository lead somewhere.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::fault::Fault;
use super::markdown::{prose, without_code};
use super::tree::Page;

/// Reports relative links to a missing file, and anchors that no heading of the target has.
pub(crate) fn check(root: &Path, pages: &[Page]) -> Vec<Fault> {
    let read = |path: &Path| fs::read_to_string(root.join(path)).ok();
    let exists = |path: &Path| root.join(path).exists();
    pages.iter().flat_map(|page| check_page(page, &exists, &read)).collect()
}

fn check_page(
    page: &Page,
    exists: &dyn Fn(&Path) -> bool,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (line, target) in links(&page.text) {
        let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let Some(path) = resolve(&page.path, file) else {
            let message = format!("link `{target}` leaves the repository, expected a file in it");
            faults.push(Fault::new(&page.path, line, message));
            continue;
        };
        if !exists(&path) {
            let message = format!("link `{target}`, expected an existing file");
            faults.push(Fault::new(&page.path, line, message));
        } else if !anchor.is_empty() && is_markdown(&path) {
            let text = read(&path).unwrap_or_default();
            if !anchors(&text).iter().any(|found| found == anchor) {
                let message = format!("link `{target}`, expected a heading with this anchor");
                faults.push(Fault::new(&page.path, line, message));
            }
        }
    }
    faults
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// Relative targets of `[text](target)` and `[label]: target`, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        let inline = line.match_indices("](").map(|(at, _)| {
            let rest = &line[at + 2..];
            &rest[..rest.find(')').unwrap_or(rest.len())]
        });
        let label = line.trim_start().starts_with('[').then(|| line.split_once("]: ")).flatten();
        for target in inline.chain(label.map(|(_, target)| target)) {
            // A title may follow the target: `(page.md "Title")`.
            let target = target.split_whitespace().next().unwrap_or_default();
            if !is_external(target) {
                out.push((number, target.to_owned()));
            }
        }
    }
    out
}

fn is_external(target: &str) -> bool {
    ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
}

/// The target as a path from the root; `None` if it leaves the repository.
fn resolve(page: &str, target: &str) -> Option<PathBuf> {
    if target.is_empty() {
        return Some(PathBuf::from(page));
    }
    let mut path = Path::new(page).parent()?.to_path_buf();
    for part in Path::new(target).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// The anchors that a renderer makes of the headings: lower case, punctuation dropped, spaces to
/// hyphens.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    headings.map(|(_, line)| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Faults of a page `docs/a.md` beside `docs/b.md`, which has the heading "One room, two".
    fn faults(text: &str) -> Vec<String> {
        let page = Page { path: "docs/a.md".into(), text: text.into() };
        let exists = |path: &Path| {
            ["docs/a.md", "docs/b.md", "README.md"].iter().any(|p| path == Path::new(p))
        };
        let read = |_: &Path| Some("# B\n\n## One room, `two`\n".to_owned());
        check_page(&page, &exists, &read).into_iter().map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn links_to_existing_files_pass() {
        assert!(faults("[b](b.md) [r](../README.md \"R\") [s](./b.md)\n[l]: b.md").is_empty());
    }

    #[test]
    fn links_to_missing_files_fail() {
        let expected = "docs/a.md:2: link `c.md`, expected an existing file";
        assert_eq!(faults("\n[b](b.md) and [c](c.md)"), [expected]);
        assert_eq!(faults("[l]: c.md").len(), 1);
    }

    #[test]
    fn links_out_of_the_repository_fail() {
        assert_eq!(faults("[x](../../x.md)").len(), 1);
        assert_eq!(faults("[x](/etc/x.md)").len(), 1);
    }

    #[test]
    fn anchors_must_be_headings() {
        assert!(faults("[b](b.md#one-room-two)").is_empty());
        assert_eq!(faults("[b](b.md#no-room)").len(), 1);
    }

    #[test]
    fn code_and_external_links_are_left_alone() {
        assert!(
            faults("`[c](c.md)` [w](https://example.org/c.md)\n```\n[c](c.md)\n```\n").is_empty()
        );
    }
}
