//! Axes: a range, ticks at round numbers, and their labels.

/// A range of values with labelled ticks inside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) ticks: Vec<Tick>,
    /// The unit of the tick labels where the axis itself picks it, else empty.
    pub(super) unit: &'static str,
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// Minutes in an hour.
const HOUR: f64 = 60.0;
/// Minutes in a day.
const DAY: f64 = 1_440.0;
/// Up to here minutes read best; beyond, hours.
const MINUTES_MAX: f64 = 8.0 * HOUR;
/// Up to here hours read best; beyond, days.
const HOURS_MAX: f64 = 4.0 * DAY;

impl Axis {
    /// Whole numbers: no tick between two of them.
    pub(super) fn count(lo: f64, hi: f64, ticks: usize) -> Self {
        let (lo, hi) = widened(lo, hi);
        let step = round_step((hi - lo) / ticks as f64).max(1.0);
        Self { lo, hi, ticks: ticks_by(lo, hi, step, 1.0), unit: "" }
    }

    /// Any numbers.
    pub(super) fn number(lo: f64, hi: f64, ticks: usize) -> Self {
        let (lo, hi) = widened(lo, hi);
        let step = round_step((hi - lo) / ticks as f64);
        Self { lo, hi, ticks: ticks_by(lo, hi, step, 1.0), unit: "" }
    }

    /// Percentages from 0 to 100 of values from 0 to `whole`.
    pub(super) fn percent(whole: f64) -> Self {
        let ticks = (0..=4)
            .map(|quarter| Tick { at: whole * f64::from(quarter) / 4.0, label: format!("{}%", quarter * 25) })
            .collect();
        Self { lo: 0.0, hi: whole, ticks, unit: "" }
    }

    /// Spans of time given in minutes, labelled in minutes, hours or days as their length asks.
    pub(super) fn time(lo: f64, hi: f64, ticks: usize) -> Self {
        let (lo, hi) = widened(lo, hi);
        let reach = hi.abs().max(lo.abs());
        let (per, unit, steps): (f64, _, &[f64]) = if reach <= MINUTES_MAX {
            (1.0, "minutes", &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0])
        } else if reach <= HOURS_MAX {
            (HOUR, "hours", &[1.0, 2.0, 3.0, 4.0, 6.0, 12.0, 24.0])
        } else {
            (DAY, "days", &[1.0, 2.0, 5.0, 7.0, 14.0, 28.0])
        };
        let wanted = (hi - lo) / per / ticks as f64;
        let step = if wanted > 0.5 { steps.iter().copied().find(|s| *s >= wanted * 0.8) } else { None };
        let step = step.unwrap_or_else(|| round_step(wanted));
        Self { lo, hi, ticks: ticks_by(lo, hi, step, per), unit }
    }

    /// Where a value lies, from 0 at the low end to 1 at the high end; beyond them outside the range.
    pub(super) fn fraction(&self, value: f64) -> f64 {
        (value - self.lo) / (self.hi - self.lo)
    }
}

/// The range, made wide enough that floating point can tell its ticks apart.
fn widened(lo: f64, hi: f64) -> (f64, f64) {
    let least = (lo.abs().max(hi.abs()) * 1e-9).max(1e-12);
    if hi - lo >= least { (lo, hi) } else { (lo - least, hi + least) }
}

/// The least of 1, 2 or 5 times a power of ten that is at least `wanted`, rounding errors forgiven.
pub(super) fn round_step(wanted: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(wanted)));
    let lead = wanted / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|r| lead <= r * (1.0 + 1e-9)).unwrap_or(10.0);
    round * power
}

/// Ticks at the multiples of `step * per` in the range, labelled in units of `per`.
fn ticks_by(lo: f64, hi: f64, step: f64, per: f64) -> Vec<Tick> {
    let decimals = decimals_of(step);
    let first = libm::ceil(lo / per / step - 1e-6);
    let last = libm::floor(hi / per / step + 1e-6);
    // Steps are chosen for about ten ticks; the bound only guards against rounding at the edge of f64.
    (0..64)
        .map(|i| first + f64::from(i))
        .take_while(|i| *i <= last)
        .map(|i| Tick { at: i * step * per, label: number(i * step, decimals) })
        .collect()
}

/// Decimals that tell multiples of a step apart.
pub(super) fn decimals_of(step: f64) -> usize {
    libm::ceil(-libm::log10(step) - 1e-9).clamp(0.0, 12.0) as usize
}

/// A number with thousands separators and the given decimals; by powers of ten where that is too long.
pub(super) fn number(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e12 || (value != 0.0 && decimals > 6) {
        return format!("{value:.2e}").replace('-', "−");
    }
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let negative = value < 0.0 && digits.chars().any(|c| ('1'..='9').contains(&c));
    format!("{}{grouped}{rest}", if negative { "−" } else { "" })
}

/// A measured value in as many digits as a reader of a plot can use.
pub(super) fn measured(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = match magnitude {
        m if m == 0.0 || m >= 100.0 => 0,
        m if m >= 1.0 => 1,
        m => (decimals_of(m) + 1).min(12),
    };
    let text = number(value, decimals);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A count with its noun, in the plural unless it is one.
pub(super) fn counted(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", number(n as f64, 0), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn a_rollout_of_two_hours_is_ticked_in_quarters_of_an_hour() {
        let axis = Axis::time(0.0, 135.0, 10);
        assert_eq!(axis.unit, "minutes");
        assert_eq!(labels(&axis), ["0", "15", "30", "45", "60", "75", "90", "105", "120", "135"]);
    }

    #[test]
    fn a_day_is_ticked_in_hours_and_a_month_in_days() {
        let day = Axis::time(0.0, 1_440.0, 10);
        assert_eq!(
            (day.unit, labels(&day).join(" ").as_str()),
            ("hours", "0 2 4 6 8 10 12 14 16 18 20 22 24")
        );
        let month = Axis::time(0.0, 43_200.0, 8);
        assert_eq!((month.unit, labels(&month).join(" ").as_str()), ("days", "0 5 10 15 20 25 30"));
    }

    #[test]
    fn counts_are_ticked_at_whole_numbers_only() {
        assert_eq!(labels(&Axis::count(0.0, 2.0, 5)), ["0", "1", "2"]);
        assert_eq!(labels(&Axis::count(0.0, 1_000_000.0, 5)).last(), Some(&"1,000,000"));
    }

    #[test]
    fn numbers_have_thousands_separators_and_a_true_minus() {
        assert_eq!(number(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(number(-999.4, 0), "−999");
        assert_eq!(number(-0.001, 1), "0.0");
        assert_eq!(number(3e15, 0), "3.00e15");
        assert_eq!(measured(94.04), "94");
        assert_eq!(measured(0.0123), "0.012");
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_any_range_in_order_and_never_crowd(
            a in prop_oneof![-1e300..1e300, -1e3..1e3, -1e-9..1e-9],
            b in prop_oneof![-1e300..1e300, -1e3..1e3, -1e-9..1e-9],
        ) {
            for axis in [Axis::number(a.min(b), a.max(b), 6), Axis::count(a.min(b), a.max(b), 6), Axis::time(a.min(b), a.max(b), 6)] {
                let slack = (axis.hi - axis.lo) * 1e-3;
                prop_assert!(axis.ticks.len() <= 20, "{axis:?}");
                prop_assert!(axis.ticks.iter().all(|t| t.at >= axis.lo - slack && t.at <= axis.hi + slack), "{axis:?}");
                prop_assert!(axis.ticks.windows(2).all(|w| w[0].at < w[1].at), "{axis:?}");
            }
        }
    }
}
