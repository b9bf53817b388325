//! The reader of applications, against a model of a small book.
#![no_main]

use std::sync::LazyLock;

use credit_risk::{
    credit::{CreditModel, application::Reader, fault::Faults},
    small_model,
};

static MODEL: LazyLock<CreditModel> = LazyLock::new(small_model);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut faults = Faults::default();
    let mut reader = Reader::new(MODEL.expected());
    // Twice: the second reading follows the member order of the first.
    for index in 0..2 {
        let row = reader.read(text, index, &mut faults);
        assert_eq!(row.len(), MODEL.schema().characteristics.len());
    }
});
