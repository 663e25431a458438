//! Where verdicts are told, and in which forms.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

use anstream::adapter::strip_str;

use crate::cli::{CheckFormat, CheckFormatArg};
use crate::commands::{Failure, results};
use crate::report::checks::{Report, github, json, junit, markdown, text};
use crate::report::{append_file, write_file};

/// Refuses forms that would get into each other's way, or take the place of a scenario.
pub(super) fn tell_forms_apart(forms: &[CheckFormatArg], scenarios: &[PathBuf]) -> Result<(), Failure> {
    let place = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| place(path));
    let mut taken: Vec<PathBuf> = scenarios.iter().map(|path| real(path)).collect();
    for path in forms.iter().filter_map(|form| form.path.as_ref()) {
        // Devices and pipes take any number of reports.
        if path.exists() && !path.is_file() {
            continue;
        }
        if taken.contains(&real(path)) {
            return Err(Failure::Usage(format!(
                "--format: {} is a scenario, or takes another report already; name another file",
                path.display()
            )));
        }
        taken.push(real(path));
    }
    let aloud = || forms.iter().filter(|form| form.path.is_none());
    let documents =
        aloud().filter(|form| matches!(form.format, CheckFormat::Json | CheckFormat::Junit)).count();
    if documents > 0 && aloud().count() > 1 {
        return Err(Failure::Usage(
            "--format: json and junit are whole documents, so each needs standard output for itself; give the others \
             a file, as in junit=junit.xml"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Tells the verdicts in one form, to where it is to go.
pub(super) fn tell(report: &Report, form: &CheckFormatArg, out: &mut dyn Write) -> Result<(), Failure> {
    let bytes = match form.format {
        // A file shows no colours.
        CheckFormat::Text if form.path.is_some() => strip_str(&text(report)).to_string().into_bytes(),
        CheckFormat::Text => text(report).into_bytes(),
        CheckFormat::Json => json(report),
        CheckFormat::Junit => junit(report),
        CheckFormat::Github => github(report).into_bytes(),
        CheckFormat::Markdown => markdown(report).into_bytes(),
    };
    let summary = || env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from);
    match (&form.path, form.format) {
        (Some(path), _) => write_file(path, &bytes).map_err(results::write_failure),
        (None, CheckFormat::Markdown) if summary().is_some() => {
            append_file(&summary().unwrap_or_default(), &bytes).map_err(results::write_failure)
        }
        (None, _) => Ok(out.write_all(&bytes)?),
    }
}
