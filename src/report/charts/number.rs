//! Figures as people read them, with a bounded number of digits.

/// The largest figure that is drawn, without its sign.
const MOST: f64 = 1e15;

/// What stands for a figure that there is none of.
const NONE: &str = "n/a";

/// Whether a figure can be drawn.
pub fn is_drawable(value: f64) -> bool {
    value.abs() <= MOST
}

/// Whether a number of rows, or their weight, can be drawn.
pub fn is_count(value: f64) -> bool {
    (0.0..=MOST).contains(&value)
}

/// Pixels with one decimal.
pub fn px(value: f64) -> String {
    let tenths = tenths(value);
    let sign = if tenths < 0 { "-" } else { "" };
    match tenths.unsigned_abs() {
        t if t % 10 == 0 => format!("{sign}{}", t / 10),
        t => format!("{sign}{}.{}", t / 10, t % 10),
    }
}

/// Pixels in tenths; 0 for what is not a number.
pub fn tenths(value: f64) -> i64 {
    (value * 10.0).round() as i64
}

/// `value` with as many `decimals`, thousands parted by commas.
pub fn figure(value: f64, decimals: usize) -> String {
    if !is_drawable(value) {
        return NONE.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let is_zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    format!("{sign}{}{fraction}", grouped(whole))
}

/// A figure that may be missing, as [`figure`].
pub fn figure_or_none(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| figure(value, decimals))
}

/// A share of 1 in per cent, with one decimal.
pub fn percent(share: f64) -> String {
    match figure(share * 100.0, 1) {
        none if none == NONE => none,
        figure => format!("{figure}%"),
    }
}

/// A number of rows, or their weight: whole if it is, else with one decimal.
pub fn count(value: f64) -> String {
    let decimals = usize::from(value.fract() != 0.0);
    figure(value, decimals)
}

/// `number` of `noun`, in the plural where it takes it.
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_have_at_most_one_decimal() {
        let written = [1.0, 1.25, 1.26, -0.04, -0.55].map(px);
        assert_eq!(written, ["1", "1.3", "1.3", "0", "-0.6"]);
    }

    #[test]
    fn thousands_are_parted_by_commas() {
        let written = [0.0, 999.0, 1000.0, -1_234_567.0].map(|v| figure(v, 0));
        assert_eq!(written, ["0", "999", "1,000", "-1,234,567"]);
    }

    #[test]
    fn there_is_no_negative_zero() {
        assert_eq!(figure(-0.001, 2), "0.00");
    }

    #[test]
    fn what_is_not_a_figure_is_said_not_to_be_there() {
        let written = [f64::NAN, f64::INFINITY, -1e300].map(percent);
        assert_eq!(written, ["n/a", "n/a", "n/a"]);
    }

    #[test]
    fn weights_keep_a_decimal_and_rows_none() {
        assert_eq!([1200.0, 1200.25].map(count), ["1,200", "1,200.2"]);
    }
}
