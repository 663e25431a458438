//! `show`, the schema, and files that were mangled.

use bakeoff::scenario::{NoFiles, load, schema};
use proptest::prelude::*;
use serde_json::Value;

use super::{EXAMPLE, loaded, minimal, update};

/// Everything that a scenario can say, in one file.
const RICH: &str = include_str!("rich.yaml");

#[test]
fn what_is_shown_loads_to_an_equal_scenario_and_shows_to_the_same_bytes() {
    for text in [EXAMPLE, RICH, &update(", critical: false"), &minimal("")] {
        let first = loaded(text);
        let second = loaded(&first.effective);
        assert_eq!(*first.scenario, *second.scenario);
        assert_eq!(first.effective, second.effective);
        assert_eq!(first.digest, second.digest);
    }
}

#[test]
fn json_stays_json_and_means_the_same() {
    let yaml = loaded(RICH);
    let json = loaded(&serde_json::to_string(&yaml.effective_value).expect("values can be written"));
    assert_eq!(*yaml.scenario, *json.scenario);
    assert_eq!(yaml.digest, json.digest);
    assert!(serde_json::from_str::<Value>(&json.effective).is_ok());
    assert_eq!(loaded(&json.effective).effective, json.effective);
}

#[test]
fn the_committed_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/scenario.schema.json");
    let committed = std::fs::read_to_string(path).expect("the schema is committed");
    let current = format!("{:#}\n", schema());
    assert!(committed == current, "write it anew: cargo run -- schema > schema/scenario.schema.json");
}

#[test]
fn what_is_shown_obeys_the_schema() {
    let schema = schema();
    for text in [EXAMPLE, RICH, &minimal("")] {
        let shown = loaded(text).effective_value;
        assert_eq!(breach(&schema, &schema, &shown), None);
    }
}

#[test]
fn the_schema_refuses_what_the_loader_refuses() {
    let schema = schema();
    let shown = loaded(EXAMPLE).effective_value;
    for (pointer, value) in [
        ("/capacityProviders/0/instances", Value::from(-1)),
        ("/capacityProviders/0/launch", Value::from("soon")),
        ("/simulation/horizon", Value::from(24)),
        ("/assumptions/replacement", Value::from("sometimes")),
        ("/timeline/0/updateDaemon/deploymentConfiguration/drainPercent", Value::from(101)),
        ("/services/0/desiredCount", Value::from(vec![1])),
        ("/schema", Value::from("bakeoff.scenario.v2")),
    ] {
        let mut changed = shown.clone();
        *changed.pointer_mut(pointer).expect(pointer) = value;
        assert!(breach(&schema, &schema, &changed).is_some(), "{pointer}");
        assert!(load("x", &changed.to_string(), &NoFiles, &[]).is_err(), "{pointer}");
    }
}

/// Where a value breaks a schema, for the keywords that ours uses; an unknown keyword is a failure of the test.
fn breach(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    let Value::Object(keywords) = schema else { return None };
    keywords.iter().find_map(|(keyword, rule)| {
        breach_of(root, keyword, rule, schema, value).map(|what| format!("{what} ({keyword} of {value})"))
    })
}

