//! What is stored and is not what was saved is told, never answered with.

use std::fs;

use credit_risk::model_store::{ModelStore, ModelStoreError};

use crate::support::{Folder, create, id};

/// A folder with the model `one`.
async fn saved() -> Folder {
    let folder = Folder::new();
    create(&folder.store().await, "one").await.unwrap();
    folder
}

fn is_damaged<T>(read: &Result<T, impl AsRef<ModelStoreError>>) -> bool {
    let error = read.as_ref().err().map(AsRef::as_ref);
    matches!(error, Some(ModelStoreError::Damaged { .. }))
}

/// Why a load is refused; `None` for any other outcome.
async fn damage(store: &ModelStore, name: &str) -> Option<&'static str> {
    match store.load(&id(name)).await {
        Err(error) => match *error {
            ModelStoreError::Damaged { reason, .. } => Some(reason),
            _ => None,
        },
        Ok(_) => None,
    }
}

async fn assert_damaged_with(bytes: &[u8], what: &str) {
    let folder = saved().await;
    fs::write(folder.file("one.model"), bytes).unwrap();
    let store = folder.store().await;
    assert!(damage(&store, "one").await.is_some(), "loaded with {what}");
    let metadata = store.metadata(&id("one")).await.map_err(Box::new);
    assert!(is_damaged(&metadata), "described with {what}");
    assert!(store.list().await.unwrap().is_empty(), "listed with {what}");
}

#[tokio::test]
async fn a_flipped_bit_anywhere_in_a_model_file_is_damage() {
    let folder = saved().await;
    let whole = fs::read(folder.file("one.model")).unwrap();
    let head = 0..64;
    let sample = (64..whole.len()).step_by(97);
    for at in head.chain(sample).chain([whole.len() - 1]) {
        for bit in [0x01, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= bit;
            fs::write(folder.file("one.model"), &bytes).unwrap();
            let found = damage(&folder.store().await, "one").await;
            assert!(
                found.is_some(),
                "byte {at} with bit {bit:#x} flipped was not noticed"
            );
        }
    }
    fs::write(folder.file("one.model"), &whole).unwrap();
    folder.store().await.load(&id("one")).await.unwrap();
}

#[tokio::test]
async fn a_model_file_cut_at_any_length_is_damage() {
    let folder = saved().await;
    let whole = fs::read(folder.file("one.model")).unwrap();
    let lengths = (0..64).chain((64..whole.len()).step_by(97));
    for length in lengths.chain([whole.len() - 1]) {
        fs::write(folder.file("one.model"), &whole[..length]).unwrap();
        let found = damage(&folder.store().await, "one").await;
        assert!(found.is_some(), "{length} bytes were taken for a model");
    }
}

#[tokio::test]
async fn a_damaged_model_is_neither_described_nor_listed() {
    let folder = saved().await;
    let mut bytes = fs::read(folder.file("one.model")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_damaged_with(&bytes, "its last byte changed").await;
}

#[tokio::test]
async fn a_model_file_with_a_byte_more_is_damage() {
    let mut bytes = fs::read(saved().await.file("one.model")).unwrap();
    bytes.push(0);
    assert_damaged_with(&bytes, "a byte more").await;
}

#[tokio::test]
async fn a_model_file_under_another_name_is_damage() {
    let folder = saved().await;
    for kind in ["model", "json"] {
        let (from, to) = (format!("one.{kind}"), format!("two.{kind}"));
        fs::copy(folder.file(&from), folder.file(&to)).unwrap();
    }
    let store = folder.store().await;
    assert_eq!(
        damage(&store, "two").await,
        Some("it is another model's file")
    );
    let metadata = store.metadata(&id("two")).await.map_err(Box::new);
    assert!(is_damaged(&metadata));
    let listed = store.list().await.unwrap();
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn an_edited_metadata_file_changes_nothing_that_the_store_says() {
    let folder = saved().await;
    let before = folder.store().await.metadata(&id("one")).await.unwrap();
    let text = fs::read_to_string(folder.file("one.json")).unwrap();
    let edited = text.replacen("\"accuracy\": 0.", "\"accuracy\": 1.", 1);
    assert_ne!(edited, text, "nothing was edited");
    fs::write(folder.file("one.json"), edited).unwrap();

    let store = folder.store().await;
    assert_eq!(store.metadata(&id("one")).await.unwrap(), before);
    store.load(&id("one")).await.unwrap();
}

#[tokio::test]
async fn a_missing_metadata_file_is_written_again_at_the_next_start() {
    let folder = saved().await;
    let before = fs::read(folder.file("one.json")).unwrap();
    fs::remove_file(folder.file("one.json")).unwrap();
    let store = folder.store().await;
    assert_eq!(fs::read(folder.file("one.json")).unwrap(), before);
    store.metadata(&id("one")).await.unwrap();
}

#[tokio::test]
async fn the_metadata_file_is_what_the_model_file_says() {
    let folder = saved().await;
    let metadata = folder.store().await.metadata(&id("one")).await.unwrap();
    let file = fs::read(folder.file("one.json")).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(file, serde_json::to_value(metadata).unwrap());
}

#[tokio::test]
async fn one_damaged_model_does_not_hide_the_others() {
    let folder = saved().await;
    create(&folder.store().await, "two").await.unwrap();
    fs::write(folder.file("one.model"), "no model").unwrap();
    let listed = folder.store().await.list().await.unwrap();
    let ids: Vec<_> = listed
        .iter()
        .map(|listed| listed.summary.model_id.as_str())
        .collect();
    assert_eq!(ids, ["two"]);
}

#[tokio::test]
async fn a_damaged_model_can_be_deleted() {
    let folder = saved().await;
    fs::write(folder.file("one.model"), "no model").unwrap();
    folder.store().await.delete(&id("one")).await.unwrap();
    assert!(folder.names().is_empty());
}
