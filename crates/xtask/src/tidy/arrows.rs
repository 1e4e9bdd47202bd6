//! A crate knows the crates below it, and nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::fault::Fault;

/// Who may depend on whom; the table of `docs/architecture.md`.
const ARROWS: [(&str, &[&str]); 18] = [
    ("gradus-core", &[]),
    ("gradus-cpu", &["gradus-core"]),
    ("gradus-tensor", &["gradus-core", "gradus-cpu"]),
    ("gradus-autograd", &["gradus-core", "gradus-tensor"]),
    ("gradus-nn-derive", &[]),
    ("gradus-nn", &["gradus-autograd", "gradus-core", "gradus-nn-derive", "gradus-tensor"]),
    ("gradus-optim", &["gradus-autograd", "gradus-core", "gradus-tensor"]),
    ("gradus-data", &["gradus-core", "gradus-tensor"]),
    ("gradus-io", &["gradus-core", "gradus-tensor"]),
    ("gradus-generate", &["gradus-core", "gradus-tensor"]),
    (
        "gradus-models",
        &[
            "gradus-autograd",
            "gradus-core",
            "gradus-data",
            "gradus-generate",
            "gradus-io",
            "gradus-nn",
            "gradus-tensor",
        ],
    ),
    (
        "gradus-train",
        &[
            "gradus-autograd",
            "gradus-core",
            "gradus-data",
            "gradus-io",
            "gradus-nn",
            "gradus-optim",
            "gradus-tensor",
        ],
    ),
    ("gradus-search", &["gradus-core", "gradus-io", "gradus-train"]),
    (
        "gradus",
        &[
            "gradus-autograd",
            "gradus-core",
            "gradus-cpu",
            "gradus-data",
            "gradus-generate",
            "gradus-io",
            "gradus-models",
            "gradus-nn",
            "gradus-optim",
            "gradus-search",
            "gradus-tensor",
            "gradus-train",
        ],
    ),
    (
        "gradus-testing",
        &["gradus-autograd", "gradus-core", "gradus-nn", "gradus-optim", "gradus-tensor"],
    ),
    ("gradus-examples", &["gradus"]),
    ("gradus-benches", &["gradus"]),
    ("xtask", &[]),
];

/// A package of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Folder of the package, from the root of the workspace.
    pub(crate) folder: String,
    /// Names of everything it depends on: normal, build and development, for any target.
    pub(crate) dependencies: Vec<String>,
    /// Text of its manifest, for the lines of faults.
    pub(crate) manifest: String,
}

impl Member {
    /// The line of the manifest that names the dependency.
    fn line_of(&self, dependency: &str) -> usize {
        let names = |line: &str| {
            let rest = line.trim_start().strip_prefix(dependency);
            rest.is_some_and(|rest| rest.starts_with([' ', '=', '.']))
        };
        self.manifest.lines().position(names).map_or(1, |index| index + 1)
    }
}

/// The members of the workspace, as cargo sees them.
pub(crate) fn members(root: &Path) -> Result<Vec<Member>> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["metadata", "--no-deps", "--format-version", "1"]);
    let output = cargo.output().context("start cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata = serde_json::from_slice(&output.stdout).context("read cargo metadata")?;
    let mut members = parse(&metadata)?;
    for member in &mut members {
        let manifest = root.join(&member.folder).join("Cargo.toml");
        member.manifest = fs::read_to_string(manifest).context("read a manifest")?;
    }
    Ok(members)
}

fn parse(metadata: &Value) -> Result<Vec<Member>> {
    let root = metadata["workspace_root"].as_str().context("no workspace_root")?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    packages.iter().map(|package| parse_member(root, package)).collect()
}

fn parse_member(root: &str, package: &Value) -> Result<Member> {
    let manifest = package["manifest_path"].as_str().context("no manifest_path")?;
    let folder = Path::new(manifest).parent().context("a manifest lies in a folder")?;
    let folder = folder.strip_prefix(root).context("a member lies outside the workspace")?;
    let dependencies = package["dependencies"].as_array().context("no dependencies")?;
    Ok(Member {
        name: package["name"].as_str().context("no name")?.to_owned(),
        folder: folder.to_string_lossy().replace('\\', "/"),
        dependencies: dependencies
            .iter()
            .filter_map(|dependency| dependency["name"].as_str())
            .map(str::to_owned)
            .collect(),
        manifest: String::new(),
    })
}

