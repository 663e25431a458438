//! The gate on instructions: what `.ci/instructions` makes of two counts.

use std::fs;
use std::path::Path;
use std::process::Command;

const RECORD: &str =
    "# A comment\n# Linux x86_64, rustc 1.0.0\nlean/1000 1000.0 40000\nrich/1000 1200.0 50000\n";

/// The exit code and what is printed when `now` is compared with the record.
fn compared(now: &str) -> (Option<i32>, String) {
    let scratch = tempfile::tempdir().expect("a folder");
    let [old, new] = ["old", "new"].map(|name| scratch.path().join(name));
    fs::write(&old, RECORD).expect("a file");
    fs::write(&new, now).expect("a file");
    let gate = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/instructions");
    let output = Command::new(gate).arg("--compare").args([old, new]).output().expect("bash is there");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The record with these counts for lean.
fn now(per_event: &str, per_host: &str) -> String {
    RECORD.replace("1000.0 40000", &format!("{per_event} {per_host}"))
}

#[test]
fn the_same_instructions_pass_and_so_do_up_to_three_percent_more() {
    for (per_event, per_host) in [("1000.0", "40000"), ("1029.9", "41196"), ("970.1", "38804")] {
        let (code, said) = compared(&now(per_event, per_host));
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(said.matches("  same\n").count(), 4, "{said}");
    }
}

#[test]
fn three_percent_more_of_either_figure_fails_and_names_it_with_both_values() {
    let (code, said) = compared(&now("1030.0", "40000"));
    assert_eq!(code, Some(1), "{said}");
    let line = "lean/1000    per event   1030.0, was   1000.0, ratio 1.0300  WORSE\n";
    assert!(said.contains(line) && said.contains("--accept"), "{said}");

    let (code, said) = compared(&now("900.0", "41200"));
    assert_eq!(code, Some(1), "{said}");
    let lines = "lean/1000    per event    900.0, was   1000.0, ratio 0.9000  better
lean/1000    per host     41200, was    40000, ratio 1.0300  WORSE\n";
    assert!(said.contains(lines), "{said}");
}

#[test]
fn three_percent_fewer_pass_and_ask_to_be_held_on_to() {
    let (code, said) = compared(&now("970.0", "40000"));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ratio 0.9700  better\n") && said.contains("--accept"), "{said}");
}

#[test]
fn a_record_of_other_rows_fails() {
    let more = format!("{RECORD}r1/1000 500.0 10000\n");
    let fewer = RECORD.lines().take(3).collect::<Vec<_>>().join("\n") + "\n";
    for now in [&more, &fewer, ""] {
        let (code, said) = compared(now);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("error: the record holds other rows"), "{said}");
    }
}

#[test]
fn another_compiler_is_told() {
    let (code, said) = compared(&RECORD.replace("1.0.0", "2.0.0"));
    assert_eq!(code, Some(0), "{said}");
    let line = "the record is of Linux x86_64, rustc 1.0.0; this is Linux x86_64, rustc 2.0.0\n";
    assert!(said.starts_with(line), "{said}");
}
