//! Results as files and as a table: rows in, bytes out; and the one place that writes files.
//!
//! Renderers ([`csv`], [`json`], [`manifest`], [`table`], [`figures`], [`plots`], [`checks`], [`baseline`]) are
//! pure. [`Destination`] puts what they made into an output directory: all of it or
//! nothing, under a temporary name first, and never over something different
//! unless told to.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub mod assumptions;
pub mod baseline;
pub mod checks;
pub mod comparison;
pub mod csv;
pub mod events;
pub mod figures;
pub mod json;
pub mod manifest;
pub mod plots;
mod rows;
pub mod shell;
pub mod sweep;
pub mod table;
pub mod timing;

pub use manifest::Manifest;

/// Name of the manifest in an output directory.
pub const MANIFEST: &str = "manifest.json";

/// Files at the top of an output directory that are bakeoff's own.
const OWN_FILES: [&str; 13] = [
    MANIFEST,
    "timing.json",
    "runs.csv",
    "summary.csv",
    "summary.json",
    "series.csv",
    "series-runs.csv",
    "compare.csv",
    "arms.csv",
    "assumptions.csv",
    "assumptions.json",
    "checks.json",
    "junit.xml",
];

/// A file to be written.
pub struct Artifact<'a> {
    /// Where, relative to the output directory, with `/` between its parts.
    pub path: String,
    content: Content<'a>,
}

/// What a file says.
enum Content<'a> {
    Bytes(Vec<u8>),
    Written(Box<Writing<'a>>),
}

/// Writes a file's bytes from its first to its last.
type Writing<'a> = dyn Fn(&mut dyn io::Write) -> io::Result<()> + 'a;

impl<'a> Artifact<'a> {
    /// A file of these bytes.
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { path: path.into(), content: Content::Bytes(bytes) }
    }

    /// A file that is made while it is written, because it may be too large to be held.
    pub fn written(
        path: impl Into<String>,
        write: impl Fn(&mut dyn io::Write) -> io::Result<()> + 'a,
    ) -> Self {
        Self { path: path.into(), content: Content::Written(Box::new(write)) }
    }

    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        match &self.content {
            Content::Bytes(bytes) => out.write_all(bytes),
            Content::Written(write) => write(out),
        }
    }
}

/// Whether results may take the place of different ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// No: only the same results may be replaced.
    Refuse,
    /// Yes: what bakeoff wrote is replaced; other files stay.
    Replace,
}

/// Why nothing was written.
#[derive(Debug)]
pub enum WriteError {
    /// The directory holds something else, and nobody said to replace it.
    Occupied {
        /// The directory.
        directory: PathBuf,
        /// What it holds.
        holds: String,
    },
    /// The system refused.
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied { directory, holds } => write!(
                f,
                "{} holds {holds}; give another directory with --out, or --force to replace what bakeoff wrote there",
                directory.display()
            ),
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for WriteError {}

/// What an output directory holds before it is written to.
enum Contents {
    /// Nothing: it may not even be there.
    Nothing,
    /// The same results.
    Same,
    /// Anything else, in words.
    Different(String),
}

/// An output directory that may be written to.
#[derive(Debug)]
pub struct Destination {
    directory: PathBuf,
    overwrite: Overwrite,
}

impl Destination {
    /// Finds out whether results of `manifest` may go to `directory`, and that it can be written to,
    /// before the work of making them is done. Of the manifest only what the results depend on counts,
    /// not their fingerprints.
    ///
    /// # Errors
    /// When the directory holds something else and `overwrite` forbids to replace it, or the system
    /// does not let us write beside it.
    pub fn prepare(directory: &Path, manifest: &Manifest, overwrite: Overwrite) -> Result<Self, WriteError> {
        let destination = Self { directory: absolute(directory)?, overwrite };
        destination.admit(manifest)?;
        let parent = destination.parent();
        fs::create_dir_all(parent).map_err(at(parent))?;
        let probe = destination.beside("probe");
        fs::create_dir(&probe).and_then(|()| fs::remove_dir(&probe)).map_err(at(&destination.directory))?;
        Ok(destination)
    }

    /// The same directory, but nothing different in it may be replaced.
    #[must_use]
    pub fn without_replacing(self) -> Self {
        Self { overwrite: Overwrite::Refuse, ..self }
    }

