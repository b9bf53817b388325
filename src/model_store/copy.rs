//! Copying models from one store to another.

use super::{ModelId, ModelStore, ModelStoreError, envelope};

/// What became of one model.
#[derive(Debug)]
pub enum Copied {
    /// It was copied and read back unchanged.
    Now,
    /// It was there already, byte for byte.
    Already,
    /// Another model of this id is there; it was not touched.
    Different,
    /// It could not be copied.
    Failed(ModelStoreError),
}

/// Copies every model of `from` that `to` does not have, one after another,
/// reads each back and tells `report`. Nothing is replaced or deleted, so that
/// an interrupted run can simply be started again.
///
/// # Errors
/// [`ModelStoreError`] when `from` cannot be listed.
pub async fn copy(
    from: &ModelStore,
    to: &ModelStore,
    mut report: impl FnMut(&ModelId, &Copied),
) -> Result<(), ModelStoreError> {
    for id in from.behind().list().await? {
        let copied = copy_one(from, to, &id).await.unwrap_or_else(Copied::Failed);
        report(&id, &copied);
    }
    Ok(())
}

async fn copy_one(
    from: &ModelStore,
    to: &ModelStore,
    id: &ModelId,
) -> Result<Copied, ModelStoreError> {
    let model = from.behind().fetch(id).await?;
    let metadata = envelope::open(id, &model)?.into_json();
    let created = to.behind().import(id, model.clone(), metadata).await;
    let already = matches!(created, Err(ModelStoreError::AlreadyExists(_)));
    if !already {
        created?;
    }
    let stored = to.behind().fetch(id).await?;
    match (already, stored == model) {
        (false, true) => Ok(Copied::Now),
        (true, true) => Ok(Copied::Already),
        (true, false) => Ok(Copied::Different),
        (false, false) => Err(ModelStoreError::Damaged {
            id: id.clone(),
            reason: "it was read back changed",
        }),
    }
}
