//! A made-up portfolio: the same rows for the same number of them.

use std::fmt::Write;

/// Numbers that look random, from 0 up to 1.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A CSV of so many loans: an amount that hardly occurs twice, an income with gaps, a whole number
/// of months with special codes, a level with gaps, a regional level, a constant-looking flag, a
/// weight, a month and the outcome.
pub fn loans(rows: usize) -> String {
    let mut numbers = Numbers::new(7);
    let mut csv = String::from("id,amount,income,months,grade,region,flag,weight,month,default\n");
    for row in 0..rows {
        let amount = 500.0 + 49_500.0 * numbers.next().powi(2);
        let income = 800.0 + 9_000.0 * numbers.next();
        let months = [6, 12, 18, 24, 36, 48, 60, -1, -2][(numbers.next() * 9.0) as usize];
        let grade = ["A", "B", "C", "D", "E"][(numbers.next() * 5.0) as usize];
        let region = ["north", "south", "east", "west"][(numbers.next() * 4.0) as usize];
        let flag = u8::from(numbers.next() < 0.1);
        let risk = amount / 15_000.0 - income / 5_000.0
            + f64::from(months.max(0)) / 60.0
            + f64::from(grade.as_bytes()[0] - b'A') * 0.4
            - 2.2
            + if income > 8_500.0 { 1.5 } else { 0.0 };
        let default = u8::from(numbers.next() < 1.0 / (1.0 + (-risk).exp()));
        let income = if numbers.next() < 0.07 {
            String::new()
        } else {
            format!("{income:.1}")
        };
        let grade = if numbers.next() < 0.03 { "" } else { grade };
        let weight = 0.5 + numbers.next();
        let month = 1 + row % 12;
        writeln!(
            csv,
            "L{row},{amount:.3},{income},{months},{grade},{region},{flag},{weight:.3},2024-{month:02},{default}"
        )
        .unwrap();
    }
    csv
}
