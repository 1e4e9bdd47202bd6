//! `tokenizer.json`, the format of Hugging Face's `tokenizers`.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{Error, Result};

/// A file's text as JSON, with errors that name the tokenizer and the field.
pub(super) struct Json {
    op: &'static str,
    root: Value,
}

impl Json {
    pub(super) fn parse(op: &'static str, text: &str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(root) => Ok(Self { op, root }),
            Err(error) => Err(fault(op, "tokenizer.json", "JSON", error.to_string())),
        }
    }

    /// The field at a JSON pointer such as `/model/type`.
    pub(super) fn field(&self, pointer: &str, expected: &'static str) -> Result<&Value> {
        self.root.pointer(pointer).ok_or_else(|| self.error(pointer, expected, "nothing"))
    }

    pub(super) fn error(&self, pointer: &str, expected: &'static str, got: &str) -> Error {
        fault(self.op, pointer, expected, got.to_owned())
    }

    /// Refuses a file that asks for something else than `value` at a pointer; an absent field is
    /// read as null.
    pub(super) fn require(
        &self,
        pointer: &str,
        value: &Value,
        expected: &'static str,
    ) -> Result<()> {
        let found = self.root.pointer(pointer).unwrap_or(&Value::Null);
        if found == value { Ok(()) } else { Err(self.error(pointer, expected, &short(found))) }
    }

    pub(super) fn array(&self, pointer: &str) -> Result<&[Value]> {
        let found = self.field(pointer, "a list")?;
        let list = found.as_array().ok_or_else(|| self.error(pointer, "a list", &short(found)))?;
        Ok(list)
    }

    pub(super) fn text(&self, pointer: &str) -> Result<&str> {
        let found = self.field(pointer, "a text")?;
        found.as_str().ok_or_else(|| self.error(pointer, "a text", &short(found)))
    }

    /// The tokens of `/model/vocab` by id: the ids must be 0, 1, 2, ….
    pub(super) fn vocab(&self) -> Result<Vec<String>> {
        let (pointer, expected) = ("/model/vocab", "a map from tokens to the ids 0, 1, 2, …");
        let found = self.field(pointer, expected)?;
        let map = found.as_object().ok_or_else(|| self.error(pointer, expected, &short(found)))?;
        let mut tokens: Vec<Option<String>> = vec![None; map.len()];
        for (token, id) in map {
            let place = id.as_u64().and_then(|id| tokens.get_mut(usize::try_from(id).ok()?));
            match place {
                Some(place @ None) => *place = Some(token.clone()),
                _ => return Err(self.error(pointer, expected, &format!("{token:?}: {id}"))),
            }
        }
        Ok(tokens.into_iter().flatten().collect())
    }

    /// The contents of `/added_tokens` that are special, each of which must have its id in the
    /// vocabulary.
    pub(super) fn special(&self, ids: &HashMap<String, u32>) -> Result<Vec<u32>> {
        let pointer = "/added_tokens";
        if self.root.pointer(pointer).is_none_or(Value::is_null) {
            return Ok(Vec::new());
        }
        let expected = "special tokens of the vocabulary";
        let id = |token: &Value| {
            let id = ids.get(token["content"].as_str()?).copied()?;
            let is_same = token["id"].as_u64() == Some(u64::from(id));
            (is_same && token["special"] == Value::Bool(true)).then_some(id)
        };
        let list = self.array(pointer)?.iter();
        list.map(|token| id(token).ok_or_else(|| self.error(pointer, expected, &short(token))))
            .collect()
    }
}

fn fault(op: &'static str, name: &str, expected: &'static str, got: String) -> Error {
    Error::State { op, name: name.to_owned(), expected, got }
}

/// The beginning of a value, for a message.
pub(super) fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

/// What every file holds, around its parts.
pub(super) fn file(special: &[(u32, &str)], parts: [(&str, Value); 4]) -> String {
    let added = |&(id, content): &(u32, &str)| {
        json!({
            "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true,
        })
    };
    let mut root = json!({
        "version": "1.0", "truncation": null, "padding": null, "post_processor": null,
        "added_tokens": special.iter().map(added).collect::<Vec<_>>(),
    });
    for (name, part) in parts {
        root[name] = part;
    }
    root.to_string()
}

/// A map from tokens to their places, as JSON.
pub(super) fn vocab_of(tokens: &[String]) -> Value {
    tokens.iter().enumerate().map(|(id, token)| (token.clone(), json!(id))).collect()
}

/// Ids by token.
pub(super) fn ids_of(tokens: &[String]) -> HashMap<String, u32> {
    tokens.iter().enumerate().map(|(id, token)| (token.clone(), id as u32)).collect()
}
