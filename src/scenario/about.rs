//! The long texts: of problem codes, metrics and assumptions.

use std::fmt::Write as _;

use super::assumptions::{QUESTIONS, Question};
use super::codes::Code;
use super::examples::{BASE, example};
use super::metric::{Direction, Metric, MetricKind, Scope};
use super::problem::Severity;
use super::read::closest;

/// Questions whose answer is a delay of the control plane.
const DELAYS: [Question; 2] = [
    Question {
        id: "A16",
        key: "controlPlane.alarmPoll",
        question: "How often ECS looks at the alarms of a deployment.",
        values: &[],
        source: "Unpublished; deployment-alarm-failure only says that ECS polls DescribeAlarms. One minute is the shortest period of a standard alarm. Low confidence; give another duration to see what it changes.",
    },
    Question {
        id: "A21",
        key: "controlPlane.registrationTimeout",
        question: "How long an instance may stay REGISTERING without its critical daemon before it is replaced.",
        values: &[],
        source: "Unpublished; that such an instance never becomes ACTIVE is measured (shinyaz.com, 2026-04-02). Ten minutes is a guess. Low confidence; give another duration to see what it changes.",
    },
];

/// Everything that has a long text: codes, metrics and assumptions, by the names that [`about`] takes.
pub fn topics() -> Vec<&'static str> {
    let codes = Code::ALL.iter().flat_map(|code| [code.id(), code.name()]);
    let metrics = Metric::ALL.iter().map(|metric| metric.name());
    let questions = questions().flat_map(|question| [question.id, question.key]);
    let mut topics: Vec<_> = codes.chain(metrics).chain(questions).chain(LISTS).collect();
    topics.dedup();
    topics
}

const LISTS: [&str; 4] = ["codes", "metrics", "assumptions", "example"];

fn questions() -> impl Iterator<Item = &'static Question> {
    QUESTIONS.iter().chain(&DELAYS)
}

/// The long text about a code (`S003` or `unknown-key`), a metric, an assumption (`A3` or its key),
/// the list of all `codes`, `metrics` or `assumptions`,
/// or the scenario that lints are shown on, `example`.
///
/// # Errors
/// The topic that may have been meant, if one is near.
pub fn about(name: &str) -> Result<String, Option<&'static str>> {
    if let Some(code) = Code::from_name(name) {
        return Ok(about_code(code));
    }
    // A metric of one deployment or service is told by its plain name.
    let plain = match name.strip_prefix('d').and_then(|rest| rest.split_once('_')) {
        Some((number, rest)) if number.parse::<u32>().is_ok() => rest,
        _ if name.starts_with("min_running_tasks_pct_") => "min_running_tasks_pct",
        _ => name,
    };
    if let Some(metric) = Metric::from_name(plain) {
        return Ok(about_metric(metric));
    }
    let short = name.strip_prefix("assumptions.").unwrap_or(name);
    let found: Vec<_> = questions()
        .filter(|question| {
            let key = question.key.rsplit('.').next().unwrap_or_default();
            question.id.eq_ignore_ascii_case(short) || short == question.key || short == key
        })
        .collect();
    if !found.is_empty() {
        return Ok(found.into_iter().map(about_question).collect::<Vec<_>>().join("\n"));
    }
    match name {
        "codes" => Ok(list(Code::ALL.iter().map(|code| (code.id(), code.name())))),
        "metrics" => {
            Ok(list(Metric::ALL.iter().map(|metric| (metric.name(), first_sentence(metric.about())))))
        }
        "assumptions" => Ok(list_questions()),
        "example" => Ok(BASE.to_owned()),
        _ => {
            let topics = topics();
            let guess = closest(name, &topics);
            Err(topics.iter().copied().find(|topic| Some(*topic) == guess))
        }
    }
}

fn about_code(code: Code) -> String {
    let severity = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning, promoted by --deny",
    };
    let mut text = format!("{} {} ({severity})\n\n{}\n", code.id(), code.name(), code.about());
    if let Some(example) = example(code.id()) {
        let on =
            "Shown by settings, as for --set, on the sound scenario that `bakeoff about example` prints.";
        writeln!(text, "\n{on}").expect("writing to a string");
        settings(&mut text, "Raises it", example.fails);
        settings(&mut text, "Does not", example.passes);
    }
    text
}

/// Settings of an example, a line each.
fn settings(text: &mut String, heading: &str, settings: &[&str]) {
    writeln!(text, "\n{heading}:").expect("writing to a string");
    for (key, value) in settings.iter().filter_map(|setting| setting.split_once('=')) {
        writeln!(text, "  {key}: {value}").expect("writing to a string");
    }
}

fn about_metric(metric: Metric) -> String {
    let kind = match metric.kind() {
        MetricKind::Number => "number",
        MetricKind::Boolean => "true or false",
        MetricKind::Status => "one of a few words",
    };
    let unit = if metric.unit().is_empty() { String::new() } else { format!(" in {}", metric.unit()) };
    let direction = match metric.direction() {
        Direction::LowerIsBetter => ", lower is better",
        Direction::HigherIsBetter => ", higher is better",
        Direction::Neither => "",
    };
    let scope = match metric.scope() {
        Scope::Deployment => {
            "Of one deployment: with several, each has its own, prefixed d1_, d2_ …; the plain name is the last one's."
        }
        Scope::Fleet => "Of the whole run, whatever the number of deployments.",
    };
    format!("{} ({kind}{unit}{direction})\n\n{}\n\n{scope}\n", metric.name(), metric.about())
}

