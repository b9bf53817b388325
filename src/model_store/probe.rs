//! Does the bucket do what the store relies on? Asked once, before anything else.

use bytes::Bytes;

use super::{
    ModelStoreError,
    objects::{Attempt, Refusal, Support},
    s3::Bucket,
};

/// What the probe writes.
const BODY: Bytes = Bytes::from_static(b"written and removed at every start\n");

/// Writes, reads, lists and removes an object of its own, and finds out whether
/// the server honours conditional writes.
///
/// # Errors
/// The first thing that the bucket would not do.
pub(super) async fn probe(bucket: &Bucket) -> Result<Support, ModelStoreError> {
    if let Err(refusal) = bucket.answers().await {
        if refusal.status.is_none() {
            return Err(refusal.into());
        }
        // A HEAD is refused without a reason, a list with one. Where the reason was
        // this machine's clock, the SDK has set it right by then.
        bucket.list().await?;
        bucket.answers().await?;
    }
    let attempt = Attempt::random()?;
    let key = format!(".probe-{}", attempt.as_str());
    let tried = try_out(bucket, &key, &attempt).await;
    let removed = bucket.delete(&key).await;
    let support = tried?;
    removed?;
    Ok(support)
}

async fn try_out(bucket: &Bucket, key: &str, attempt: &Attempt) -> Result<Support, Refusal> {
    let understood = match bucket.write_whole(key, &BODY, attempt, true).await {
        Ok(()) => true,
        // The reply to the first try was lost on the way.
        Err(refusal) if refusal.status == Some(412) => true,
        // Some servers refuse the header instead of ignoring it.
        Err(refusal) if matches!(refusal.status, Some(400 | 501)) => {
            bucket.write_whole(key, &BODY, attempt, false).await?;
            false
        }
        Err(refusal) => return Err(refusal),
    };
    let conditional_put =
        understood && is_held(bucket.write_whole(key, &BODY, attempt, true).await)?;
    // Of others it is known that two who complete the same object at once may both
    // succeed. Whatever goes wrong here, objects can still be written whole.
    let conditional_parts = conditional_put
        && bucket.is_amazons()
        && matches!(
            is_held(bucket.write_parts(key, &BODY, attempt, true).await),
            Ok(true)
        );

    if bucket.get(key).await?.as_ref() != Some(&BODY) {
        return Err(missing("read back what was just written"));
    }
    if !bucket.list().await?.iter().any(|found| found == key) {
        return Err(missing("list what was just written"));
    }
    Ok(Support {
        conditional_put,
        conditional_parts,
    })
}

/// Whether a write over an existing object was refused, as it should be.
fn is_held(second: Result<(), Refusal>) -> Result<bool, Refusal> {
    match second {
        Ok(()) => Ok(false),
        Err(refusal) if refusal.status == Some(412) => Ok(true),
        Err(refusal) => Err(refusal),
    }
}

fn missing(operation: &'static str) -> Refusal {
    Refusal {
        operation,
        status: None,
        reason: "it is not there, or not as it was written".to_owned(),
    }
}
