//! The reader of CSV.
#![no_main]

use credit_risk::{credit::reading::Format, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read(Format::Csv, bytes));
