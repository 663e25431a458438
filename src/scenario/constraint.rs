//! The constraints of a sweep: which combinations of its values are run.
//!
//! ```text
//! constraint := claim ('or' claim)*          claim := sum cmp sum
//! sum  := product (('+'|'-') product)*       product := atom (('*'|'/') atom)*
//! atom := number | duration | axis | '(' sum ')'
//! ```
//! An axis stands for its value in the combination, a duration for its milliseconds.

use std::ops::Range;

use serde_json::Value;

use super::checks::Comparison;
use super::duration;
use super::read::with_guess;

/// A condition that every combination of a sweep has to meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// The condition as it is written.
    pub text: String,
    /// At least one of these has to hold.
    claims: Vec<Claim>,
}

#[derive(Clone, Debug, PartialEq)]
struct Claim {
    left: Term,
    comparison: Comparison,
    right: Term,
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Number(f64),
    /// A duration, in milliseconds.
    Duration(f64),
    /// The value of an axis, by its number in the sweep.
    Axis(usize),
    Binary(Box<Term>, Operator, Box<Term>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Why a text is no constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintError {
    /// Bytes of the text that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to put it right.
    pub help: String,
}

impl Constraint {
    /// Whether a combination, one number per axis, meets the condition.
    pub fn holds(&self, values: &[f64]) -> bool {
        self.claims.iter().any(|c| c.comparison.holds(c.left.of(values), c.right.of(values)))
    }

    /// Whether it compares like with like, given what each axis counts.
    ///
    /// # Errors
    /// What it mixes, in words.
    pub fn dimensions(&self, axes: &[Dimension]) -> Result<(), String> {
        for claim in &self.claims {
            if claim.left.dimension(axes)? != claim.right.dimension(axes)? {
                return Err("it compares a number with a duration".to_owned());
            }
        }
        Ok(())
    }

    /// The axes that the condition names, by number.
    pub fn axes(&self) -> Vec<usize> {
        let mut axes = Vec::new();
        for claim in &self.claims {
            claim.left.axes(&mut axes);
            claim.right.axes(&mut axes);
        }
        axes.sort_unstable();
        axes.dedup();
        axes
    }
}

/// What a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Anything but time.
    Number,
    /// Time.
    Duration,
}

impl Term {
    fn dimension(&self, axes: &[Dimension]) -> Result<Dimension, String> {
        use Dimension::{Duration, Number};
        let Self::Binary(left, operator, right) = self else {
            return Ok(match self {
                Self::Axis(index) => axes[*index],
                Self::Duration(_) => Duration,
                _ => Number,
            });
        };
        match (operator, left.dimension(axes)?, right.dimension(axes)?) {
            (Operator::Plus | Operator::Minus, left, right) if left == right => Ok(left),
            (Operator::Plus | Operator::Minus, ..) => Err("it adds a number and a duration".to_owned()),
            (Operator::Times, Number, other) | (Operator::Times | Operator::Over, other, Number) => Ok(other),
            (Operator::Over, Duration, Duration) => Ok(Number),
            (Operator::Times, Duration, Duration) => Err("it multiplies durations".to_owned()),
            (Operator::Over, Number, Duration) => Err("it divides a number by a duration".to_owned()),
        }
    }

    fn of(&self, values: &[f64]) -> f64 {
        match self {
            Self::Number(x) | Self::Duration(x) => *x,
            Self::Axis(index) => values[*index],
            Self::Binary(left, operator, right) => {
                let (left, right) = (left.of(values), right.of(values));
                match operator {
                    Operator::Plus => left + right,
                    Operator::Minus => left - right,
                    Operator::Times => left * right,
                    Operator::Over => left / right,
                }
            }
        }
    }

    fn axes(&self, found: &mut Vec<usize>) {
        match self {
            Self::Number(_) | Self::Duration(_) => {}
            Self::Axis(index) => found.push(*index),
            Self::Binary(left, _, right) => {
                left.axes(found);
                right.axes(found);
            }
        }
    }
}

/// The number that a constraint sees in a setting's value: itself, or a duration's milliseconds.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => duration::parse(text).ok().map(|span| span.as_ms() as f64),
        _ => None,
    }
}

