//! The dtypes that `docs/ops.md` promises for an op.

use std::fs;
use std::path::Path;

use gradus_core::DType;

const FLOATS: [DType; 3] = [DType::F32, DType::F64, DType::BF16];
const NUMBERS: [DType; 5] = [DType::F32, DType::F64, DType::BF16, DType::I64, DType::U8];

/// Asserts that the op works in every float dtype that the page promises, and in no other dtype
/// than the promised ones. (An integer dtype may be promised in vain: a check made for floats may
/// have constants that no integer is.)
#[track_caller]
pub(crate) fn assert_dtypes(op: &str, found: &[DType]) {
    let promised = promised(op);
    let broken = |dtype: &&DType| dtype.is_float() && !found.contains(dtype);
    let broken: Vec<_> = promised.iter().filter(broken).collect();
    assert!(broken.is_empty(), "{op}: docs/ops.md promises {broken:?}, which it refuses");
    let unsaid: Vec<_> = found.iter().filter(|dtype| !promised.contains(dtype)).collect();
    assert!(unsaid.is_empty(), "{op}: takes {unsaid:?}, which its section `# Dtypes` does not say");
}

fn promised(op: &str) -> Vec<DType> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ops.md");
    let page = fs::read_to_string(page).unwrap();
    // A `\|` is a bar inside a cell.
    let row = |line: &str| {
        line.replace("\\|", "/").split('|').map(|c| c.trim().to_owned()).collect::<Vec<_>>()
    };
    let name = format!("`{op}`");
    let found = page.lines().map(row).find(|cells| cells.get(1) == Some(&name));
    let Some(cells) = found else { panic!("{op}: run `cargo xtask ops`") };
    match cells[3].as_str() {
        "floats" => FLOATS.to_vec(),
        "numbers" => NUMBERS.to_vec(),
        "any" => DType::ALL.to_vec(),
        list => list.split(", ").map(|name| dtype(op, name)).collect(),
    }
}

#[track_caller]
fn dtype(op: &str, name: &str) -> DType {
    let found = DType::ALL.into_iter().find(|dtype| dtype.name() == name);
    found.unwrap_or_else(|| panic!("{op}: `{name}` in `# Dtypes` is no dtype"))
}
