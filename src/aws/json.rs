//! JSON as its own grammar has it, every value with its place.
//!
//! A scenario is read as YAML, of which JSON is a part, but not all of it: YAML knows no pairs of surrogates,
//! wants no tabs, and its reader stops at sizes that a plan may well have.

use std::collections::BTreeSet;

use crate::scenario::codes::Code;
use crate::scenario::tree::{Entry, Kind, Node, Place};

/// Deeper than this nobody nests, and every level takes of our stack.
const DEPTH_MAX: usize = 200;

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What kind of mistake it is.
    pub code: Code,
    /// What is wrong, in words.
    pub message: String,
    /// Byte offset of where.
    pub at: usize,
}

/// Reads a text; places are parts of `whole`, which is the place of all of it.
///
/// # Errors
/// The first mistake.
pub fn parse(text: &str, whole: Place) -> Result<Node, Unreadable> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, whole };
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    let node = parser.value(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.wrong("something stands behind the end of the value"));
    }
    Ok(node)
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    whole: Place,
}

impl Parser<'_> {
    fn wrong(&self, message: impl Into<String>) -> Unreadable {
        Unreadable { code: Code::Syntax, message: message.into(), at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over a sign; says whether it was there.
    fn take(&mut self, sign: u8) -> bool {
        let is_there = self.peek() == Some(sign);
        self.at += usize::from(is_there);
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Node, Unreadable> {
        if depth > DEPTH_MAX {
            let message = format!("nested deeper than {DEPTH_MAX} levels");
            return Err(Unreadable { code: Code::TooLarge, message, at: self.at });
        }
        self.space();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.wrong("the text ends where a value should stand")),
        };
        Ok(Node { kind, place: self.whole.part(start, self.at) })
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        let (mut entries, mut seen) = (Vec::new(), BTreeSet::new());
        self.at += 1;
        self.space();
        if self.take(b'}') {
            return Ok(Kind::Map(entries));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in double quotes should stand here"));
            }
            let key = self.string()?;
            if !seen.insert(key.clone()) {
                let message = format!("'{key}' is given twice");
                return Err(Unreadable { code: Code::DuplicateKey, message, at: start });
            }
            let key_place = self.whole.part(start, self.at);
            self.space();
            if !self.take(b':') {
                return Err(self.wrong("a ':' should stand behind the key"));
            }
            entries.push(Entry { key, key_place, value: self.value(depth + 1)? });
            self.space();
            if self.take(b'}') {
                return Ok(Kind::Map(entries));
            }
            if !self.take(b',') {
                return Err(self.wrong("a ',' or a '}' should stand here"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        let mut nodes = Vec::new();
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(Kind::List(nodes));
        }
        loop {
            nodes.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Kind::List(nodes));
            }
            if !self.take(b',') {
                return Err(self.wrong("a ',' or a ']' should stand here"));
            }
        }
    }

    /// A string in its quotes, read as serde reads it: escapes, surrogates and all.
    fn string(&mut self) -> Result<String, Unreadable> {
        let start = self.at;
        let mut end = start + 1;
        loop {
            match self.bytes.get(end) {
                None => return Err(self.wrong("a text that is never closed")),
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
            }
        }
        // Both ends are quotes, so the cut is between characters.
        match serde_json::from_str(&self.text[start..=end]) {
            Ok(text) => {
                self.at = end + 1;
                Ok(text)
            }
            Err(_) => {
                Err(self.wrong("a text that JSON does not take: a line break in it, or an unknown escape"))
            }
        }
    }

    fn number(&mut self) -> Result<Kind, Unreadable> {
        let start = self.at;
        while self.peek().is_some_and(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9' | b'e' | b'E')) {
            self.at += 1;
        }
        let written = &self.text[start..self.at];
        // -0 is a float, and not the 0 of the integers.
        if let Ok(whole) = written.parse::<i128>()
            && written != "-0"
            && serde_json::from_str::<serde_json::Number>(written).is_ok()
        {
            return Ok(Kind::Int(whole));
        }
        if let Ok(number) = serde_json::from_str::<f64>(written) {
            Ok(Kind::Float(number))
        } else {
            self.at = start;
            Err(self.wrong(format!("'{written}' is not a number that JSON takes")))
        }
    }

    fn word(&mut self) -> Result<Kind, Unreadable> {
        for (word, kind) in [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.wrong("no value of JSON begins like this"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::tree::Sources;
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Result<Node, Unreadable> {
        let mut sources = Sources::default();
        let source = sources.add("test", text);
        parse(text, sources.whole(source))
    }

    #[test]
    fn values_are_read_with_their_places() {
        let text = "{\n\t\"a\": [1, 2.5, \"x\\ud83d\\ude00\\/\"],\r\n \"b\": null}";
        let mut sources = Sources::default();
        let source = sources.add("test", text);
        let node = parse(text, sources.whole(source)).expect("it is JSON");
        assert_eq!(node.to_json(), serde_json::json!({ "a": [1, 2.5, "x\u{1f600}/"], "b": null }));
        assert_eq!(sources.text(node.get("b").expect("a key").place), Some("null"));
        let Some(Kind::List(list)) = node.get("a").map(|node| &node.kind) else { panic!("a list") };
        assert_eq!(sources.text(list[1].place), Some("2.5"));
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        for (text, at) in [
            ("", 0),
            ("{", 1),
            ("{\"a\" 1}", 5),
            ("[1 2]", 3),
            ("[01]", 1),
            ("\"\n\"", 0),
            ("\"\\ud800\"", 0),
            ("tru", 0),
            ("1 2", 2),
            ("{\"a\":1,\"a\":2}", 7),
            ("\"\\", 0),
            ("{\"a\":1,}", 7),
        ] {
            assert_eq!(read(text).expect_err(text).at, at, "{text}");
        }
        assert_eq!(read(&"[".repeat(1000)).expect_err("too deep").code, Code::TooLarge);
    }

    proptest! {
        #[test]
        fn what_serde_reads_is_read_alike(text in "[\\[\\]{}\",:0-9.eE+\\-a-z \\\\]{0,20}") {
            let serde = serde_json::from_str::<Value>(&text);
            let ours = read(&text);
            // Numbers that overflow and keys that come twice are ours to refuse.
            if let Ok(node) = &ours {
                let value = serde.expect("serde reads what we read");
                prop_assert_eq!(node.to_json(), value);
            }
        }
    }
}
