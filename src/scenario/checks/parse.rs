//! Reads checks and targets of precision.

use std::ops::Range;

use super::{Assertion, Bound, Check, CheckError, Comparison, Condition, Estimate, Is, STATUSES, Target};
use crate::scenario::codes::Code;
use crate::scenario::metric::{Metric, MetricKind, MetricRef};
use crate::scenario::read::with_guess;
use crate::stats::Precision;

/// Reads a check of a scenario with so many deployments and these services.
///
/// # Errors
/// The first place where the text is no check.
pub fn parse(text: &str, deployments: usize, services: &[&str]) -> Result<Check, CheckError> {
    let mut parser = Parser { text, at: 0, deployments, services };
    let (assertion, level) = parser.check()?;
    Ok(Check { text: text.to_string(), assertion, level })
}

/// Reads a target of precision, likewise.
///
/// # Errors
/// The first place where the text is no target.
pub fn parse_target(text: &str, deployments: usize, services: &[&str]) -> Result<Target, CheckError> {
    let mut parser = Parser { text, at: 0, deployments, services };
    let estimate = parser.estimate()?;
    if matches!(estimate, Estimate::Min(_) | Estimate::Max(_) | Estimate::Delta(_)) {
        let message = "only a mean, a quantile or a probability can become more precise";
        return Err(parser.error(0..parser.at, message, TARGET_EXAMPLE));
    }
    if !parser.eat("=") {
        return Err(parser.error(parser.at..parser.at + 1, "expected '='", TARGET_EXAMPLE));
    }
    let precision = parser.precision()?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error(parser.at..text.len(), "nothing can follow here", TARGET_EXAMPLE));
    }
    Ok(Target { text: text.trim().to_owned(), estimate, precision })
}

/// Reads an estimate alone, as in `p95(rollout_duration_min)`.
///
/// # Errors
/// The first place where the text is no estimate; `delta(…)` is none, for there is no baseline.
pub fn parse_estimate(text: &str, deployments: usize, services: &[&str]) -> Result<Estimate, CheckError> {
    let mut parser = Parser { text, at: 0, deployments, services };
    let estimate = parser.estimate()?;
    if matches!(estimate, Estimate::Delta(_)) {
        return Err(parser.error(0..parser.at, "delta(…) compares with a baseline", ESTIMATE_EXAMPLE));
    }
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error(parser.at..text.len(), "nothing can follow here", ESTIMATE_EXAMPLE));
    }
    Ok(estimate)
}

/// Whether a quantile is written with one decimal at most, and without an exponent.
fn is_whole_tenths(word: &str) -> bool {
    let digits = word.trim_start_matches('p');
    let decimals = digits.split_once('.').map_or("", |(_, decimals)| decimals);
    decimals.len() <= 1 && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    deployments: usize,
    services: &'t [&'t str],
}

/// The highest level, in percent: beyond it the resamples of a quantile would be too many for any memory.
const LEVEL_MAX: f64 = 99.99;

const EXAMPLE: &str = "for example: p95(rollout_duration_min) <= 150, or P(rolled_back) <= 0.2 @ 95%";

const ESTIMATE_EXAMPLE: &str =
    "for example: p95(rollout_duration_min), mean(blast_radius_pct) or P(rolled_back)";

const TARGET_EXAMPLE: &str =
    "for example: p95(rollout_duration_min)=2%, or P(rolled_back)=±0.01 where the estimate may be near 0";

impl<'t> Parser<'t> {
    fn precision(&mut self) -> Result<Precision, CheckError> {
        let start = self.at;
        let is_absolute = self.eat("±") || self.eat("+-") || self.eat("+/-");
        let (number, span) = self.number()?;
        let is_relative = self.eat("%");
        let (message, help) = match (is_absolute, is_relative) {
            _ if number <= 0.0 => ("a precision is above zero", TARGET_EXAMPLE),
            (true, false) => return Ok(Precision::Absolute(number)),
            (false, true) if number < 100.0 => return Ok(Precision::Relative(number / 100.0)),
            (false, true) => ("a relative precision is below 100 %", TARGET_EXAMPLE),
            (true, true) => ("either a percentage or ± in the metric's unit, not both", TARGET_EXAMPLE),
            (false, false) => ("a percentage, or ± in the metric's own unit", "write =2% or =±0.5"),
        };
        Err(self.error(start..span.end.max(self.at), message, help))
    }

