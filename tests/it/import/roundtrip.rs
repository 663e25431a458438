//! What is imported comes back as the same requests, whatever it holds; and nothing makes the import panic.

use bakeoff::aws::import::{Options, import};
use bakeoff::aws::service;
use bakeoff::aws::shape::{Record, Rule, Shape};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{files, imported, requests};

/// Texts of a rule that lie within its bounds, at them more often than not.
fn text(rule: Rule) -> BoxedStrategy<String> {
    let name = prop_oneof!["[A-Za-z0-9_-]{1,12}", "[A-Za-z0-9_-]{255}"].boxed();
    match rule {
        Rule::Free => prop_oneof![any::<String>(), "[ -~]{0,20}", Just(String::new())].boxed(),
        Rule::Filled => "[!-~]{1,20}".boxed(),
        Rule::Name => name,
        Rule::Token => "[!-~]{1,36}".boxed(),
        Rule::TagKey => "[\\p{L}\\p{N} _.:/=+@-]{1,128}"
            .prop_map(|text| format!("k{}", text.chars().skip(1).collect::<String>()))
            .boxed(),
        Rule::TagValue => prop_oneof!["[\\p{L}\\p{N}\\p{Z}_.:/=+@-]{0,256}", Just(String::new())]
            .prop_filter("AWS's own", |text| !text.to_lowercase().starts_with("aws:"))
            .boxed(),
        Rule::Resource("alarm") => "[A-Za-z0-9 _/.-]{1,40}".boxed(),
        Rule::Resource(kind) => (name, any::<bool>(), "(aws|aws-cn|aws-us-gov|aws-eusc)")
            .prop_map(move |(name, plain, partition)| {
                if plain { name } else { format!("arn:{partition}:ecs:eu-west-1:123456789012:{kind}/{name}") }
            })
            .boxed(),
        Rule::Definition => ("[A-Za-z0-9_-]{1,30}", 1..40_u32, any::<bool>())
            .prop_map(|(family, number, plain)| {
                if plain {
                    format!("{family}:{number}")
                } else {
                    format!("arn:aws:ecs:eu-west-1:123456789012:daemon-task-definition/{family}:{number}")
                }
            })
            .boxed(),
        Rule::Cpu | Rule::Memory => (1..2_000_u32).prop_map(|size| size.to_string()).boxed(),
    }
}

/// Values of a shape that lie within its bounds.
fn value(shape: &'static Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Text(rule) => text(*rule).prop_map(Value::from).boxed(),
        Shape::Word(words) => prop::sample::select(*words).prop_map(Value::from).boxed(),
        Shape::Whole(least, most) => {
            // Sizes of containers are small, or no instance would hold their sum.
            let (least, most) = (*least, (*most).min(2_000));
            prop_oneof![Just(least), Just(most), least..=most].prop_map(Value::from).boxed()
        }
        Shape::Number(least, most) => {
            prop_oneof![Just(*least), Just(*most), *least..=*most].prop_map(Value::from).boxed()
        }
        Shape::Flag => any::<bool>().prop_map(Value::from).boxed(),
        Shape::List(shape, least, most) => {
            prop::collection::vec(value(shape), (*least)..=(*most).min(*least + 2))
                .prop_map(Value::from)
                .boxed()
        }
        Shape::Texts => prop::collection::btree_map("[a-z-]{1,9}", any::<String>(), 0..3)
            .prop_map(|map| json!(map))
            .boxed(),
        Shape::Tags => {
            let tag = (text(Rule::TagKey), prop::option::of(text(Rule::TagValue)));
            prop::collection::btree_map(tag.0, tag.1, 0..5)
                .prop_map(|tags| {
                    tags.into_iter()
                        .map(|(key, value)| {
                            value.map_or(json!({ "key": key }), |value| json!({ "key": key, "value": value }))
                        })
                        .collect()
                })
                .boxed()
        }
        Shape::Record(record) => structure(record),
    }
}