fn about_question(question: &Question) -> String {
    let place = if question.values.is_empty() { "" } else { "assumptions." };
    let mut text = format!("{} {place}{}\n\n{}\n", question.id, question.key, question.question);
    for (index, answer) in question.values.iter().enumerate() {
        let default = if index == 0 { " (default)" } else { "" };
        write!(text, "\n  {}{default}: {}", answer.word, answer.text).expect("writing to a string");
        if let Some(instead) = answer.not_modelled {
            write!(text, " Not modelled in this version: {instead}.").expect("writing to a string");
        }
    }
    let gap = if question.values.is_empty() { "" } else { "\n" };
    writeln!(text, "{gap}\nWhat the default rests on: {}", question.source).expect("writing to a string");
    text
}

fn list_questions() -> String {
    let mut all: Vec<_> = questions().collect();
    all.sort_by_key(|question| question.id[1..].parse::<u32>().unwrap_or(u32::MAX));
    all.into_iter().fold(String::new(), |mut text, question| {
        let words: Vec<_> = question.values.iter().map(|answer| answer.word).collect();
        let words = if words.is_empty() { "a duration".to_string() } else { words.join(", ") };
        writeln!(text, "{:<4} {}: {words}\n     {}", question.id, question.key, question.question)
            .expect("writing to a string");
        text
    })
}

fn list(rows: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().fold(String::new(), |mut text, (name, what)| {
        writeln!(text, "{name:<width$}  {what}").expect("writing to a string");
        text
    })
}

fn first_sentence(text: &'static str) -> &'static str {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_topic_has_a_text_of_its_own() {
        let codes = Code::ALL.iter().map(|code| code.about());
        let metrics = Metric::ALL.iter().map(|metric| metric.about());
        let answers = questions().flat_map(|q| q.values.iter().map(|answer| (q.question, answer.text)));
        let texts: Vec<&str> = codes.chain(metrics).chain(questions().map(|q| q.question)).collect();
        for text in &texts {
            assert!(text.len() > 20 && text.ends_with('.'), "too little to help: {text}");
        }
        let distinct: BTreeSet<_> = texts.iter().collect();
        assert_eq!(distinct.len(), texts.len());
        for (question, text) in answers {
            assert!(text.len() > 10 && text.ends_with('.'), "{question} {text}");
            assert!(!texts.contains(&text));
        }
        for question in questions() {
            let distinct: BTreeSet<_> = question.values.iter().map(|answer| answer.text).collect();
            assert_eq!(distinct.len(), question.values.len(), "{}", question.key);
            assert!(question.source.contains("onfidence"), "{} has no source", question.key);
        }
    }

    #[test]
    fn every_topic_is_found_by_its_name() {
        for topic in topics() {
            assert!(about(topic).is_ok_and(|text| text.len() > 60), "{topic}");
        }
        assert_eq!(about("unknown-kye"), Err(Some("unknown-key")));
        assert_eq!(about("zzzzzz"), Err(None));
        assert!(about("d2_rolled_back").is_ok_and(|text| text.starts_with("rolled_back")));
    }

    #[test]
    fn every_question_of_one_to_twenty_three_is_there() {
        let ids: BTreeSet<_> = questions().map(|question| question.id).collect();
        for number in 1..=23 {
            assert!(ids.contains(format!("A{number}").as_str()), "A{number}");
        }
    }

    #[test]
    fn codes_and_their_names_are_used_once() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!((ids.len(), names.len()), (Code::ALL.len(), Code::ALL.len()));
        for code in Code::ALL {
            let letter = if code.severity() == Severity::Error { 'S' } else { 'L' };
            assert!(code.id().starts_with(letter));
        }
    }

    #[test]
    fn a_text_reads_like_this() {
        insta::assert_snapshot!(about("A9").unwrap_or_default(), @r"
        A9 assumptions.repairLimit

        What the limit on instances that drain for repair counts.

          separate (default): At most 20 % of a provider's instances, one below nine, drains for deployments not counted.
          shared: The same limit, with the drains of deployments counted too.
          unlimited: There is no limit for daemons.

        What the default rests on: managed-instances-gpu-auto-repair states 20 %, and one instance below nine, for GPU repair; daemon repair has the same switch and the same health pipeline. Medium confidence.
        ");
        insta::assert_snapshot!(about("detection_min").unwrap_or_default(), @r"
        detection_min (number in min, lower is better)

        Minutes from the first harm to the moment when a monitor, the circuit breaker or an alarm, halted the deployment. Harm begins when a defect first acts: a start that fails, a crash, a hang, a failing request. Empty in a seed without a defect and in one where no monitor triggered.

        Of one deployment: with several, each has its own, prefixed d1_, d2_ …; the plain name is the last one's.
        ");
        insta::assert_snapshot!(about("l110").unwrap_or_default(), @r"
        L110 alarms-not-enabled (warning, promoted by --deny)

        Alarms are named, but `enable` is not true. The API's default is false (API_DaemonAlarmConfiguration): the alarms do nothing. Say `enable: true`, or `enable: false` to show that it is meant.

        Shown by settings, as for --set, on the sound scenario that `bakeoff about example` prints.

        Raises it:
          alarms: { alarmNames: [web-5xx] }
          bakeTimeInMinutes: 0

        Does not:
          alarms: { alarmNames: [web-5xx], enable: true }
        ");
    }
}