    /// Writes `artifacts` and the manifest, which comes last: a directory without one is not whole.
    ///
    /// Everything is first written beside the directory under a temporary name. A new directory then
    /// appears in one step. Files of the same results are replaced one by one, each in one step, and
    /// files of different results are taken away before.
    ///
    /// # Errors
    /// When the directory has come to hold something else, or the system refuses to write.
    pub fn write(&self, artifacts: &[Artifact<'_>], manifest: &Manifest) -> Result<(), WriteError> {
        let contents = self.admit(manifest)?;
        let staging = self.beside("new");
        let written = stage(&staging, artifacts, manifest).and_then(|()| match contents {
            Contents::Nothing => self.appear(&staging),
            Contents::Same => self.replace(&staging, artifacts),
            Contents::Different(_) => self.clear().and_then(|()| self.replace(&staging, artifacts)),
        });
        if staging.exists() {
            // What is left of the staging area is of no use; not being able to remove it changes no result.
            let _ = fs::remove_dir_all(&staging);
        }
        written
    }

    fn admit(&self, manifest: &Manifest) -> Result<Contents, WriteError> {
        let contents = contents(&self.directory, manifest)?;
        match (contents, self.overwrite) {
            (Contents::Different(holds), Overwrite::Refuse) => {
                Err(WriteError::Occupied { directory: self.directory.clone(), holds })
            }
            (contents, _) => Ok(contents),
        }
    }

    fn appear(&self, staging: &Path) -> Result<(), WriteError> {
        if self.directory.exists() {
            fs::remove_dir(&self.directory).map_err(at(&self.directory))?;
        }
        fs::rename(staging, &self.directory).map_err(at(&self.directory))
    }

    fn replace(&self, staging: &Path, artifacts: &[Artifact<'_>]) -> Result<(), WriteError> {
        for path in artifacts.iter().map(|a| a.path.as_str()).chain([MANIFEST]) {
            let to = self.directory.join(path);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent).map_err(at(parent))?;
            }
            fs::rename(staging.join(path), &to).map_err(at(&to))?;
        }
        Ok(())
    }

    /// Takes bakeoff's own files away, the manifest first.
    fn clear(&self) -> Result<(), WriteError> {
        let manifest = self.directory.join(MANIFEST);
        if manifest.exists() {
            fs::remove_file(&manifest).map_err(at(&manifest))?;
        }
        for path in files(&self.directory)?.into_iter().filter(|path| is_own(path)) {
            let path = self.directory.join(path);
            fs::remove_file(&path).map_err(at(&path))?;
        }
        Ok(())
    }

    /// A path next to the directory, on the same file system.
    fn beside(&self, purpose: &str) -> PathBuf {
        let name = self.directory.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        self.parent().join(format!(".{name}.bakeoff-{purpose}-{}", std::process::id()))
    }

    fn parent(&self) -> &Path {
        self.directory.parent().unwrap_or(&self.directory)
    }
}

/// Writes a file outside of an output directory, in one step; the directories that lead to it are made.
///
/// # Errors
/// When the system refuses.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let path = absolute(path)?;
    let parent = path.parent().unwrap_or(&path);
    fs::create_dir_all(parent).map_err(at(parent))?;
    // A device or a pipe is written to; a temporary file in its place would not be it.
    if path.exists() && !path.is_file() {
        return fs::write(&path, bytes).map_err(at(&path));
    }
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let staging = parent.join(format!(".{name}.bakeoff-new-{}", std::process::id()));
    let written = fs::write(&staging, bytes).and_then(|()| fs::rename(&staging, &path));
    if written.is_err() {
        // What is left of it is of no use; the error that counts is the first.
        let _ = fs::remove_file(&staging);
    }
    written.map_err(at(&path))
}

/// Adds to the end of a file, which is made if it is not there.
///
/// # Errors
/// When the system refuses.
pub fn append_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).map_err(at(path))?;
    file.write_all(bytes).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |error| WriteError::Io { path, error }
}

fn absolute(directory: &Path) -> Result<PathBuf, WriteError> {
    // A directory that exists may be a link or `..`; its real place is where a sibling can be renamed onto it.
    if directory.exists() { fs::canonicalize(directory) } else { std::path::absolute(directory) }
        .map_err(at(directory))
}

