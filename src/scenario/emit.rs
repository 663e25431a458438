//! Writes a value as YAML that every reader takes for what it is.
//!
//! YAML 1.1 and 1.2 disagree on what `no`, `12:30` or `1e3` are; whatever either
//! could take for something else than text is quoted.

use std::fmt::Write as _;

use serde_json::Value;

/// Lines are kept this short where a collection can be broken up.
const WIDTH: usize = 100;

/// The value as a YAML document.
pub fn yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block(value, 0, &mut text),
        Value::Array(list) if !list.is_empty() => block(value, 0, &mut text),
        _ => {
            flow(value, &mut text);
            text.push('\n');
        }
    }
    text
}

/// A collection with one line, or more, for each element.
fn block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) => {
            for (index, (key, value)) in map.iter().enumerate() {
                // The first key of a list's element stands behind the dash.
                if index > 0 || !text.ends_with("- ") {
                    pad(indent, text);
                }
                scalar_text(key, text);
                text.push(':');
                child(value, indent, text);
            }
        }
        Value::Array(list) => {
            for value in list {
                pad(indent, text);
                text.push_str("- ");
                if breaks(value, indent + 2) && value.is_object() {
                    block(value, indent + 2, text);
                } else {
                    flow(value, text);
                    text.push('\n');
                }
            }
        }
        _ => flow(value, text),
    }
}

/// What follows a key and its colon.
fn child(value: &Value, indent: usize, text: &mut String) {
    let column = text.len() - text.rfind('\n').map_or(0, |newline| newline + 1);
    let top = indent == 0 && matches!(value, Value::Array(list) if list.iter().any(Value::is_object));
    if top || breaks(value, column + 1) {
        text.push('\n');
        block(value, indent + 2, text);
    } else {
        text.push(' ');
        flow(value, text);
        text.push('\n');
    }
}

/// Whether a collection is too long for the rest of its line.
fn breaks(value: &Value, column: usize) -> bool {
    let is_collection = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => false,
    };
    if !is_collection {
        return false;
    }
    let mut text = String::new();
    flow(value, &mut text);
    column + text.chars().count() > WIDTH
}

fn flow(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            let written = number.to_string();
            // YAML 1.1 wants a point in a number with an exponent.
            match written.split_once('e') {
                Some((digits, exponent)) if !digits.contains('.') => {
                    write!(text, "{digits}.0e{exponent}").expect("writing to a string");
                }
                _ => text.push_str(&written),
            }
        }
        Value::String(string) => scalar_text(string, text),
        Value::Array(list) => {
            text.push('[');
            for (index, value) in list.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                flow(value, text);
            }
            text.push(']');
        }
        Value::Object(map) => {
            text.push_str(if map.is_empty() { "{" } else { "{ " });
            for (index, (key, value)) in map.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                scalar_text(key, text);
                text.push_str(": ");
                flow(value, text);
            }
            text.push_str(if map.is_empty() { "}" } else { " }" });
        }
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// A text, in quotes unless it can be nothing else.
fn scalar_text(string: &str, text: &mut String) {
    if is_plain(string) {
        text.push_str(string);
        return;
    }
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            // Not printable to YAML, or a line break to one of its versions.
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => escape(c, text),
            c if c.is_control() => escape(c, text),
            c => text.push(c),
        }
    }
    text.push('"');
}

fn escape(c: char, text: &mut String) {
    write!(text, "\\u{:04x}", u32::from(c)).expect("writing to a string");
}

fn is_plain(string: &str) -> bool {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let is_word = string.starts_with(|c: char| c.is_ascii_alphabetic())
        && string.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
        && !WORDS.contains(&string.to_lowercase().as_str());
    is_word || is_span(string)
}

/// Whether it is a duration as `show` prints them: digits and units, which no version of YAML takes for a number.
fn is_span(string: &str) -> bool {
    string.split(' ').all(|part| {
        let unit = part.trim_start_matches(|c: char| c.is_ascii_digit());
        unit.len() < part.len() && ["d", "h", "m", "s", "ms"].contains(&unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Value {
        let mut sources = crate::scenario::tree::Sources::default();
        let source = sources.add("test", text);
        sources.parse(source).unwrap_or_else(|problem| panic!("{problem}\n{text}")).to_json()
    }

    #[test]
    fn texts_that_look_like_something_else_are_quoted() {
        let value = json!({ "a": ["no", "12:30", "1e3", "", " x", "- a", "0x1F", "~", "20s", "1m 30s", "agent:7", "é"] });
        assert_eq!(
            yaml(&value),
            "a: [\"no\", \"12:30\", \"1e3\", \"\", \" x\", \"- a\", \"0x1F\", \"~\", 20s, 1m 30s, \"agent:7\", \"é\"]\n"
        );
    }

    #[test]
    fn short_collections_stay_on_a_line_and_long_ones_are_broken_up() {
        let value = json!({ "list": [{ "name": "x".repeat(60), "other": { "a": 1.5, "b": [] } , "last": "y".repeat(40) }] });
        insta::assert_snapshot!(yaml(&value), @r"
        list:
          - name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
            other: { a: 1.5, b: [] }
            last: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
        ");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e300..1e300).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[-~:# ,\\[\\]{}&*!|>'\"%@`a-z0-9.]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[^\u{0}-\u{8}]{1,8}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_itself(value in any_value()) {
            prop_assert_eq!(read(&yaml(&value)), value);
        }
    }
}
