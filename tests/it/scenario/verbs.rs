//! `validate`, `show`, `schema`, `about` and `init` as commands.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::{EXAMPLE, example};

fn bakeoff(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bakeoff"))
        .args(args)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .output()
        .expect("the command can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

#[test]
fn validate_tells_the_problems_of_every_file_and_its_exit_code_is_the_worst() {
    let dir = directory();
    fs::write(dir.path().join("good.yaml"), EXAMPLE).expect("written");
    fs::write(dir.path().join("bad.yaml"), example().replace("horizon: 24h", "horizon: 24"))
        .expect("written");
    fs::write(dir.path().join("latin1.yaml"), b"name: caf\xe9\n").expect("written");
    let good = bakeoff(dir.path(), &["validate", "good.yaml"]);
    assert_eq!((good.status.code(), text(&good.stdout)), (Some(0), "1 file, no problems\n".to_string()));
    let mixed = bakeoff(dir.path(), &["validate", "bad.yaml", "good.yaml", "latin1.yaml"]);
    assert_eq!(mixed.status.code(), Some(2));
    insta::assert_snapshot!(text(&mixed.stdout), @r"
    error[S006]: a duration needs its unit
     --> bad.yaml:5:51
      |
    5 | simulation: { seeds: 200, masterSeed: 1, horizon: 24, observeAfter: 30m, sampleEvery: 30s }
      |                                                   ^^
      |
      = help: write the unit: 24s, 24m or 24h

    error[S001]: latin1.yaml is not UTF-8: byte 9 on line 1
     |
     = help: save the file as UTF-8

    3 files, 2 errors, 0 warnings
    ");
    let missing = bakeoff(dir.path(), &["validate", "nowhere.yaml", "bad.yaml"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("nowhere.yaml"));
    assert!(text(&missing.stdout).ends_with("1 unreadable; 1 file, 1 error, 0 warnings\n"));
}

#[test]
fn validate_denies_warnings_on_request() {
    let dir = directory();
    let doubtful =
        EXAMPLE.replace("enable: true", "enable: false").replace("web-5xx], enable: false", "web-5xx]");
    fs::write(dir.path().join("a.yaml"), doubtful).expect("written");
    assert_eq!(bakeoff(dir.path(), &["validate", "a.yaml"]).status.code(), Some(0));
    let denied = bakeoff(dir.path(), &["validate", "a.yaml", "--deny"]);
    assert_eq!(denied.status.code(), Some(2));
    assert!(text(&denied.stdout).contains("error[L110]"), "{}", text(&denied.stdout));
    assert_eq!(bakeoff(dir.path(), &["validate", "a.yaml", "--deny=L101"]).status.code(), Some(0));
}

#[test]
fn show_takes_overrides_and_its_output_shows_to_itself() {
    let dir = directory();
    fs::write(dir.path().join("a.yaml"), EXAMPLE).expect("written");
    let shown = bakeoff(dir.path(), &["show", "a.yaml", "--set", "drainPercent=50"]);
    assert!(text(&shown.stdout).contains("drainPercent: 50.0\n"));
    fs::write(dir.path().join("b.yaml"), &shown.stdout).expect("written");
    assert_eq!(bakeoff(dir.path(), &["show", "b.yaml"]).stdout, shown.stdout);
}

#[test]
fn about_and_schema_print_and_an_unknown_name_is_bad_usage() {
    let dir = directory();
    let about = bakeoff(dir.path(), &["about", "a3"]);
    assert!(about.status.success() && text(&about.stdout).contains("afterAll (default)"));
    let unknown = bakeoff(dir.path(), &["about", "blast_radius"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean 'blast_radius_pct'"), "{}", text(&unknown.stderr));
    let schema = bakeoff(dir.path(), &["schema"]);
    let committed = include_str!("../../../schema/scenario.schema.json");
    assert_eq!(text(&schema.stdout), committed);
}

#[test]
fn init_writes_what_can_be_validated_and_overwrites_nothing() {
    let dir = directory();
    assert!(bakeoff(dir.path(), &["init", "new"]).status.success());
    let scenario = dir.path().join("new/rollout.yaml");
    assert!(dir.path().join("new/.github/workflows/bakeoff.yml").is_file());
    assert_eq!(bakeoff(dir.path(), &["validate", "new/rollout.yaml", "--deny"]).status.code(), Some(0));
    fs::write(&scenario, "mine").expect("written");
    fs::remove_dir_all(dir.path().join("new/.github")).expect("removed");
    let again = bakeoff(dir.path(), &["init", "new"]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&scenario).expect("it is there"), "mine");
    assert!(!dir.path().join("new/.github").exists());
}