/// Reports members that are not in the table, arrows that are not in it, and rows without a member.
///
/// Development dependencies follow the same arrows: a test that needs a crate from above belongs
/// above.
pub(crate) fn check(members: &[Member]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = members.iter().flat_map(check_member).collect();
    for (name, _) in ARROWS {
        if !members.iter().any(|member| member.name == name) {
            faults.push(Fault::new("Cargo.toml", 1, format!("no member `{name}`, expected one")));
        }
    }
    faults
}

fn check_member(member: &Member) -> Vec<Fault> {
    let manifest = format!("{}/Cargo.toml", member.folder);
    let fault = |line: usize, message: String| Fault::new(&manifest, line, message);
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
        let expected = "expected a row in crates/xtask/src/tidy/arrows.rs";
        return vec![fault(1, format!("member `{}` has no arrows, {expected}", member.name))];
    };
    let mut faults = Vec::new();
    let folder = member.folder.rsplit('/').next().unwrap_or_default();
    if folder != member.name && format!("gradus-{folder}") != member.name {
        let message = format!("member `{}` in folder `{folder}`, expected its name", member.name);
        faults.push(fault(1, message));
    }
    for dependency in member.dependencies.iter().filter(|name| is_ours(name)) {
        if !allowed.contains(&dependency.as_str()) {
            let (name, allowed) = (&member.name, allowed.join(", "));
            let expected = if allowed.is_empty() { "nothing".to_owned() } else { allowed };
            let message = format!("{name} -> {dependency}, expected only {expected}");
            faults.push(fault(member.line_of(dependency), message));
        }
    }
    faults
}

fn is_ours(name: &str) -> bool {
    name == "xtask" || name == "gradus" || name.starts_with("gradus-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, dependencies: &[&str]) -> Member {
        let dependencies = dependencies.iter().map(|name| (*name).to_owned()).collect();
        let manifest =
            "[dependencies]\ngradus-nn-derive.workspace = true\ngradus-nn = \"1\"\n".into();
        Member { name: name.into(), folder: format!("crates/{name}"), dependencies, manifest }
    }

    #[test]
    fn an_arrow_down_passes() {
        let tensor = member("gradus-tensor", &["gradus-core", "gradus-cpu", "proptest"]);
        assert_eq!(check_member(&tensor), []);
    }

    #[test]
    fn an_arrow_up_or_sideways_fails() {
        for (name, dependency) in [("gradus-core", "gradus-cpu"), ("gradus-optim", "gradus-nn")] {
            let faults = check_member(&member(name, &[dependency]));
            assert_eq!(faults.len(), 1, "{name} -> {dependency}");
            assert!(faults[0].message.contains("->"), "{}", faults[0]);
        }
    }

    #[test]
    fn a_fault_stands_at_the_line_of_the_dependency() {
        assert_eq!(check_member(&member("gradus-optim", &["gradus-nn"]))[0].line, 3);
    }

    #[test]
    fn an_unknown_member_fails() {
        let faults = check_member(&member("gradus-blockchain", &[]));
        assert!(faults[0].message.contains("has no arrows"), "{}", faults[0]);
    }

    #[test]
    fn a_missing_member_fails() {
        assert_eq!(check(&[]).len(), ARROWS.len());
    }

    #[test]
    fn the_table_itself_points_down() {
        for (at, (name, allowed)) in ARROWS.iter().enumerate() {
            for below in *allowed {
                let known = ARROWS[..at].iter().any(|(earlier, _)| earlier == below);
                assert!(known, "{name} -> {below} does not point to an earlier row");
            }
        }
    }

    #[test]
    fn metadata_is_read_with_every_kind_of_dependency() {
        let metadata = serde_json::json!({
            "workspace_root": "/r",
            "packages": [{
                "name": "gradus-io",
                "manifest_path": "/r/crates/gradus-io/Cargo.toml",
                "dependencies": [
                    { "name": "gradus-core", "kind": null },
                    { "name": "gradus-nn", "kind": "dev" },
                ],
            }],
        });
        let members = parse(&metadata).unwrap();
        assert_eq!(members[0].folder, "crates/gradus-io");
        assert_eq!(members[0].dependencies, ["gradus-core", "gradus-nn"]);
        assert_eq!(check_member(&members[0]).len(), 1);
    }
}