fn stage(staging: &Path, artifacts: &[Artifact<'_>], manifest: &Manifest) -> Result<(), WriteError> {
    fs::create_dir(staging).map_err(at(staging))?;
    let write = |artifact: &Artifact<'_>| {
        let to = staging.join(&artifact.path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(at(parent))?;
        }
        let file = fs::File::create(&to).map_err(at(&to))?;
        let mut file = io::BufWriter::with_capacity(BUFFER, file);
        artifact.write(&mut file).and_then(|()| file.flush()).map_err(at(&to))
    };
    for artifact in artifacts {
        write(artifact)?;
    }
    write(&Artifact::written(MANIFEST, |out| manifest.write(out)))
}

/// Bytes that go to a file at once.
const BUFFER: usize = 1 << 16;

fn contents(directory: &Path, manifest: &Manifest) -> Result<Contents, WriteError> {
    if !directory.exists() {
        return Ok(Contents::Nothing);
    }
    let files = files(directory)?;
    if files.is_empty() {
        return Ok(Contents::Nothing);
    }
    if let Some(foreign) = files.iter().find(|path| !is_own(path)) {
        return Ok(Contents::Different(format!("'{foreign}', which bakeoff did not write")));
    }
    let path = directory.join(MANIFEST);
    if !path.exists() {
        return Ok(Contents::Different("results without a manifest".to_owned()));
    }
    let text = fs::read(&path).map_err(at(&path))?;
    Ok(match Manifest::parse(&text).map(|found| found.difference(manifest)) {
        Ok(None) => Contents::Same,
        Ok(Some(difference)) => Contents::Different(format!("results of {difference}")),
        Err(why) => Contents::Different(format!("a manifest that cannot be read ({why})")),
    })
}

