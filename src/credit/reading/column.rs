//! The cells of one column of a batch.

use std::fmt::{Display, Write};

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, LargeStringArray, StringArray,
    StringViewArray,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
        DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
        Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
        TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, TimeUnit};
use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};

use super::Cell;

/// The cells of a column, and which of them are null.
pub(super) struct Column {
    array: ArrayRef,
    values: Values,
}

enum Values {
    Nothing,
    Numbers(Vec<f64>),
    /// Numbers as they are written, behind one another, and where each ends.
    Digits(String, Vec<usize>),
    Flags(BooleanArray),
    Texts(StringArray),
    LargeTexts(LargeStringArray),
    TextViews(StringViewArray),
    /// Dates and times as ISO 8601 writes them; none where that cannot be told.
    Written(Vec<Option<String>>),
    /// Positions among the cells of another column.
    Coded(Vec<usize>, Box<Column>),
}

/// What a type is called whose columns cannot be read; none for those that can.
pub(super) fn unread(of: &DataType) -> Option<&'static str> {
    match of {
        DataType::Dictionary(_, value) => unread(value),
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => Some("binary"),
        DataType::Time32(_) | DataType::Time64(_) => Some("time of day"),
        DataType::Duration(_) | DataType::Interval(_) => Some("duration"),
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(..) => Some("list"),
        DataType::Struct(_) => Some("struct"),
        DataType::Map(..) => Some("map"),
        DataType::Union(..) => Some("union"),
        DataType::RunEndEncoded(..) => Some("run-end encoded"),
        DataType::Null
        | DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..)
        | DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(..)
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View => None,
    }
}

impl Column {
    /// The cells of `array`; those of a type that cannot be read are missing. Numbers are written
    /// if they are to be `exact`.
    pub(super) fn of(array: &ArrayRef, exact: bool) -> Self {
        let digits = exact.then(|| digits(array)).flatten();
        Self {
            values: digits.unwrap_or_else(|| Values::of(array, exact)),
            array: array.clone(),
        }
    }

    /// The cell of `row`; none if it holds a date or time that cannot be told.
    pub(super) fn cell(&self, row: usize) -> Option<Cell<'_>> {
        if self.array.is_null(row) {
            return Some(Cell::Missing);
        }
        Some(match &self.values {
            Values::Nothing => Cell::Missing,
            Values::Numbers(numbers) => Cell::Number(numbers[row]),
            Values::Digits(text, ends) => {
                let start = row.checked_sub(1).map_or(0, |before| ends[before]);
                Cell::Written(&text[start..ends[row]])
            }
            Values::Flags(flags) => Cell::Flag(flags.value(row)),
            Values::Texts(texts) => Cell::of_text(texts.value(row)),
            Values::LargeTexts(texts) => Cell::of_text(texts.value(row)),
            Values::TextViews(texts) => Cell::of_text(texts.value(row)),
            Values::Written(texts) => Cell::Text(texts[row].as_deref()?),
            Values::Coded(positions, column) => return column.cell(positions[row]),
        })
    }
}

impl Values {
    #[expect(clippy::cast_precision_loss, reason = "cells are doubles")]
    fn of(array: &ArrayRef, exact: bool) -> Self {
        match array.data_type() {
            DataType::Boolean => Self::Flags(array.as_boolean().clone()),
            DataType::Int8 => numbers::<Int8Type>(array, f64::from),
            DataType::Int16 => numbers::<Int16Type>(array, f64::from),
            DataType::Int32 => numbers::<Int32Type>(array, f64::from),
            DataType::Int64 => numbers::<Int64Type>(array, |value| value as f64),
            DataType::UInt8 => numbers::<UInt8Type>(array, f64::from),
            DataType::UInt16 => numbers::<UInt16Type>(array, f64::from),
            DataType::UInt32 => numbers::<UInt32Type>(array, f64::from),
            DataType::UInt64 => numbers::<UInt64Type>(array, |value| value as f64),
            DataType::Float16 => numbers::<Float16Type>(array, |value| value.to_f64()),
            DataType::Float32 => numbers::<Float32Type>(array, f64::from),
            DataType::Float64 => numbers::<Float64Type>(array, |value| value),
            DataType::Decimal32(_, scale) => {
                numbers::<Decimal32Type>(array, |value| decimal(value.into(), *scale))
            }
            DataType::Decimal64(_, scale) => {
                numbers::<Decimal64Type>(array, |value| decimal(value.into(), *scale))
            }
            DataType::Decimal128(_, scale) => {
                numbers::<Decimal128Type>(array, |value| decimal(value, *scale))
            }
            DataType::Decimal256(precision, scale) => {
                numbers::<Decimal256Type>(array, |value| match value.to_i128() {
                    Some(value) => decimal(value, *scale),
                    None => number(&Decimal256Type::format_decimal(value, *precision, *scale)),
                })
            }
            DataType::Utf8 => Self::Texts(array.as_string().clone()),
            DataType::LargeUtf8 => Self::LargeTexts(array.as_string().clone()),
            DataType::Utf8View => Self::TextViews(array.as_string_view().clone()),
            DataType::Date32 => written::<Date32Type>(array, |days| date(days.into())),
            DataType::Date64 => {
                written::<Date64Type>(array, |value| date(value.div_euclid(86_400_000)))
            }
            DataType::Timestamp(unit, zone) => timestamps(array, *unit, zone.is_some()),
            DataType::Dictionary(..) => {
                let coded = array.as_any_dictionary();
                if coded.values().is_empty() {
                    return Self::Nothing;
                }
                let column = Column::of(coded.values(), exact);
                Self::Coded(coded.normalized_keys(), Box::new(column))
            }
            _ => Self::Nothing,
        }
    }
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef, number: impl Fn(T::Native) -> f64) -> Values {
    let values = array.as_primitive::<T>().values().iter();
    Values::Numbers(values.map(|value| number(*value)).collect())
}

