//! From figures to pixels, and round figures along the way.

use super::number::{figure, is_drawable};

/// Least width of a domain, against its distance from zero and at all.
const LEAST_WIDTH: f64 = 1e-9;

/// How figures are written along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// As they are.
    Number,
    /// As per cent, of which 1 is a hundred.
    Percent,
}

/// The distance of two ticks, `mantissa · 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    mantissa: f64,
    exponent: i32,
}

impl Step {
    /// The `number`-th multiple, to the last bit the number that its decimals say.
    fn times(self, number: f64) -> f64 {
        let multiple = number * self.mantissa;
        if self.exponent < 0 {
            multiple / power_of_ten(-self.exponent)
        } else {
            multiple * power_of_ten(self.exponent)
        }
    }
}

/// A line of figures laid along a line of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
    step: Step,
}

impl Scale {
    /// `low..=high` from pixel `start` to pixel `end`, with at most `ticks` steps.
    pub fn new((low, high): (f64, f64), (start, end): (f64, f64), ticks: usize) -> Self {
        let (low, high) = widened(low, high);
        Self {
            low,
            high,
            start,
            end,
            step: step(high - low, ticks),
        }
    }

    /// As [`Scale::new`] for all of `values` that can be drawn, opened up to the next ticks.
    pub fn around(values: impl IntoIterator<Item = f64>, span: (f64, f64), ticks: usize) -> Self {
        let drawable = values.into_iter().filter(|&value| is_drawable(value));
        let domain = drawable.fold(None, |domain: Option<(f64, f64)>, value| {
            let (low, high) = domain.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        });
        let exact = Self::new(domain.unwrap_or((0.0, 1.0)), span, ticks);
        Self {
            low: exact
                .step
                .times((exact.low / exact.step.times(1.0)).floor()),
            high: exact
                .step
                .times((exact.high / exact.step.times(1.0)).ceil()),
            ..exact
        }
    }

    /// From zero to the tick above the greatest of `values`, or above 1 if none is greater than 0.
    pub fn from_zero(
        values: impl IntoIterator<Item = f64>,
        span: (f64, f64),
        ticks: usize,
    ) -> Self {
        let drawable = values.into_iter().filter(|&value| is_drawable(value));
        let greatest = drawable.fold(0.0, f64::max);
        let high = if greatest > 0.0 { greatest } else { 1.0 };
        Self::around([0.0, high.max(LEAST_WIDTH)], span, ticks)
    }

    /// The pixel of `value`; one outside is drawn at the nearer end.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        self.start + share * (self.end - self.start)
    }

    /// Least and greatest figure.
    pub fn domain(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Round figures within, ascending.
    pub fn ticks(&self) -> Vec<f64> {
        let unit = self.step.times(1.0);
        let slack = 1e-6;
        let mut number = (self.low / unit - slack).ceil();
        let mut ticks = Vec::new();
        while number <= self.high / unit + slack {
            ticks.push(self.step.times(number));
            number += 1.0;
        }
        ticks
    }

    /// `tick` as it is written beside the axis.
    pub fn write(&self, tick: f64, form: Form) -> String {
        let decimals = |shift: i32| usize::try_from(shift - self.step.exponent).unwrap_or(0);
        if form == Form::Percent {
            return format!("{}%", figure(tick * 100.0, decimals(-2)));
        }
        let most = self.low.abs().max(self.high.abs());
        let (shift, unit) = match most {
            m if m >= 1e12 => (12, "tn"),
            m if m >= 1e9 => (9, "bn"),
            m if m >= 1e6 => (6, "m"),
            _ => (0, ""),
        };
        let written = figure(tick / power_of_ten(shift), decimals(shift));
        if tick == 0.0 {
            "0".to_owned()
        } else {
            written + unit
        }
    }
}

/// The same figures, or as much around them as can be told apart.
fn widened(low: f64, high: f64) -> (f64, f64) {
    let far = low.abs().max(high.abs());
    if high - low >= LEAST_WIDTH * far.max(1.0) {
        return (low, high);
    }
    let half = if far == 0.0 { 0.5 } else { far.max(0.01) * 0.1 };
    (low - half, high + half)
}

/// The least of 1, 2, 5, 10, 20, … that divides `width` into at most `ticks` steps.
fn step(width: f64, ticks: usize) -> Step {
    let candidates =
        (-12..=16).flat_map(|exponent| [1.0, 2.0, 5.0].map(|mantissa| Step { mantissa, exponent }));
    let largest = Step {
        mantissa: 1.0,
        exponent: 17,
    };
    let fits = |step: &Step| width <= step.times(ticks.max(1) as f64) * (1.0 + 1e-9);
    candidates.into_iter().find(fits).unwrap_or(largest)
}

/// `10^exponent`, exact as far as it is used.
fn power_of_ten(exponent: i32) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::{super::number::tenths, *};

    fn written(low: f64, high: f64, form: Form) -> Vec<String> {
        let scale = Scale::new((low, high), (0.0, 100.0), 5);
        scale
            .ticks()
            .iter()
            .map(|&tick| scale.write(tick, form))
            .collect()
    }

    #[test]
    fn ticks_are_round_and_have_no_noise() {
        let scale = Scale::new((0.0, 1.0), (0.0, 100.0), 10);
        let expected = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
        assert_eq!(scale.ticks(), expected);
    }

    #[test]
    fn figures_are_written_with_the_decimals_of_the_step() {
        assert_eq!(
            written(0.0, 0.1, Form::Number),
            ["0", "0.02", "0.04", "0.06", "0.08", "0.10"]
        );
        assert_eq!(
            written(0.0, 1.0, Form::Percent),
            ["0%", "20%", "40%", "60%", "80%", "100%"]
        );
        assert_eq!(
            written(0.0, 0.02, Form::Percent),
            ["0.0%", "0.5%", "1.0%", "1.5%", "2.0%"]
        );
        assert_eq!(written(-2e6, 1e6, Form::Number), ["-2m", "-1m", "0", "1m"]);
        assert_eq!(written(300.0, 850.0, Form::Number), ["400", "600", "800"]);
    }

    #[test]
    fn a_value_lies_in_proportion_between_the_ends() {
        let scale = Scale::new((0.0, 4.0), (100.0, 0.0), 4);
        let at = [0.0, 1.0, 4.0, 9.0, -9.0].map(|value| tenths(scale.at(value)));
        assert_eq!(at, [1000, 750, 0, 0, 1000]);
    }

    #[test]
    fn a_domain_opens_to_the_ticks_around_it() {
        let scale = Scale::around([0.03, f64::NAN, 0.187], (0.0, 1.0), 5);
        assert_eq!(scale.domain(), (0.0, 0.2));
    }

    #[test]
    fn a_single_value_still_has_a_scale() {
        for value in [0.0, 1e-300, 0.5, -620.0, 1e15] {
            let scale = Scale::around([value], (0.0, 100.0), 5);
            let ticks = scale.ticks();
            assert!((2..=8).contains(&ticks.len()), "{value}: {ticks:?}");
            assert!(scale.at(value) > 0.0 && scale.at(value) < 100.0, "{value}");
        }
    }
}
