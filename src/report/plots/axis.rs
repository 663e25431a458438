//! Axes: a range, ticks at round numbers, and their labels.

use super::text;

/// A range of values with labelled ticks inside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) ticks: Vec<Tick>,
    /// What the tick labels of an axis of time count.
    pub(super) unit: Option<TimeUnit>,
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// What spans of time are told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeUnit {
    Minutes,
    Hours,
    Days,
}

impl TimeUnit {
    /// The unit that spans of up to `reach` minutes read best in.
    pub(super) fn of(reach: f64) -> Self {
        match reach {
            r if r <= 8.0 * 60.0 => Self::Minutes,
            r if r <= 4.0 * 1_440.0 => Self::Hours,
            _ => Self::Days,
        }
    }

    /// Its length in minutes.
    pub(super) fn minutes(self) -> f64 {
        match self {
            Self::Minutes => 1.0,
            Self::Hours => 60.0,
            Self::Days => 1_440.0,
        }
    }

    /// Its name for the title of an axis.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    /// Its symbol for a value.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Minutes => "min",
            Self::Hours => "h",
            Self::Days => "d",
        }
    }

    /// Steps from one tick to the next that a clock or a calendar knows.
    fn steps(self) -> &'static [f64] {
        match self {
            Self::Minutes => &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0],
            Self::Hours => &[1.0, 2.0, 3.0, 4.0, 6.0, 12.0, 24.0],
            Self::Days => &[1.0, 2.0, 5.0, 7.0, 14.0, 28.0],
        }
    }
}

impl Axis {
    /// Whole numbers: no tick between two of them.
    pub(super) fn count(lo: f64, hi: f64, ticks: usize) -> Self {
        let (lo, hi) = widened(lo, hi);
        let by = |ticks: usize| ticks_by(lo, hi, round_step((hi - lo) / ticks as f64).max(1.0), 1.0);
        let wanted = by(ticks);
        // A single tick gives no scale.
        let ticks = if wanted.len() < 2 { by(2 * ticks) } else { wanted };
        Self { lo, hi, ticks, unit: None }
    }

    /// Any numbers.
    pub(super) fn number(lo: f64, hi: f64, ticks: usize) -> Self {
        let (lo, hi) = widened(lo, hi);
        let step = round_step((hi - lo) / ticks as f64);
        Self { lo, hi, ticks: ticks_by(lo, hi, step, 1.0), unit: None }
    }

    /// Percentages from 0 to 100 of values from 0 to `whole`.
    pub(super) fn percent(whole: f64) -> Self {
        let ticks = (0..=4)
            .map(|quarter| Tick { at: whole * f64::from(quarter) / 4.0, label: format!("{}%", quarter * 25) })
            .collect();
        Self { lo: 0.0, hi: whole, ticks, unit: None }
    }

    /// Spans of time given in minutes, labelled in `unit`.
    pub(super) fn time(lo: f64, hi: f64, ticks: usize, unit: TimeUnit) -> Self {
        let (lo, hi) = widened(lo, hi);
        let wanted = (hi - lo) / unit.minutes() / ticks as f64;
        let known = unit.steps().iter().copied().find(|s| *s >= wanted * 0.8).filter(|_| wanted > 0.5);
        let step = known.unwrap_or_else(|| round_step(wanted));
        Self { lo, hi, ticks: ticks_by(lo, hi, step, unit.minutes()), unit: Some(unit) }
    }

    /// Any numbers, with as many ticks, `ticks` at most, as have room for their labels in `pixels`.
    pub(super) fn fitted(lo: f64, hi: f64, ticks: usize, pixels: f64, size: f64) -> Self {
        let fits = |axis: &Self| {
            let widest = axis.ticks.iter().map(|t| text::width(&t.label, size)).fold(0.0, f64::max);
            let apart = axis.ticks.windows(2).map(|w| axis.fraction(w[1].at) - axis.fraction(w[0].at));
            apart.fold(f64::MAX, f64::min) * pixels >= widest + size
        };
        let sparse = || Self::number(lo, hi, 1);
        (2..=ticks).rev().map(|n| Self::number(lo, hi, n)).find(fits).unwrap_or_else(sparse)
    }

    /// The same axis with a plus before what is above zero, as differences have it, and a bare zero.
    pub(super) fn signed(mut self) -> Self {
        for tick in &mut self.ticks {
            if !tick.label.chars().any(|c| ('1'..='9').contains(&c)) {
                "0".clone_into(&mut tick.label);
            } else if tick.at > 0.0 {
                tick.label.insert(0, '+');
            }
        }
        self
    }