/// Every file below `directory`, in order, relative to it, with `/` between the parts.
fn files(directory: &Path) -> Result<Vec<String>, WriteError> {
    fn walk(directory: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), WriteError> {
        for entry in fs::read_dir(directory).map_err(at(directory))? {
            let entry = entry.map_err(at(directory))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let path = entry.path();
            if entry.file_type().map_err(at(&path))?.is_dir() {
                walk(&path, &format!("{name}/"), found)?;
            } else {
                found.push(name);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(directory, "", &mut found)?;
    found.sort_unstable();
    Ok(found)
}

/// Whether bakeoff writes a file of this name into an output directory.
fn is_own(path: &str) -> bool {
    match path.split_once('/') {
        None => OWN_FILES.contains(&path),
        Some(("plots", name)) => !name.contains('/') && (ends_in(name, "svg") || ends_in(name, "png")),
        Some(("events", name)) => name.starts_with("seed=") && ends_in(name, "jsonl"),
        Some(_) => false,
    }
}

fn ends_in(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == extension)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::manifest::{MANIFEST_SCHEMA, ManifestArm, SeedRange, Shard};
    use super::*;
    use crate::scenario::assumptions::Assumptions;
    use crate::summary::Digests;

    fn manifest(digest: &str, seeds: std::ops::Range<u64>) -> Manifest {
        Manifest {
            schema: MANIFEST_SCHEMA.to_owned(),
            version: "0.1.0".to_owned(),
            random_scheme: "scheme".to_owned(),
            seeds: SeedRange::from(seeds),
            precision: None,
            shard: Shard::WHOLE,
            arms: vec![ManifestArm {
                arm: "a".to_owned(),
                scenario_digest: digest.to_owned(),
                scenario: String::new(),
                master_seed: 1,
                assumptions: Assumptions::default(),
                stop_reasons: BTreeMap::new(),
                digests: Digests::default(),
            }],
        }
    }

    fn artifacts(text: &str) -> Vec<Artifact<'static>> {
        vec![Artifact::new("runs.csv", text.into()), Artifact::new("plots/a.svg", text.into())]
    }

    fn put(
        directory: &Path,
        manifest: &Manifest,
        text: &str,
        overwrite: Overwrite,
    ) -> Result<(), WriteError> {
        Destination::prepare(directory, manifest, overwrite)?.write(&artifacts(text), manifest)
    }

    fn read(directory: &Path, path: &str) -> String {
        fs::read_to_string(directory.join(path)).expect("the file is there")
    }

    fn siblings(root: &Path) -> Vec<String> {
        files(root).expect("readable").into_iter().filter(|f| f.contains(".bakeoff-")).collect()
    }

    #[test]
    fn a_new_directory_gets_everything_and_leaves_no_temporary_files() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("deep/er/out");
        put(&out, &manifest("d", 0..2), "x", Overwrite::Refuse).expect("nothing is in the way");
        assert_eq!(files(&out).expect("readable"), ["manifest.json", "plots/a.svg", "runs.csv"]);
        assert!(siblings(root.path()).is_empty());
    }

    #[test]
    fn the_same_results_are_replaced_without_a_question_and_extra_files_of_theirs_stay() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("out");
        put(&out, &manifest("d", 0..2), "x", Overwrite::Refuse).expect("first");
        fs::create_dir(out.join("events")).expect("a directory");
        fs::write(out.join("events/seed=1.jsonl"), "{}").expect("a file");
        put(&out, &manifest("d", 0..2), "y", Overwrite::Refuse).expect("again");
        assert_eq!(read(&out, "runs.csv"), "y");
        assert_eq!(read(&out, "events/seed=1.jsonl"), "{}");
        assert!(siblings(root.path()).is_empty());
    }

    #[test]
    fn different_results_are_refused_and_the_refusal_says_what_is_there() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("out");
        put(&out, &manifest("d", 0..2), "x", Overwrite::Refuse).expect("first");
        let other_seeds = put(&out, &manifest("d", 0..3), "y", Overwrite::Refuse).expect_err("other seeds");
        assert!(other_seeds.to_string().contains("results of seeds 0..2"), "{other_seeds}");
        let other = put(&out, &manifest("e", 0..2), "y", Overwrite::Refuse).expect_err("another scenario");
        assert!(other.to_string().contains("another scenario"), "{other}");
        assert_eq!(read(&out, "runs.csv"), "x");
    }

    #[test]
    fn force_replaces_what_bakeoff_wrote_and_nothing_else() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("out");
        put(&out, &manifest("d", 0..2), "x", Overwrite::Refuse).expect("first");
        fs::write(out.join("notes.md"), "mine").expect("a file");
        fs::write(out.join("series-runs.csv"), "stale").expect("a file");
        put(&out, &manifest("d", 0..2), "x", Overwrite::Refuse).expect_err("a foreign file is in the way");
        put(&out, &manifest("e", 0..2), "y", Overwrite::Replace).expect("forced");
        assert_eq!(files(&out).expect("readable"), ["manifest.json", "notes.md", "plots/a.svg", "runs.csv"]);
        assert_eq!(read(&out, "notes.md"), "mine");
        assert_eq!(read(&out, "runs.csv"), "y");
    }

    #[test]
    fn results_without_a_manifest_are_not_touched() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("out");
        fs::create_dir(&out).expect("a directory");
        fs::write(out.join("runs.csv"), "someone's").expect("a file");
        let refused = put(&out, &manifest("d", 0..2), "y", Overwrite::Refuse).expect_err("no manifest");
        assert!(refused.to_string().contains("without a manifest"), "{refused}");
    }

    #[test]
    fn an_empty_directory_is_as_good_as_none() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("out");
        fs::create_dir(&out).expect("a directory");
        put(&out, &manifest("d", 0..2), "y", Overwrite::Refuse).expect("empty");
        assert_eq!(read(&out, "runs.csv"), "y");
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("out");
        fs::write(&out, "a file").expect("a file");
        let refused = put(&out, &manifest("d", 0..2), "y", Overwrite::Replace).expect_err("not a directory");
        assert!(refused.to_string().contains("out: "), "{refused}");
    }

    #[test]
    fn only_names_that_bakeoff_writes_are_its_own() {
        for own in ["runs.csv", "plots/blast-radius.svg", "plots/x.png", "events/seed=17.jsonl"] {
            assert!(is_own(own), "{own}");
        }
        for foreign in ["notes.md", "plots/x.txt", "plots/a/b.svg", "events/other.jsonl", "sub/runs.csv"] {
            assert!(!is_own(foreign), "{foreign}");
        }
    }
}