fn breach_of(root: &Value, keyword: &str, rule: &Value, schema: &Value, value: &Value) -> Option<String> {
    let fails = |schema: &Value| breach(root, schema, value).is_some();
    let unless = |holds: bool| if holds { None } else { Some(String::new()) };
    let rules = || rule.as_array().into_iter().flatten();
    match keyword {
        "$schema" | "title" | "description" | "default" | "examples" | "$defs" => None,
        "$ref" => {
            let target = root.pointer(rule.as_str()?.strip_prefix('#')?).expect("references resolve");
            breach(root, target, value)
        }
        "type" => unless(match rule.as_str()? {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            other => panic!("type {other}"),
        }),
        "enum" => unless(rules().any(|allowed| allowed == value)),
        "const" => unless(rule == value),
        "minimum" => unless(value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap_or(f64::NAN))),
        "maximum" => unless(value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap_or(f64::NAN))),
        "exclusiveMinimum" => {
            unless(value.as_f64().is_none_or(|number| number > rule.as_f64().unwrap_or(f64::NAN)))
        }
        "minItems" => {
            unless(value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().unwrap_or(0)))
        }
        "pattern" => {
            unless(value.as_str().is_none_or(|text| roughly_matches(rule.as_str().unwrap_or(""), text)))
        }
        "anyOf" => unless(rules().any(|schema| !fails(schema))),
        "oneOf" => unless(rules().filter(|schema| !fails(schema)).count() == 1),
        "required" => unless(
            value
                .as_object()
                .is_none_or(|map| rules().all(|key| map.contains_key(key.as_str().unwrap_or("")))),
        ),
        "items" => value.as_array()?.iter().find_map(|item| breach(root, rule, item)),
        "properties" => {
            value.as_object()?.iter().find_map(|(key, value)| breach(root, rule.get(key)?, value))
        }
        "additionalProperties" => value.as_object()?.iter().find_map(|(key, value)| {
            let is_known = schema.get("properties").is_some_and(|known| known.get(key).is_some());
            match rule {
                _ if is_known => None,
                Value::Bool(false) => Some(format!("unknown key {key}")),
                rule => breach(root, rule, value),
            }
        }),
        other => panic!("the schema uses a keyword that this test does not know: {other}"),
    }
}

/// Our patterns all want a text that begins with a digit, or `P` for durations.
fn roughly_matches(_pattern: &str, text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == 'P')
}

fn any_edit() -> impl Strategy<Value = (usize, usize, String)> {
    let words = prop_oneof![
        Just(String::new()),
        "[-~:# ,\\[\\]{}&*!|>'\"%@`\n\t]{1,4}",
        "-?[0-9]{1,25}(\\.[0-9]{1,4})?",
        Just(".nan".to_string()),
        Just("1e999".to_string()),
        Just("null".to_string()),
        Just("[]".to_string()),
        Just("{}".to_string()),
        Just("0s".to_string()),
        Just("general".to_string()),
        Just("é💥".to_string()),
        any::<String>(),
    ];
    (any::<usize>(), 0_usize..12, words)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_mangled_scenario_makes_the_loader_panic(
        edits in prop::collection::vec(any_edit(), 1..5),
        rich in any::<bool>(),
    ) {
        let mut text = if rich { RICH } else { EXAMPLE }.to_string();
        for (at, length, insert) in edits {
            let start = text.floor_char_boundary(at % (text.len() + 1));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &insert);
        }
        match load("mangled.yaml", &text, &NoFiles, &[]) {
            Ok(whole) => {
                let again = load("shown", &whole.effective, &NoFiles, &[]);
                let again = again.map_err(|problems| problems[0].to_string());
                prop_assert_eq!(again.map(|again| again.effective), Ok(whole.effective));
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(!super::rendered(&[problem]).is_empty());
                }
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_value_at_any_place_makes_the_loader_panic(
        place in any::<usize>(),
        value in prop_oneof![
            Just(Value::Null), Just(Value::from(0)), Just(Value::from(-1)), Just(Value::from(u64::MAX)),
            Just(Value::from(1e300)), Just(Value::from("")), Just(Value::from("5m")), Just(Value::from(true)),
            Just(Value::from(Vec::<Value>::new())), Just(serde_json::json!({})), Just(serde_json::json!([[]])),
        ],
    ) {
        let mut tree = loaded(RICH).effective_value;
        let mut pointers = Vec::new();
        collect(&tree, String::new(), &mut pointers);
        let pointer = &pointers[place % pointers.len()];
        *tree.pointer_mut(pointer).expect("it was just seen") = value;
        if let Ok(whole) = load("x", &tree.to_string(), &NoFiles, &[]) {
            let again = loaded(&whole.effective);
            prop_assert_eq!(&*whole.scenario, &*again.scenario);
        }
    }
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                collect(value, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), pointers);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                collect(value, format!("{pointer}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}