fn structure(record: &'static Record) -> BoxedStrategy<Value> {
    let mut members: BoxedStrategy<Map<String, Value>> = Just(Map::new()).boxed();
    for member in record.members {
        let own = if member.required {
            value(member.shape).prop_map(Some).boxed()
        } else {
            prop::option::of(value(member.shape)).boxed()
        };
        members = (members, own)
            .prop_map(move |(mut members, own)| {
                members.extend(own.map(|value| (member.name.to_owned(), value)));
                members
            })
            .boxed();
    }
    members.prop_map(Value::from).boxed()
}

/// What ECS asks beyond the bounds of each member: names that come once, an essential container.
fn settle(mut request: Value) -> Value {
    let once = |list: &mut Value| {
        for (index, item) in list.as_array_mut().into_iter().flatten().enumerate() {
            let text = item.as_str().unwrap_or_default().chars().take(240).collect::<String>();
            *item = if text.starts_with("arn:") {
                json!(format!("{text}{index}"))
            } else {
                json!(format!("n{index}{text}"))
            };
        }
    };
    for list in ["/capacityProviderArns", "/deploymentConfiguration/alarms/alarmNames"] {
        request.pointer_mut(list).into_iter().for_each(once);
    }
    let containers = request.pointer_mut("/containerDefinitions").and_then(Value::as_array_mut);
    for (index, container) in containers.into_iter().flatten().enumerate() {
        container["name"] = json!(format!("c{index}"));
        if index == 0 {
            container.as_object_mut().expect("a mapping").remove("essential");
        }
    }
    request
}

fn any_request() -> impl Strategy<Value = Value> {
    prop_oneof![
        structure(&service::CREATE_DAEMON).prop_map(settle),
        structure(&service::UPDATE_DAEMON).prop_map(settle),
        structure(&service::DELETE_DAEMON),
        structure(&service::REGISTER).prop_map(settle),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn r713_what_is_imported_comes_back_as_the_same_request(request in any_request()) {
        let first = imported(&[("request.json", &request.to_string())]);
        prop_assert_eq!(requests(&first.text), vec![request.clone()], "{}", first.text);
        let again = imported(&[("request.json", &format!("{request:#}"))]);
        prop_assert_eq!(first.text, again.text, "the same files give the same bytes");
    }

    #[test]
    fn no_text_makes_the_import_panic(text in prop_oneof![
        any::<String>(),
        "[\\[\\]{}\",:!&*#|> \n\ta-zA-Z0-9_.$-]{0,80}",
    ]) {
        let _ = import(&files(&[("any", &text)]), "t", &Options::default());
    }

    #[test]
    fn no_damage_to_an_example_makes_the_import_panic(
        name in prop::sample::select(vec![
            "create-daemon.json", "register-daemon-task-definition.json", "template.yaml", "plan.json", "deployments.json",
        ]),
        at in 0.0..1.0_f64,
        length in 0..60_usize,
        with in "[\\[\\]{}\",:! \na-z0-9]{0,6}",
    ) {
        let text = super::example(name);
        let start = text.floor_char_boundary((at * text.len() as f64) as usize);
        let end = text.floor_char_boundary((start + length).min(text.len()));
        let damaged = format!("{}{with}{}", &text[..start], &text[end..]);
        let _ = import(&files(&[(name, &damaged)]), "t", &Options::default());
    }
}

#[test]
fn several_requests_come_back_in_their_order_and_a_shown_scenario_gives_them_too() {
    let names = ["register-daemon-task-definition.json", "create-daemon.json", "update-daemon.json"];
    let texts: Vec<String> = names.iter().map(|name| super::example(name)).collect();
    let given: Vec<(&str, &str)> =
        names.iter().zip(&texts).map(|(name, text)| (*name, text.as_str())).collect();
    let expected: Vec<Value> =
        texts.iter().map(|text| serde_json::from_str(text).expect("it is JSON")).collect();
    assert_eq!(requests(&imported(&given).text), expected);
    let list = Value::from(expected.clone()).to_string();
    assert_eq!(requests(&imported(&[("list.json", &list)]).text), expected, "a list of them is the same");
    let shown = super::scenario(&given).effective;
    assert_eq!(requests(&shown)[1]["deploymentConfiguration"]["bakeTimeInMinutes"], json!(5));
}