    /// A range without ticks.
    pub(super) fn bare(lo: f64, hi: f64) -> Self {
        Self { lo, hi, ticks: Vec::new(), unit: None }
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
    let slack = (hi - lo) * 1e-6;
    // Steps are chosen for about ten ticks; the bound only guards against rounding at the edge of f64.
    (0..64)
        .map(|i| first + f64::from(i))
        .take_while(|i| *i <= last)
        .map(|i| Tick { at: i * step * per, label: number(i * step, decimals) })
        .filter(|t| t.at >= lo - slack && t.at <= hi + slack)
        .collect()
}

/// Decimals that tell multiples of a step apart.
pub(super) fn decimals_of(step: f64) -> usize {
    libm::ceil(-libm::log10(step) - 1e-9).clamp(0.0, 12.0) as usize
}

/// A number with thousands separators and the given decimals; by powers of ten where that is too long.
pub(super) fn number(value: f64, decimals: usize) -> String {
    if value == 0.0 && decimals > 6 {
        return "0".to_owned();
    }
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
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The least and the greatest of some numbers, if there are any.
pub(super) fn range(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |range, v| Some(range.map_or((v, v), |(lo, hi): (f64, f64)| (lo.min(v), hi.max(v)))))
}

/// A number that was set, not measured, in the digits that it has, six at most.
pub(super) fn plain(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude > 0.0 && magnitude < 1e-4 {
        return number(value, 12);
    }
    let whole = if magnitude >= 1.0 { libm::floor(libm::log10(magnitude)) as usize + 1 } else { 1 };
    let text = number(value, 6_usize.saturating_sub(whole));
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A count with its noun, in the plural unless it is one.
pub(in crate::report) fn counted(n: usize, noun: &str) -> String {
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
        let axis = Axis::time(0.0, 135.0, 10, TimeUnit::of(135.0));
        assert_eq!(axis.unit, Some(TimeUnit::Minutes));
        assert_eq!(labels(&axis), ["0", "15", "30", "45", "60", "75", "90", "105", "120", "135"]);
    }

    #[test]
    fn a_day_is_ticked_in_hours_and_a_month_in_days() {
        let told = |reach: f64, ticks: usize| {
            let axis = Axis::time(0.0, reach, ticks, TimeUnit::of(reach));
            (axis.unit.map(TimeUnit::name), labels(&axis).join(" "))
        };
        assert_eq!(told(1_440.0, 10), (Some("hours"), "0 2 4 6 8 10 12 14 16 18 20 22 24".to_owned()));
        assert_eq!(told(43_200.0, 8), (Some("days"), "0 5 10 15 20 25 30".to_owned()));
    }

    #[test]
    fn counts_are_ticked_at_whole_numbers_only() {
        assert_eq!(labels(&Axis::count(0.0, 2.0, 5)), ["0", "1", "2"]);
        assert_eq!(labels(&Axis::count(0.0, 4.2, 2)), ["0", "2", "4"]);
        assert_eq!(labels(&Axis::count(0.0, 1_000_000.0, 5)).last(), Some(&"1,000,000"));
    }

    #[test]
    fn numbers_have_thousands_separators_and_a_true_minus() {
        assert_eq!(number(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(number(-999.4, 0), "−999");
        assert_eq!(number(-0.001, 1), "0.0");
        assert_eq!(number(3e15, 0), "3.00e15");
        assert_eq!(number(0.0, 12), "0");
        assert_eq!(measured(94.04), "94");
        assert_eq!(measured(0.0123), "0.012");
        assert_eq!(measured(0.5), "0.5");
        assert_eq!(measured(1_200.0), "1,200");
    }

    #[test]
    fn numbers_that_were_set_keep_their_digits() {
        let told: Vec<String> = [5.0, 12.5, 0.05, 1_234.567, 1e-9, 0.0, -3.0].map(plain).to_vec();
        assert_eq!(told, ["5", "12.5", "0.05", "1,234.57", "1.00e−9", "0", "−3"]);
    }

    #[test]
    fn differences_have_a_sign_and_a_bare_zero() {
        let axis = Axis::fitted(-0.12, 0.21, 8, 400.0, 12.0).signed();
        assert_eq!(labels(&axis), ["−0.10", "−0.05", "0", "+0.05", "+0.10", "+0.15", "+0.20"]);
    }

    #[test]
    fn ticks_give_way_where_their_labels_have_no_room() {
        let ticks = |pixels: f64| Axis::fitted(-2e6, 2e6, 8, pixels, 12.0).ticks.len();
        assert_eq!((ticks(900.0), ticks(400.0), ticks(200.0)), (9, 5, 3));
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_any_range_in_order_and_never_crowd(
            a in prop_oneof![-1e300..1e300_f64, -1e3..1e3_f64, -1e-9..1e-9_f64],
            b in prop_oneof![-1e300..1e300_f64, -1e3..1e3_f64, -1e-9..1e-9_f64],
        ) {
            let (lo, hi): (f64, f64) = (f64::min(a, b), f64::max(a, b));
            let time = Axis::time(lo, hi, 6, TimeUnit::of(hi));
            for axis in [Axis::number(lo, hi, 6), Axis::count(lo, hi, 6), time] {
                let slack = (axis.hi - axis.lo) * 1e-3;
                prop_assert!(axis.ticks.len() <= 20, "{axis:?}");
                prop_assert!(axis.ticks.iter().all(|t| t.at >= axis.lo - slack && t.at <= axis.hi + slack), "{axis:?}");
                prop_assert!(axis.ticks.windows(2).all(|w| w[0].at < w[1].at), "{axis:?}");
            }
        }
    }
}
