//! Classical Chinese verse of a fixed form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::Value;

/// How many characters a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// 五言.
    Five,
    /// 七言.
    Seven,
}

impl Form {
    /// Characters of a line.
    pub(crate) fn line(self) -> usize {
        match self {
            Self::Five => 5,
            Self::Seven => 7,
        }
    }
}

/// Poems of one form: each a list of couplets of two lines, without punctuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poems {
    pub(crate) poems: Vec<Vec<String>>,
}

impl Poems {
    /// Every poem of a form in the JSON files of a folder. Poems of mixed lines, with gaps or with
    /// notes are left out, and so are repeated ones.
    pub(crate) fn read(dir: &Path, form: Form) -> Result<Self> {
        let entries = std::fs::read_dir(dir).with_context(|| dir.display().to_string())?;
        let mut files: Vec<PathBuf> =
            entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.retain(|path| path.extension().is_some_and(|e| e == "json"));
        files.sort();
        ensure!(!files.is_empty(), "{}: no .json file", dir.display());
        let (mut seen, mut poems) = (BTreeSet::new(), Vec::new());
        for file in &files {
            let text = gradus::data::read_text(file)?;
            let found = parse(&text, form).with_context(|| file.display().to_string())?;
            poems.extend(found.into_iter().filter(|poem| seen.insert(poem.clone())));
        }
        let lines = form.line();
        ensure!(
            poems.len() >= 200,
            "{}: {} poems of {lines} characters a line, expected 200",
            dir.display(),
            poems.len()
        );
        Ok(Self { poems })
    }

    /// The poems of two couplets, and the longer ones.
    pub(crate) fn split(self) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
        let long = self.poems.into_iter().filter(|poem| poem.len() >= 2);
        long.partition(|poem| poem.len() == 2)
    }
}

/// A list of objects whose `paragraphs` are the couplets.
fn parse(text: &str, form: Form) -> Result<Vec<Vec<String>>> {
    let list: Value = serde_json::from_str(text).context("not JSON")?;
    let list = list.as_array().context("expected a list of poems")?;
    let mut poems = Vec::new();
    for (i, poem) in list.iter().enumerate() {
        let paragraphs = poem.get("paragraphs").and_then(Value::as_array);
        let paragraphs =
            paragraphs.with_context(|| format!("poem {i}: expected a list `paragraphs`"))?;
        let couplets = paragraphs.iter().map(|p| {
            let text = p.as_str();
            let text = text.with_context(|| format!("poem {i}: expected texts in `paragraphs`"))?;
            Ok(couplet(text, form))
        });
        let couplets: Vec<Option<String>> = couplets.collect::<Result<_>>()?;
        match couplets.into_iter().collect::<Option<Vec<String>>>() {
            Some(poem) if !poem.is_empty() => poems.push(poem),
            _ => {}
        }
    }
    Ok(poems)
}

/// `五字一句者，此乃其例也。` without its marks, if that is what it is.
fn couplet(text: &str, form: Form) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let n = form.line();
    let marks = chars.len() == 2 * n + 2 && chars[n] == '，' && chars[2 * n + 1] == '。';
    let rest: Vec<char> =
        if marks { [&chars[..n], &chars[n + 1..2 * n + 1]].concat() } else { Vec::new() };
    let han =
        |c: &char| matches!(*c as u32, 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF);
    (marks && rest.iter().all(han)).then(|| rest.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str =
        r#"{"title": "t", "paragraphs": ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]}"#;

    #[test]
    fn a_quatrain_is_two_couplets_without_marks() {
        let poems = parse(&format!("[{ONE}]"), Form::Five).unwrap();
        assert_eq!(poems, [["白日依山盡黃河入海流", "欲窮千里目更上一層樓"]]);
        assert!(parse(&format!("[{ONE}]"), Form::Seven).unwrap().is_empty());
    }

    #[test]
    fn other_forms_are_left_out() {
        for text in [
            "白日依山盡，黃河入海流",
            "白日依山，黃河入海流。",
            "白日依山盡。黃河入海流。",
            "白日依□盡，黃河入海流。",
            "白日依a盡，黃河入海流。",
            "",
        ] {
            assert_eq!(couplet(text, Form::Five), None, "{text}");
        }
        let seven = "朝辭白帝彩雲間，千里江陵一日還。";
        assert_eq!(couplet(seven, Form::Seven).unwrap().chars().count(), 14);
        let mixed = r#"[{"paragraphs": ["白日依山盡，黃河入海流。", "雜。"]}, {"paragraphs": []}]"#;
        assert!(parse(mixed, Form::Five).unwrap().is_empty());
    }

    #[test]
    fn bad_files_are_told_in_one_line() {
        for (text, expected) in [
            ("{", "not JSON"),
            ("{}", "a list of poems"),
            ("[{\"title\": 1}]", "poem 0: expected a list `paragraphs`"),
            ("[{\"paragraphs\": [3]}]", "poem 0: expected texts"),
        ] {
            let error = format!("{:#}", parse(text, Form::Five).unwrap_err());
            assert!(error.contains(expected) && !error.contains('\n'), "{error}");
        }
        let dir = std::env::temp_dir().join(format!("tradeoff-poems-{}", std::process::id()));
        assert!(Poems::read(&dir, Form::Five).is_err());
        std::fs::create_dir_all(&dir).unwrap();
        assert!(format!("{:#}", Poems::read(&dir, Form::Five).unwrap_err()).contains("no .json"));
        std::fs::write(dir.join("a.json"), format!("[{ONE}, {ONE}]")).unwrap();
        let error = format!("{:#}", Poems::read(&dir, Form::Five).unwrap_err());
        assert!(error.contains(": 1 poems of 5"), "{error}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
