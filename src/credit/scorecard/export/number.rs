//! Numbers as other systems read them back to the last bit.

/// `number` in the fewest digits that tell it from its neighbours, always with a decimal point and
/// never with an exponent.
pub(super) fn decimal(number: f64) -> String {
    let text = number.to_string();
    if text.contains('.') {
        text
    } else {
        text + ".0"
    }
}

/// `number` as an SQL expression.
///
/// Decimals of up to 15 digits and 22 decimals are read exactly by any parser. Not every database
/// rounds longer ones rightly, so these are written as a whole number times or over powers of two.
pub(super) fn sql_number(number: f64) -> String {
    let text = number.to_string();
    let digits = text.trim_start_matches(['-', '0', '.']);
    let digits = digits.bytes().filter(u8::is_ascii_digit).count();
    let decimals = text.split_once('.').map_or(0, |(_, after)| after.len());
    if digits <= 15 && decimals <= 22 {
        decimal(number)
    } else {
        exact(number)
    }
}

fn exact(number: f64) -> String {
    const STEP: i32 = 62;
    let (mut whole, mut exponent) = parts(number);
    while whole != 0 && whole % 2 == 0 {
        whole /= 2;
        exponent += 1;
    }
    let (sign, times) = (if number < 0.0 { "-" } else { "" }, exponent > 0);
    let mut text = format!("(CAST({sign}{whole} AS DOUBLE PRECISION)");
    let mut left = exponent.abs();
    while left > 0 {
        let power = 1_u64 << left.min(STEP);
        let operator = if times { '*' } else { '/' };
        text += &format!(" {operator} CAST({power} AS DOUBLE PRECISION)");
        left -= STEP;
    }
    text + ")"
}

/// The whole number and the power of two whose product is the size of `number`.
fn parts(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52) as i32 & 0x7ff {
        0 => (fraction, -1074),
        exponent => (fraction | (1 << 52), exponent - 1075),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_decimals_stay_as_they_are() {
        let texts = [8.0, -0.5, 1234.567, 0.0, 1e14].map(sql_number);
        assert_eq!(
            texts,
            ["8.0", "-0.5", "1234.567", "0.0", "100000000000000.0"]
        );
    }

    #[test]
    fn long_decimals_become_fractions_of_powers_of_two() {
        let text = sql_number(0.1 + 0.2);
        assert_eq!(
            text,
            "(CAST(1351079888211149 AS DOUBLE PRECISION) / CAST(4503599627370496 AS DOUBLE PRECISION))"
        );
    }
}
