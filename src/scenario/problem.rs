//! What is wrong with a scenario: code, place, message and fix.
//!
//! A [`Problem`] owns all it needs to be shown, the source text included, so that
//! it can outlive the loading that found it. Codes never change their meaning.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

pub use super::codes::Code;

/// A text that problems point into: the scenario, a file that it names, or a `--set`.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// What to call it: a path as the user gave it, or `--set`.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// A stretch of a [`Source`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Where.
    pub source: Arc<Source>,
    /// Byte offsets into the text, on character boundaries.
    pub span: Range<usize>,
}

impl Location {
    /// Line of the first byte, counted from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// Column of the first byte in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    fn before(&self) -> &str {
        &self.source.text[..self.span.start]
    }
}

impl fmt::Display for Location {
    /// `file:line:column`, the form that editors open.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.source.name, self.line(), self.column())
    }
}

/// Whether a problem keeps a scenario from being run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario can be run; the lint says why it may not mean what it says.
    Warning,
    /// The scenario cannot be run.
    Error,
}

/// Whether a rendered problem carries terminal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// ANSI colours; strip them where they are not wanted.
    Coloured,
    /// Plain text.
    Plain,
}

/// One thing that is wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which rule; its long text is in `bakeoff about CODE`.
    pub code: Code,
    /// Error or warning; `--deny` promotes warnings.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// Words below the marked text; may be empty.
    pub label: String,
    /// How to put it right.
    pub help: Option<String>,
    /// Where; none when it concerns no stretch of any text.
    pub location: Option<Location>,
}

impl Problem {
    /// A problem of the severity that its code has by default.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            label: String::new(),
            help: None,
            location: None,
        }
    }

    /// Says how to put it right.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Puts words below the marked text.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// The problem with the lines it is about, the place marked, and the help.
    pub fn render(&self, style: Style) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(&self.message).id(self.code.id()));
        if let Some(location) = &self.location {
            let annotation = AnnotationKind::Primary.span(visible(location));
            let annotation =
                if self.label.is_empty() { annotation } else { annotation.label(self.label.as_str()) };
            group = group.element(
                Snippet::source(&location.source.text).path(&location.source.name).annotation(annotation),
            );
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        let renderer = match style {
            Style::Coloured => Renderer::styled(),
            Style::Plain => Renderer::plain(),
        };
        renderer.render(&[group])
    }
}

impl fmt::Display for Problem {
    /// One line: `file:line:column: error[S003]: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]: {}", self.code.id(), self.message)
    }
}

/// The span cut to one line and widened to at least one character, so that the mark can be seen.
fn visible(location: &Location) -> Range<usize> {
    let text = &location.source.text;
    let Range { start, end } = location.span;
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let next = text[start..line_end].chars().next().map_or(start, |c| start + c.len_utf8());
    start..end.min(line_end).max(next)
}
