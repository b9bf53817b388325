//! The batch scorer, which must answer the same however the bytes are cut.
//!
//! The first byte chooses the format, the second how many cuts there are; each cut is one byte, the
//! length of a piece. The pieces follow one another over and over.
#![no_main]

use std::sync::{Arc, LazyLock};

use credit_risk::{
    credit::{
        CreditModel, Fault,
        batch::{Batch, BatchOptions, Totals},
        reading::Format,
    },
    small_model,
};

static MODEL: LazyLock<Arc<CreditModel>> = LazyLock::new(|| Arc::new(small_model()));

type Answered = (Result<Totals, Vec<Fault>>, Vec<u8>);

fn answered<'b>(format: Format, pieces: impl Iterator<Item = &'b [u8]>) -> Answered {
    let options = BatchOptions {
        keep: vec!["grade".to_owned()],
        ..BatchOptions::of(&MODEL)
    };
    let batch = Batch::new(Arc::clone(&MODEL), options, format, Format::Ndjson);
    let mut batch = batch.expect("the options are sound");
    let mut out = Vec::new();
    for mut piece in pieces {
        loop {
            match batch.push(piece, &mut out) {
                Ok(true) => piece = &[],
                Ok(false) => break,
                Err(faults) => return (Err(faults), out),
            }
        }
    }
    (batch.finish(&mut out), out)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [kind, count, rest @ ..] = bytes else {
        return;
    };
    let format = [Format::Csv, Format::Ndjson][usize::from(kind % 2)];
    let (cuts, text) = rest.split_at(rest.len().min(usize::from(count % 16)));
    let whole = answered(format, std::iter::once(text));
    let mut left = text;
    let mut lengths = cuts.iter().map(|it| usize::from(*it) + 1).chain([1_000]).cycle();
    let pieces = std::iter::from_fn(|| {
        let length = lengths.next()?.min(left.len());
        let (piece, later) = left.split_at(length);
        left = later;
        (length > 0).then_some(piece)
    });
    assert_eq!(answered(format, pieces), whole);
});