    fn check(&mut self) -> Result<(Assertion, f64), CheckError> {
        let words = self.text.split_whitespace().collect::<Vec<_>>();
        if words == ["all", "deployments", "end"] {
            return Ok((Assertion::AllDeploymentsEnd, 0.95));
        }
        let estimate = self.estimate()?;
        let comparison = self.comparison()?;
        let bound = self.bound(&estimate)?;
        let level = if self.eat("@") { self.level()? } else { 0.95 };
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.error(self.at..self.text.len(), "nothing can follow here", EXAMPLE));
        }
        Ok((Assertion::Bounded { estimate, comparison, bound }, level))
    }

    fn estimate(&mut self) -> Result<Estimate, CheckError> {
        let (word, span) = self.word();
        let estimate = match word {
            "P" => {
                self.expect("(")?;
                Estimate::Probability(self.condition()?)
            }
            "delta" => {
                self.expect("(")?;
                let inner = self.at;
                let estimate = self.estimate()?;
                if matches!(estimate, Estimate::Delta(_)) {
                    return Err(self.error(inner..self.at, "a difference of differences", EXAMPLE));
                }
                Estimate::Delta(Box::new(estimate))
            }
            _ => self.statistic(word, span)?,
        };
        self.expect(")")?;
        Ok(estimate)
    }

    fn statistic(&mut self, word: &str, span: Range<usize>) -> Result<Estimate, CheckError> {
        let percent = word.strip_prefix('p').and_then(|percent| percent.parse::<f64>().ok());
        let is_known = matches!(word, "mean" | "min" | "max") || percent.is_some();
        if !is_known {
            let help = match word {
                "median" => "the median is p50".to_string(),
                _ => with_guess(word, &["mean", "min", "max", "P", "delta"], EXAMPLE.to_string()),
            };
            return Err(self.error(span, "expected mean, min, max, p1 to p99.9, P or delta", &help));
        }
        self.expect("(")?;
        let (metric, metric_span) = self.metric()?;
        if metric.metric.kind() != MetricKind::Number {
            let name = metric.metric.name();
            let help = match metric.metric.kind() {
                MetricKind::Boolean => format!("use P({name}), the share of seeds in which it is true"),
                _ => "use P(deployment_status = SUCCESSFUL), the share of seeds in which it is so".into(),
            };
            let message = format!("'{name}' is no number, so it has no {word}");
            return Err(CheckError { code: Code::UnknownMetric, span: metric_span, message, help });
        }
        Ok(match (word, percent) {
            (_, Some(percent)) if (1.0..=99.9).contains(&percent) && is_whole_tenths(word) => {
                Estimate::Quantile { percent, metric }
            }
            (_, Some(percent)) if (1.0..=99.9).contains(&percent) => {
                return Err(self.error(span, "quantiles go by tenths of a percent", "as in p99.9"));
            }
            (_, Some(_)) => {
                return Err(self.error(span, "quantiles go from p1 to p99.9", "min and max are the ends"));
            }
            ("mean", _) => Estimate::Mean(metric),
            ("min", _) => Estimate::Min(metric),
            _ => Estimate::Max(metric),
        })
    }

    fn condition(&mut self) -> Result<Condition, CheckError> {
        let (metric, span) = self.metric()?;
        match metric.metric.kind() {
            MetricKind::Boolean => Ok(Condition::IsTrue(metric)),
            MetricKind::Number => {
                let comparison = self.comparison()?;
                let (number, _) = self.number()?;
                Ok(Condition::Compares { metric, comparison, number })
            }
            MetricKind::Status if metric.metric == Metric::DeploymentStatus => self.status(metric),
            MetricKind::Status => {
                let message = format!("no condition is about '{}'", metric.metric.name());
                let help = "use deployment_status, a boolean metric, or a number".to_string();
                Err(CheckError { code: Code::UnknownMetric, span, message, help })
            }
        }
    }

    fn status(&mut self, metric: MetricRef) -> Result<Condition, CheckError> {
        let start = self.at;
        let is = match self.comparison()? {
            Comparison::Equal => Is::Equal,
            Comparison::Different => Is::Different,
            _ => {
                let span = start..self.at;
                return Err(self.error(span, "a status is equal or different", "use = or !="));
            }
        };
        let (word, span) = self.word();
        if let Some(status) = STATUSES.iter().find(|status| **status == word) {
            return Ok(Condition::Status { metric, is, status });
        }
        let help = with_guess(word, &STATUSES, format!("the statuses are: {}", STATUSES.join(", ")));
        Err(self.error(span, "there is no such deployment status", &help))
    }

    fn metric(&mut self) -> Result<(MetricRef, Range<usize>), CheckError> {
        let (word, span) = self.word();
        if let Some(metric) = MetricRef::from_name(word, self.deployments, self.services) {
            return Ok((metric, span));
        }
        let plain = Metric::ALL.iter().map(|metric| metric.name().to_string());
        let of_services = self.services.iter().map(|name| format!("min_running_tasks_pct_{name}"));
        let known: Vec<_> = plain.chain(of_services).collect();
        let help = with_guess(word, &known, self.metric_help(word));
        let message =
            if word.is_empty() { "expected a metric".into() } else { format!("there is no metric '{word}'") };
        Err(CheckError { code: Code::UnknownMetric, span, message, help })
    }

    /// A name that is nearly right deserves the reason.
    fn metric_help(&self, word: &str) -> String {
        if word.starts_with("min_running_tasks_pct_") {
            return format!("the services are: {}", self.services.join(", "));
        }
        let numbered = word.strip_prefix('d').and_then(|rest| rest.split_once('_'));
        match numbered
            .and_then(|(number, name)| Some((number.parse::<usize>().ok()?, Metric::from_name(name)?)))
        {
            Some((number, _)) if number == 0 || number > self.deployments => {
                format!("the scenario has {} deployments, counted from d1", self.deployments)
            }
            Some((_, metric)) => format!("'{}' speaks of the whole run, so it takes no d1_", metric.name()),
            None => "`bakeoff about metrics` lists them all".into(),
        }
    }

    fn comparison(&mut self) -> Result<Comparison, CheckError> {
        self.skip_space();
        let start = self.at;
        let found = Comparison::BY_SIGN.into_iter().find(|(sign, _)| self.eat(sign));
        if found.is_some() && self.text[self.at..].starts_with(['=', '<', '>']) {
            return Err(self.error(start..self.at + 1, "not a comparison", "one of <  <=  >  >=  =  !="));
        }
        found.map(|(_, comparison)| comparison).ok_or_else(|| {
            self.error(start..start + 1, "expected a comparison", "one of <  <=  >  >=  =  !=")
        })
    }

    fn bound(&mut self, estimate: &Estimate) -> Result<Bound, CheckError> {
        let (number, span) = self.number()?;
        let is_delta = matches!(estimate, Estimate::Delta(_));
        let start = span.start;
        if self.eat("%") {
            if !is_delta {
                let span = start..self.at;
                let help = match estimate {
                    Estimate::Probability(_) => format!("a probability is a share: write {}", number / 100.0),
                    _ => "write the bound in the metric's own unit, without a sign".into(),
                };
                return Err(self.error(span, "only delta(…) has a relative bound", &help));
            }
            return Ok(Bound::Percent(number));
        }
        if let Estimate::Delta(inner) = estimate
            && matches!(**inner, Estimate::Probability(_))
            && number.abs() > 1.0
        {
            let help = format!("write {}, a share, or {number:+}%, relative to the baseline", number / 100.0);
            return Err(self.error(span, "probabilities differ by 1 at most", &help));
        }
        if matches!(estimate, Estimate::Probability(_)) && !(0.0..=1.0).contains(&number) {
            let help = format!("a probability is a share of one: {number} % is {}", number / 100.0);
            return Err(self.error(span, "a probability lies between 0 and 1", &help));
        }
        Ok(Bound::Number(number))
    }

    fn level(&mut self) -> Result<f64, CheckError> {
        let (number, span) = self.number()?;
        if !self.eat("%") {
            return Err(self.error(span, "a level is a percentage", "for example @ 95%"));
        }
        if number > 50.0 && number <= LEVEL_MAX {
            Ok(number / 100.0)
        } else {
            Err(self.error(span, "a level lies above 50 %, and at 99.99 % at most", "95% is what is usual"))
        }
    }

    fn number(&mut self) -> Result<(f64, Range<usize>), CheckError> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let is_part = |(index, c): &(usize, char)| {
            c.is_ascii_digit() || *c == '.' || (*index == 0 && "+-".contains(*c))
        };
        let len = rest.char_indices().take_while(is_part).count();
        let span = self.at..self.at + len;
        match rest[..len].parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.at += len;
                Ok((number + 0.0, span))
            }
            _ => Err(self.error(self.at..self.at + len.max(1), "expected a number", EXAMPLE)),
        }
    }

    fn word(&mut self) -> (&'t str, Range<usize>) {
        self.skip_space();
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let span = self.at..self.at + len;
        self.at += len;
        (&rest[..len], span)
    }

    fn expect(&mut self, sign: &str) -> Result<(), CheckError> {
        if self.eat(sign) {
            return Ok(());
        }
        let message = format!("expected '{sign}'");
        Err(self.error(self.at..self.at + 1, &message, EXAMPLE))
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.skip_space();
        let is_there = self.text[self.at..].starts_with(sign);
        self.at += if is_there { sign.len() } else { 0 };
        is_there
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn error(&self, span: Range<usize>, message: &str, help: &str) -> CheckError {
        // A span counted in bytes may end inside of a character.
        let end = self.text.floor_char_boundary(span.end);
        CheckError {
            code: Code::Check,
            span: self.text.floor_char_boundary(span.start.min(end))..end,
            message: message.into(),
            help: help.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn metric(metric: Metric) -> MetricRef {
        MetricRef { metric, deployment: None, service: None }
    }

    fn bounded(estimate: Estimate, comparison: Comparison, bound: f64) -> Assertion {
        Assertion::Bounded { estimate, comparison, bound: Bound::Number(bound) }
    }

    #[test]
    fn every_form_of_the_grammar_is_read() {
        let read = |text| parse(text, 2, &["web", "api-v2"]).map(|check| (check.assertion, check.level));
        let duration = metric(Metric::RolloutDurationMin);
        let running = metric(Metric::MinRunningTasksPct);
        let low = Condition::Compares { metric: running, comparison: Comparison::Less, number: 100.0 };
        let status = Condition::Status {
            metric: metric(Metric::DeploymentStatus),
            is: Is::Different,
            status: "SUCCESSFUL",
        };
        let p95 = Estimate::Quantile { percent: 95.0, metric: duration };
        assert_eq!(
            read("p95(rollout_duration_min) <= 150"),
            Ok((bounded(p95.clone(), Comparison::AtMost, 150.0), 0.95))
        );
        assert_eq!(
            read("P(min_running_tasks_pct < 100) <= 0.05 @ 99%"),
            Ok((bounded(Estimate::Probability(low), Comparison::AtMost, 0.05), 0.99))
        );
        assert_eq!(
            read(" P( deployment_status!=SUCCESSFUL )=0 "),
            Ok((bounded(Estimate::Probability(status), Comparison::Equal, 0.0), 0.95))
        );
        assert_eq!(read("all  deployments end"), Ok((Assertion::AllDeploymentsEnd, 0.95)));
        let relative = Assertion::Bounded {
            estimate: Estimate::Delta(Box::new(p95)),
            comparison: Comparison::AtMost,
            bound: Bound::Percent(5.0),
        };
        assert_eq!(read("delta(p95(rollout_duration_min)) <= +5%"), Ok((relative, 0.95)));
        let second = MetricRef { deployment: Some(1), ..metric(Metric::RolledBack) };
        let second = Estimate::Probability(Condition::IsTrue(second));
        assert_eq!(read("P(d2_rolled_back) > 0.5"), Ok((bounded(second, Comparison::Greater, 0.5), 0.95)));
        let api = MetricRef { service: Some(1), ..running };
        assert_eq!(
            read("min(min_running_tasks_pct_api-v2) >= 75.5"),
            Ok((bounded(Estimate::Min(api), Comparison::AtLeast, 75.5), 0.95))
        );
    }

    #[test]
    fn a_mistake_is_told_where_it_is_with_what_was_meant() {
        let told = |text| {
            let error = parse(text, 1, &["web"]).expect_err(text);
            let CheckError { code, span, message, help } = error;
            format!("{} {span:?} {message}; {help}", code.id())
        };
        let all: Vec<_> = [
            "",
            "p95",
            "p95(rollout_duration) <= 1",
            "p100(events) < 1",
            "median(events) < 1",
            "mean(rolled_back) < 1",
            "p95(stop_reason) < 1",
            "P(rolled_back) <= 20%",
            "P(rolled_back) <= 20",
            "P(deployment_status = SUCCEEDED) > 0.5",
            "P(stop_reason = horizon) = 0",
            "P(rolled_back) == 0",
            "P(d3_rolled_back) = 0",
            "P(d1_peak_instances > 3) = 0",
            "max(events) => 1",
            "max(events) < 1 @ 0.95",
            "max(events) < 1 and more",
            "delta(delta(max(events))) < 1",
            "max(min_running_tasks_pct_wbe) < 1",
        ]
        .map(told)
        .into();
        insta::assert_snapshot!(all.join("\n"), @r"
        S034 0..0 expected mean, min, max, p1 to p99.9, P or delta; for example: p95(rollout_duration_min) <= 150, or P(rolled_back) <= 0.2 @ 95%
        S034 3..3 expected '('; for example: p95(rollout_duration_min) <= 150, or P(rolled_back) <= 0.2 @ 95%
        S035 4..20 there is no metric 'rollout_duration'; did you mean 'rollout_duration_min'? `bakeoff about metrics` lists them all
        S034 0..4 quantiles go from p1 to p99.9; min and max are the ends
        S034 0..6 expected mean, min, max, p1 to p99.9, P or delta; the median is p50
        S035 5..16 'rolled_back' is no number, so it has no mean; use P(rolled_back), the share of seeds in which it is true
        S035 4..15 'stop_reason' is no number, so it has no p95; use P(deployment_status = SUCCESSFUL), the share of seeds in which it is so
        S034 18..21 only delta(…) has a relative bound; a probability is a share: write 0.2
        S034 18..20 a probability lies between 0 and 1; a probability is a share of one: 20 % is 0.2
        S034 22..31 there is no such deployment status; the statuses are: PENDING, IN_PROGRESS, SUCCESSFUL, STOPPED, STOP_REQUESTED, ROLLBACK_IN_PROGRESS, ROLLBACK_SUCCESSFUL, ROLLBACK_FAILED
        S035 2..13 no condition is about 'stop_reason'; use deployment_status, a boolean metric, or a number
        S034 15..17 not a comparison; one of <  <=  >  >=  =  !=
        S035 2..16 there is no metric 'd3_rolled_back'; did you mean 'rolled_back'? the scenario has 1 deployments, counted from d1
        S035 2..19 there is no metric 'd1_peak_instances'; did you mean 'peak_instances'? 'peak_instances' speaks of the whole run, so it takes no d1_
        S034 12..14 not a comparison; one of <  <=  >  >=  =  !=
        S034 18..22 a level is a percentage; for example @ 95%
        S034 16..24 nothing can follow here; for example: p95(rollout_duration_min) <= 150, or P(rolled_back) <= 0.2 @ 95%
        S034 6..24 a difference of differences; for example: p95(rollout_duration_min) <= 150, or P(rolled_back) <= 0.2 @ 95%
        S035 4..29 there is no metric 'min_running_tasks_pct_wbe'; did you mean 'min_running_tasks_pct_web'? the services are: web
        ");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "(P\\(rolled_back\\)|mean\\(events\\))?[P(mean)delta<>=!@%0-9. _xé±≤−]{0,40}") {
            for error in [parse(&text, 1, &["web"]).err(), parse_target(&text, 1, &["web"]).err()].into_iter().flatten() {
                prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
            }
        }
    }
}
