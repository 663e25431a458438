//! The arms of a comparison or a sweep, each loaded and found valid before anything runs.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Failure;
use super::reading::{self, Warnings, Written, heed, refusal, render};
use super::simulate::{LoadedArm, replay_arguments};
use crate::cli::{ReadingArgs, SimulationArgs};
use crate::scenario::sweep::{Point, Points, Sweep, shown};
use crate::scenario::{Code, Loaded, Problem, Scenario, SweepChange, deny};

/// What all arms share: how files are read, and the salt of the seeds.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) reading: &'a ReadingArgs,
    pub(super) simulation: &'a SimulationArgs,
}

impl Shared<'_> {
    fn warnings(&self) -> Warnings {
        if self.simulation.quiet { Warnings::Hidden } else { Warnings::Shown }
    }

    /// An arm per file, by the name of its scenario or, where copies share that, by the file; all under the luck of
    /// the first.
    pub(super) fn of_files(&self, files: &[PathBuf]) -> Result<(Scenario, Vec<LoadedArm>), Failure> {
        let mut first: Option<Scenario> = None;
        let mut arms: Vec<LoadedArm> = Vec::new();
        for file in files {
            let salt = first.as_ref().map(|scenario| scenario.simulation.master_seed);
            let salt = self.simulation.master_seed.or(salt);
            let loaded = reading::scenario(file, self.reading, salt, self.warnings())?;
            first.get_or_insert_with(|| loaded.scenario.clone());
            let name = loaded.scenario.name.clone();
            let options = replay_arguments(salt, &self.reading.set);
            arms.push(LoadedArm::new(name, loaded, file, options));
        }
        name_by_file(&mut arms)?;
        Ok((first.expect("a file is required"), arms))
    }

    /// The scenario of one file with its sweep, and an arm for every point of that.
    pub(super) fn of_sweep(&self, file: &Path, change: SweepChange<'_>) -> Result<Swept, Failure> {
        reading::check_denied(&self.reading.deny)?;
        self.no_setting_is_varied(change)?;
        let written = Written::read(file)?.map_err(|problem| refusal(&[problem]))?;
        let salt = self.simulation.master_seed;
        let mut base = written.load(self.reading, salt, change).map_err(|problems| refusal(&problems))?;
        heed(&mut base.warnings, self.reading, self.warnings())?;
        let points = base.scenario.sweep.points(base.scenario.simulation.master_seed);
        let arms = self.of_points(file, &written, &points.points, &base)?;
        Ok(Swept { base, written, points, arms })
    }

    /// What is varied cannot be set as well, nor varied in two ways: one of the two would be without effect.
    fn no_setting_is_varied(&self, change: SweepChange<'_>) -> Result<(), Failure> {
        let (SweepChange::Extended(vary) | SweepChange::Replaced(vary)) = change else { return Ok(()) };
        for (index, (key, _)) in vary.iter().enumerate().filter(|(_, (key, _))| key != "constraints") {
            if vary[..index].iter().any(|(other, _)| other == key) {
                return Err(Failure::Usage(format!("{key} is varied twice; give all of its values at once")));
            }
            if self.reading.set.iter().any(|(set, _)| set == key) {
                return Err(Failure::Usage(format!("{key} is both set and varied; leave out one of them")));
            }
        }
        Ok(())
    }

    /// An arm for every point; the first that is no valid scenario is named with what is wrong with it.
    fn of_points(
        &self,
        file: &Path,
        written: &Written,
        points: &[Point],
        base: &Loaded,
    ) -> Result<Vec<LoadedArm>, Failure> {
        let mut arms = Vec::new();
        let mut noticed = Vec::new();
        for point in points {
            let salt = self.simulation.master_seed;
            let loaded = written.load(self.reading, salt, SweepChange::Settled(point));
            let mut loaded = loaded.map_err(|problems| invalid_arm(point, &problems))?;
            loaded
                .warnings
                .retain(|w| !base.warnings.iter().any(|b| b.code == w.code && b.message == w.message));
            if deny(&mut loaded.warnings, &self.reading.deny) {
                return Err(invalid_arm(point, &loaded.warnings));
            }
            noticed.extend(loaded.warnings.iter().map(|w| (w.code, w.message.clone(), point.name())));
            let set = point.settings.iter().map(|(key, value)| (key.clone(), shown(value)));
            let set: Vec<(String, String)> = self.reading.set.iter().cloned().chain(set).collect();
            arms.push(LoadedArm::new(point.name(), loaded, file, replay_arguments(salt, &set)));
        }
        if self.warnings() == Warnings::Shown {
            warn(&noticed, points.len());
        }
        Ok(arms)
    }

    /// The file as it is written, without its sweep, as an arm.
    pub(super) fn as_written(&self, file: &Path, swept: &Swept) -> Result<LoadedArm, Failure> {
        let salt = self.simulation.master_seed;
        let none = Point { settings: Vec::new() };
        let loaded = swept.written.load(self.reading, salt, SweepChange::Settled(&none));
        let loaded = loaded.map_err(|problems| refusal(&problems))?;
        Ok(LoadedArm::new("as written".to_owned(), loaded, file, replay_arguments(salt, &self.reading.set)))
    }
}

/// Copies of one scenario have one name; such arms go by their files.
fn name_by_file(arms: &mut [LoadedArm]) -> Result<(), Failure> {
    let names = |arms: &[LoadedArm]| arms.iter().map(|arm| arm.arm.name.clone()).collect::<Vec<_>>();
    let alike = |name: &String, among: &[String]| among.iter().filter(|other| *other == name).count() > 1;
    let scenarios = names(arms);
    for (arm, _) in arms.iter_mut().zip(&scenarios).filter(|(_, name)| alike(name, &scenarios)) {
        arm.arm.name = arm.file.display().to_string();
    }
    let all = names(arms);
    match all.iter().find(|name| alike(name, &all)) {
        Some(name) => Err(Failure::Usage(format!("{name} is named twice; compare it with another file"))),
        None => Ok(()),
    }
}

/// A scenario with its sweep, and the arms that come of it.
pub(super) struct Swept {
    pub(super) base: Loaded,
    written: Written,
    pub(super) points: Points,
    pub(super) arms: Vec<LoadedArm>,
}

impl Swept {
    pub(super) fn sweep(&self) -> &Sweep {
        &self.base.scenario.sweep
    }
}

/// A line for each code that only some arms give, not one for each arm.
fn warn(noticed: &[(Code, String, String)], arms: usize) {
    let mut codes: Vec<Code> = noticed.iter().map(|(code, ..)| *code).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        let mut names: Vec<&str> = noticed.iter().filter(|n| n.0 == code).map(|n| n.2.as_str()).collect();
        names.dedup();
        let Some((_, message, first)) = noticed.iter().find(|n| n.0 == code) else { continue };
        // Not being able to warn is no reason not to run.
        let _ = writeln!(
            anstream::stderr(),
            "warning[{}] in {} of {arms} arms, as in {first}: {message}",
            code.id(),
            names.len()
        );
    }
}

fn invalid_arm(point: &Point, problems: &[Problem]) -> Failure {
    Failure::Scenario(format!(
        "{}\n\nerror: the arm {} is no valid scenario, so nothing was run",
        render(problems),
        point.name()
    ))
}