/// The numbers of `array` as they are written; none if it has others than numbers.
fn digits(array: &ArrayRef) -> Option<Values> {
    Some(match array.data_type() {
        DataType::Int8 => texts::<Int8Type, _>(array, |value| value),
        DataType::Int16 => texts::<Int16Type, _>(array, |value| value),
        DataType::Int32 => texts::<Int32Type, _>(array, |value| value),
        DataType::Int64 => texts::<Int64Type, _>(array, |value| value),
        DataType::UInt8 => texts::<UInt8Type, _>(array, |value| value),
        DataType::UInt16 => texts::<UInt16Type, _>(array, |value| value),
        DataType::UInt32 => texts::<UInt32Type, _>(array, |value| value),
        DataType::UInt64 => texts::<UInt64Type, _>(array, |value| value),
        DataType::Float16 => texts::<Float16Type, _>(array, |value| value),
        DataType::Float32 => texts::<Float32Type, _>(array, |value| value),
        DataType::Float64 => texts::<Float64Type, _>(array, |value| value),
        DataType::Decimal32(precision, scale) => {
            decimals::<Decimal32Type>(array, *precision, *scale)
        }
        DataType::Decimal64(precision, scale) => {
            decimals::<Decimal64Type>(array, *precision, *scale)
        }
        DataType::Decimal128(precision, scale) => {
            decimals::<Decimal128Type>(array, *precision, *scale)
        }
        DataType::Decimal256(precision, scale) => {
            decimals::<Decimal256Type>(array, *precision, *scale)
        }
        _ => return None,
    })
}

fn texts<T: ArrowPrimitiveType, D: Display>(
    array: &ArrayRef,
    shown: impl Fn(T::Native) -> D,
) -> Values {
    let (mut text, mut ends) = (String::new(), Vec::with_capacity(array.len()));
    for value in array.as_primitive::<T>().iter() {
        if let Some(value) = value {
            // Memory takes every text.
            let _ = write!(text, "{}", shown(value));
        }
        ends.push(text.len());
    }
    Values::Digits(text, ends)
}

fn decimals<T: DecimalType>(array: &ArrayRef, precision: u8, scale: i8) -> Values {
    texts::<T, _>(array, |value| T::format_decimal(value, precision, scale))
}

/// `value` / 10^`scale`, rounded once.
#[expect(
    clippy::cast_precision_loss,
    reason = "only what a double holds exactly"
)]
fn decimal(value: i128, scale: i8) -> f64 {
    /// Greatest power of ten that a double holds exactly.
    const EXACT: i8 = 22;
    if (0..=EXACT).contains(&scale) && value.unsigned_abs() <= 1 << 53 {
        return value as f64 / 10_f64.powi(scale.into());
    }
    number(&format!("{value}e{}", -i32::from(scale)))
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

fn written<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    write: impl Fn(T::Native) -> Option<String>,
) -> Values {
    let values = array.as_primitive::<T>().iter();
    Values::Written(values.map(|value| write(value?)).collect())
}

fn date(days: i64) -> Option<String> {
    let days = 0.days().try_days(days).ok()?;
    let date = Date::constant(1970, 1, 1).checked_add(days).ok()?;
    Some(date.to_string())
}

fn timestamps(array: &ArrayRef, unit: TimeUnit, has_zone: bool) -> Values {
    let write = |time: Result<Timestamp, jiff::Error>| {
        let time = time.ok()?;
        Some(if has_zone {
            time.to_string()
        } else {
            Offset::UTC.to_datetime(time).to_string()
        })
    };
    match unit {
        TimeUnit::Second => {
            written::<TimestampSecondType>(array, |value| write(Timestamp::from_second(value)))
        }
        TimeUnit::Millisecond => written::<TimestampMillisecondType>(array, |value| {
            write(Timestamp::from_millisecond(value))
        }),
        TimeUnit::Microsecond => written::<TimestampMicrosecondType>(array, |value| {
            write(Timestamp::from_microsecond(value))
        }),
        TimeUnit::Nanosecond => written::<TimestampNanosecondType>(array, |value| {
            write(Timestamp::from_nanosecond(value.into()))
        }),
    }
}