/// Reads a constraint over these axes.
///
/// # Errors
/// The first place where the text is no constraint.
pub fn parse(text: &str, axes: &[&str]) -> Result<Constraint, ConstraintError> {
    let mut parser = Parser { text, at: 0, axes, depth: 0 };
    let mut claims = vec![parser.claim()?];
    while parser.eat_word("or") {
        claims.push(parser.claim()?);
    }
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error(parser.at..text.len(), "nothing can follow here", EXAMPLE));
    }
    Ok(Constraint { text: text.to_owned(), claims })
}

const EXAMPLE: &str =
    "for example: drainPercent * bakeTimeInMinutes <= 500, or drainPercent <= 25 or bakeTimeInMinutes >= 15";

/// Deeper brackets have no reason, and would use up the stack.
const DEPTH_MAX: usize = 50;

struct Parser<'t> {
    text: &'t str,
    at: usize,
    axes: &'t [&'t str],
    depth: usize,
}

impl Parser<'_> {
    fn claim(&mut self) -> Result<Claim, ConstraintError> {
        let left = self.sum()?;
        self.skip_space();
        let Some(comparison) = Comparison::BY_SIGN.into_iter().find(|(sign, _)| self.eat(sign)) else {
            return Err(self.error(
                self.at..self.at + 1,
                "expected a comparison",
                "one of <  <=  >  >=  =  !=",
            ));
        };
        Ok(Claim { left, comparison: comparison.1, right: self.sum()? })
    }

    fn sum(&mut self) -> Result<Term, ConstraintError> {
        self.chain(&[("+", Operator::Plus), ("-", Operator::Minus)], Self::product)
    }

    fn product(&mut self) -> Result<Term, ConstraintError> {
        self.chain(&[("*", Operator::Times), ("/", Operator::Over)], Self::atom)
    }

    fn chain(
        &mut self,
        operators: &[(&str, Operator)],
        part: fn(&mut Self) -> Result<Term, ConstraintError>,
    ) -> Result<Term, ConstraintError> {
        let mut term = part(self)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.eat(sign)) {
            term = Term::Binary(Box::new(term), *operator, Box::new(part(self)?));
        }
        Ok(term)
    }

    fn atom(&mut self) -> Result<Term, ConstraintError> {
        if self.eat("(") {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return Err(self.error(self.at - 1..self.at, "too many brackets", EXAMPLE));
            }
            let term = self.sum()?;
            if !self.eat(")") {
                return Err(self.error(self.at..self.at + 1, "expected ')'", EXAMPLE));
            }
            self.depth -= 1;
            return Ok(term);
        }
        self.skip_space();
        let start = self.at;
        // A hyphen belongs to a name such as services.web-api.desiredCount; a minus stands between spaces.
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let rest = &self.text[start..];
        let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        self.at += word.len();
        if let Some(index) = self.axes.iter().position(|axis| *axis == word) {
            return Ok(Term::Axis(index));
        }
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-') {
            let number = word.parse::<f64>().ok().filter(|x| x.is_finite()).map(Term::Number);
            let span = || duration::parse(word).ok().map(|span| Term::Duration(span.as_ms() as f64));
            return number.or_else(span).ok_or_else(|| {
                self.error(start..self.at, "neither a number nor a duration", "write 25, 0.5 or 15m")
            });
        }
        if word.is_empty() {
            return Err(self.error(start..start + 1, "expected an axis or a number", EXAMPLE));
        }
        let help = with_guess(word, self.axes, format!("the axes are: {}", self.axes.join(", ")));
        Err(self.error(start..self.at, &format!("the sweep has no axis '{word}'"), &help))
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.skip_space();
        let is_there = self.text[self.at..].starts_with(sign);
        self.at += if is_there { sign.len() } else { 0 };
        is_there
    }

    fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let rest = &self.text[self.at..];
        let ends = rest.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '(']));
        self.at += if ends { word.len() } else { 0 };
        ends
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn error(&self, span: Range<usize>, message: &str, help: &str) -> ConstraintError {
        ConstraintError {
            span: self.text.floor_char_boundary(span.start)..self.text.floor_char_boundary(span.end),
            message: message.to_owned(),
            help: help.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AXES: [&str; 3] = ["drainPercent", "bake", "services.web-api.stopTimeout"];

    fn holds(text: &str, values: [f64; 3]) -> bool {
        parse(text, &AXES).unwrap_or_else(|e| panic!("{text}: {e:?}")).holds(&values)
    }

    #[test]
    fn a_constraint_computes_with_the_values_of_its_axes() {
        let values = [10.0, 15.0, 30_000.0];
        assert!(holds("drainPercent * bake <= 150", values));
        assert!(!holds("drainPercent * bake < 150", values));
        assert!(holds("(drainPercent + 5) / 3 = 5", values));
        assert!(holds("bake - drainPercent - 1 = 4", values), "from left to right");
        assert!(holds("drainPercent > 50 or bake >= 15", values));
        assert!(holds("services.web-api.stopTimeout <= 30s", values));
        assert!(holds("bake > -1", values));
        assert_eq!(parse("bake + bake > drainPercent", &AXES).expect("valid").axes(), [0, 1]);
    }

    #[test]
    fn a_mistake_is_told_where_it_is() {
        let told = |text| {
            let ConstraintError { span, message, help } = parse(text, &AXES).expect_err(text);
            format!("{span:?} {message}; {help}")
        };
        let all: Vec<_> =
            ["", "bake", "bake <= ", "bake <= 5 and", "drainPrecent < 5", "(bake < 5", "bake < 5x"]
                .map(told)
                .into();
        insta::assert_snapshot!(all.join("\n"), @r"
        0..0 expected an axis or a number; for example: drainPercent * bakeTimeInMinutes <= 500, or drainPercent <= 25 or bakeTimeInMinutes >= 15
        4..4 expected a comparison; one of <  <=  >  >=  =  !=
        8..8 expected an axis or a number; for example: drainPercent * bakeTimeInMinutes <= 500, or drainPercent <= 25 or bakeTimeInMinutes >= 15
        10..13 nothing can follow here; for example: drainPercent * bakeTimeInMinutes <= 500, or drainPercent <= 25 or bakeTimeInMinutes >= 15
        0..12 the sweep has no axis 'drainPrecent'; did you mean 'drainPercent'? the axes are: drainPercent, bake, services.web-api.stopTimeout
        6..7 expected ')'; for example: drainPercent * bakeTimeInMinutes <= 500, or drainPercent <= 25 or bakeTimeInMinutes >= 15
        7..9 neither a number nor a duration; write 25, 0.5 or 15m
        ");
    }

    #[test]
    fn numbers_and_durations_are_not_mixed() {
        use Dimension::{Duration, Number};
        let mixed =
            |text: &str| parse(text, &AXES).expect("valid").dimensions(&[Number, Number, Duration]).err();
        let stop = AXES[2];
        for fine in
            ["bake * 1m <= 10m", "bake <= 10", &format!("{stop} / 30s <= 2"), &format!("{stop} * 2 < 1m")]
        {
            assert_eq!(mixed(fine), None, "{fine}");
        }
        for (text, told) in [
            ("bake <= 10m", "compares a number with a duration"),
            (&format!("{stop} + bake < 1m") as &str, "adds a number and a duration"),
            (&format!("{stop} * 1s < 1m"), "multiplies durations"),
            ("bake / 1s < 1", "divides a number by a duration"),
        ] {
            assert!(mixed(text).is_some_and(|message| message.contains(told)), "{text}");
        }
    }

    #[test]
    fn durations_and_numbers_are_numbers_and_the_rest_is_not() {
        assert_eq!(number(&"15m".into()), Some(900_000.0));
        assert_eq!(number(&2.5.into()), Some(2.5));
        assert_eq!(number(&true.into()), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[bake0-9.()+*/<>=! oré-]{0,40}") {
            if let Err(error) = parse(&text, &AXES) {
                prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
            }
        }
    }
}
