//! The reader of Parquet.
#![no_main]

use credit_risk::{credit::reading::Format, read};

libfuzzer_sys::fuzz_target!(
    init: {
        // In place of the hook that ends the process: a panic inside the decoder is caught there.
        std::panic::set_hook(Box::new(|_| {}));
    },
    |bytes: &[u8]| read(Format::Parquet, bytes)
);
