//! What a crash leaves half-done is never seen and is swept up at the next start.

use std::fs;

use credit_risk::model_store::ModelStoreError;

use crate::support::{Folder, create, id, try_open};

/// A folder with the model `one` and what crashes leave.
async fn after_a_crash() -> Folder {
    let folder = Folder::new();
    create(&folder.store().await, "one").await.unwrap();
    fs::write(folder.file(".new-a1b2c3"), "half a model").unwrap();
    fs::copy(folder.file("one.json"), folder.file("half.json")).unwrap();
    folder
}

#[tokio::test]
async fn leftovers_are_removed_when_the_store_is_opened() {
    let folder = after_a_crash().await;
    folder.store().await;
    assert_eq!(folder.names(), ["one.json", "one.model"]);
}

#[tokio::test]
async fn leftovers_are_never_listed() {
    let folder = Folder::new();
    let store = folder.store().await;
    create(&store, "one").await.unwrap();
    fs::write(folder.file(".new-a1b2c3"), "half a model").unwrap();
    fs::copy(folder.file("one.json"), folder.file("half.json")).unwrap();
    assert_eq!(store.list().await.unwrap().len(), 1);
    assert!(store.metadata(&id("half")).await.is_err());
}

#[tokio::test]
async fn a_name_with_leftover_metadata_can_be_created() {
    let folder = Folder::new();
    let store = folder.store().await;
    fs::write(folder.file("one.json"), "from before the crash").unwrap();
    create(&store, "one").await.unwrap();
    folder.store().await.metadata(&id("one")).await.unwrap();
}

#[tokio::test]
async fn what_is_not_the_stores_is_left_alone() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path()).unwrap();
    fs::write(folder.file("README.md"), "notes").unwrap();
    fs::write(folder.file("not a model id.json"), "{}").unwrap();
    let store = folder.store().await;
    assert_eq!(folder.names(), ["README.md", "not a model id.json"]);
    assert!(store.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn after_a_creation_there_is_nothing_but_the_model() {
    let folder = Folder::new();
    create(&folder.store().await, "one").await.unwrap();
    assert_eq!(folder.names(), ["one.json", "one.model"]);
}

#[tokio::test]
async fn a_refused_creation_leaves_nothing() {
    let folder = Folder::new();
    let store = folder.store().await;
    create(&store, "one").await.unwrap();
    create(&store, "one").await.unwrap_err();
    assert_eq!(folder.names(), ["one.json", "one.model"]);
}

#[tokio::test]
async fn a_deletion_leaves_nothing() {
    let folder = Folder::new();
    let store = folder.store().await;
    create(&store, "one").await.unwrap();
    store.delete(&id("one")).await.unwrap();
    assert!(folder.names().is_empty());
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_refused_at_open() {
    let folder = Folder::new();
    fs::write(folder.path(), "a file").unwrap();
    let opened = try_open(&folder.path()).await;
    assert!(
        matches!(opened, Err(ModelStoreError::Backend(_))),
        "{opened:?}"
    );
}

/// `/proc` takes no files from anybody, root included.
#[tokio::test]
async fn a_folder_that_cannot_be_made_is_refused_at_open() {
    let opened = try_open("/proc/models".as_ref()).await;
    assert!(
        matches!(opened, Err(ModelStoreError::Backend(_))),
        "{opened:?}"
    );
}

#[tokio::test]
async fn a_folder_that_takes_no_files_is_refused_at_open() {
    let opened = try_open("/proc/self/task".as_ref()).await;
    assert!(
        matches!(opened, Err(ModelStoreError::Backend(_))),
        "{opened:?}"
    );
}
