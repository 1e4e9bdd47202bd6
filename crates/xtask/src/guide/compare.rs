//! What a run has found against what the table says.

use std::collections::BTreeMap;

use super::figures::{Entry, Figures};

/// Every figure that is not as the table says, in words. Of the table, only these experiments count.
pub(crate) fn faults(
    table: &BTreeMap<String, Entry>,
    found: &Figures,
    experiments: &[String],
) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, &value) in found {
        let text = |value: Option<f64>| value.map_or("none".to_owned(), |v| v.to_string());
        match table.get(name) {
            None => faults.push(format!("{name} is {}, and not in the table", text(value))),
            Some(entry) if !entry.allows(value) => faults.push(format!(
                "{name} is {}, expected {} ± {}",
                text(value),
                text(entry.value),
                entry.tolerance
            )),
            Some(_) => {}
        }
    }
    let gone = ours(table, experiments).filter(|name| !found.contains_key(*name));
    faults.extend(gone.map(|name| format!("{name} is in the table, and no longer printed")));
    faults
}

/// The table with what was found. Tolerances stay; what is no longer printed goes.
pub(crate) fn updated(
    table: &BTreeMap<String, Entry>,
    found: &Figures,
    experiments: &[String],
) -> BTreeMap<String, Entry> {
    let mut updated = table.clone();
    for name in ours(table, experiments).filter(|name| !found.contains_key(*name)) {
        updated.remove(name);
    }
    for (name, &value) in found {
        let entry = updated.entry(name.clone()).or_insert_with(|| Entry::new(value));
        // A figure within its tolerance stays, lest every machine rewrites the others' table.
        if !entry.allows(value) {
            entry.value = value;
        }
    }
    updated
}

/// The figures in the table that these experiments print.
fn ours<'a>(
    table: &'a BTreeMap<String, Entry>,
    experiments: &'a [String],
) -> impl Iterator<Item = &'a String> {
    let is_ours = |name: &str| {
        let experiment = name.split_once('.').map_or(name, |(experiment, _)| experiment);
        experiments.iter().any(|ours| ours == experiment)
    };
    table.keys().filter(move |name| is_ours(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> BTreeMap<String, Entry> {
        let entry = |value| Entry { value: Some(value), tolerance: 0.1 };
        let names = [("a.same", 1.0), ("a.moved", 1.0), ("a.gone", 1.0), ("other.x", 1.0)];
        names.map(|(name, value)| (name.to_owned(), entry(value))).into()
    }

    fn found() -> Figures {
        let names = [("a.same", 1.05), ("a.moved", 2.0), ("a.fresh", 3.0)];
        names.map(|(name, value)| (name.to_owned(), Some(value))).into()
    }

    #[test]
    fn what_moved_came_or_went_is_a_fault() {
        let faults = faults(&table(), &found(), &["a".to_owned()]);
        let says = |words: &str| faults.iter().any(|fault| fault.starts_with(words));
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(says("a.moved is 2, expected 1") && says("a.fresh is 3") && says("a.gone is in"));
    }

    #[test]
    fn an_update_leaves_nothing_to_complain_about() {
        let ours = ["a".to_owned()];
        let new = updated(&table(), &found(), &ours);
        assert!(faults(&new, &found(), &ours).is_empty());
        assert_eq!(new["a.same"].value, Some(1.0));
        assert_eq!(new["a.moved"], Entry { value: Some(2.0), tolerance: 0.1 });
        assert!(new.contains_key("other.x") && !new.contains_key("a.gone"));
    }
}
