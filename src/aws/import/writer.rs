//! YAML with comments.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::scenario::emit;

/// Comments are broken at this width.
const WIDTH: usize = 110;

/// A key, its value, and what is to be said of it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) value: Value,
    pub(super) note: Option<String>,
}

/// An element of a list of mappings.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    pub(super) comments: Vec<String>,
    pub(super) fields: Vec<Field>,
}

impl Item {
    /// An element that is introduced by where it came from.
    pub(super) fn of(origin: impl Into<String>) -> Self {
        Self { comments: vec![origin.into()], fields: Vec::new() }
    }

    pub(super) fn field(&mut self, key: &'static str, value: impl Into<Value>) -> &mut Self {
        self.fields.push(Field { key, value: value.into(), note: None });
        self
    }

    pub(super) fn noted(
        &mut self,
        key: &'static str,
        value: impl Into<Value>,
        note: impl Into<String>,
    ) -> &mut Self {
        self.fields.push(Field { key, value: value.into(), note: Some(note.into()) });
        self
    }

    pub(super) fn comment(&mut self, text: impl Into<String>) {
        self.comments.push(text.into());
    }
}

/// The text of a scenario as it grows.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A comment, broken into lines; control characters of a name cannot break out of it.
    pub(super) fn comment(&mut self, indent: usize, text: &str) {
        let plain: String = text.chars().map(|c| if is_break(c) { '\u{fffd}' } else { c }).collect();
        let mut line = String::new();
        for word in plain.split(' ') {
            if !line.is_empty() && indent + 3 + line.chars().count() + word.chars().count() > WIDTH {
                self.comment_line(indent, &line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.comment_line(indent, &line);
    }

    fn comment_line(&mut self, indent: usize, line: &str) {
        writeln!(self.text, "{:indent$}# {line}", "").expect("writing to a string");
    }

    pub(super) fn field(&mut self, indent: usize, key: &str, value: &Value, note: Option<&str>) {
        let lines = emit::yaml(&json!({ key: value }));
        let is_short = lines.lines().count() == 1;
        if let Some(note) = note.filter(|_| !is_short) {
            self.comment(indent, note);
        }
        for line in lines.lines() {
            write!(self.text, "{:indent$}{line}", "").expect("writing to a string");
            match note.filter(|_| is_short) {
                Some(note) => writeln!(self.text, "  # {}", note.replace(is_break, "\u{fffd}")),
                None => writeln!(self.text),
            }
            .expect("writing to a string");
        }
    }

    /// A list of mappings; nothing if it has no element.
    pub(super) fn list(&mut self, key: &str, items: &[Item]) {
        if items.is_empty() {
            return;
        }
        self.blank();
        writeln!(self.text, "{key}:").expect("writing to a string");
        for item in items {
            for comment in &item.comments {
                self.comment(2, comment);
            }
            let start = self.text.len();
            for field in &item.fields {
                self.field(4, field.key, &field.value, field.note.as_deref());
            }
            // The dash stands before the first field; a note that had to go above it stays above.
            let first = self.text[start..]
                .lines()
                .take_while(|line| line.trim_start().starts_with("# "))
                .map(|l| l.len() + 1)
                .sum::<usize>();
            if self.text.len() > start + first + 4 {
                self.text.replace_range(start + first..start + first + 4, "  - ");
            }
        }
    }
}

/// What ends a line for some version of YAML, or is no character of a text.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
