//! The bytes of a stored model.
//!
//! ```text
//! 0   8  magic "CRMODEL" and a zero byte
//! 8   4  format version, little-endian
//! 12 32  SHA-256 of bytes 0..12 and of everything from byte 44
//! 44  …  payload (postcard): model id, SHA-256 of the metadata file, model data
//! ```
//! The digest covers the id, so a file under another name is refused, and the
//! metadata's digest, so that a changed `.json` is noticed.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ModelId, ModelMetadata, ModelStoreError};
use crate::credit::{ModelBody, TrainingResult};

const MAGIC: [u8; 8] = *b"CRMODEL\0";
const FORMAT: u32 = 1;
const HEAD: usize = 12;
const PAYLOAD: usize = HEAD + 32;

/// A model ready to be written.
pub(super) struct Sealed {
    /// Bytes of the `.model` file.
    pub model: Vec<u8>,
    /// Bytes of the `.json` file.
    pub metadata: Vec<u8>,
    /// Hex SHA-256 of the model's data alone.
    pub sha256: String,
}

/// A model as it was read.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Payload {
    model_id: String,
    metadata_sha256: [u8; 32],
    /// The model's data.
    pub body: ModelBody,
}

/// Puts a model and its metadata into bytes.
pub(super) fn seal(
    id: &ModelId,
    body: &ModelBody,
    result: TrainingResult,
) -> Result<Sealed, ModelStoreError> {
    let data = postcard::to_stdvec(body).map_err(|_| ModelStoreError::Encoding)?;
    let sha256 = hex::encode(Sha256::digest(&data));
    let metadata = ModelMetadata::new(result, FORMAT, sha256.clone());
    let metadata = serde_json::to_vec_pretty(&metadata).map_err(|_| ModelStoreError::Encoding)?;

    let mut model = Vec::with_capacity(PAYLOAD + data.len() + 256);
    model.extend_from_slice(&MAGIC);
    model.extend_from_slice(&FORMAT.to_le_bytes());
    model.extend_from_slice(&[0; 32]);
    let head: (&str, [u8; 32]) = (id.as_str(), Sha256::digest(&metadata).into());
    // A struct is the sequence of its fields, so the data need not be encoded twice.
    model = postcard::to_extend(&head, model).map_err(|_| ModelStoreError::Encoding)?;
    model.extend_from_slice(&data);
    let digest = digest(&model);
    model[HEAD..PAYLOAD].copy_from_slice(&digest);
    Ok(Sealed {
        model,
        metadata,
        sha256,
    })
}

/// Reads a `.model` file back.
pub(super) fn open(id: &ModelId, bytes: &[u8]) -> Result<Payload, ModelStoreError> {
    let damaged = |reason| ModelStoreError::Damaged {
        id: id.clone(),
        reason,
    };
    if bytes.len() < PAYLOAD {
        return Err(damaged("it is too short"));
    }
    if bytes[..MAGIC.len()] != MAGIC {
        return Err(damaged("it is not a model file"));
    }
    if bytes[MAGIC.len()..HEAD] != FORMAT.to_le_bytes() {
        return Err(damaged("its format version is not known"));
    }
    if bytes[HEAD..PAYLOAD] != digest(bytes) {
        return Err(damaged("its digest does not match"));
    }
    let payload: Payload = postcard::from_bytes(&bytes[PAYLOAD..])
        .map_err(|_| damaged("its contents cannot be decoded"))?;
    if payload.model_id != id.as_str() {
        return Err(damaged("it is another model's file"));
    }
    Ok(payload)
}

/// Reads a `.json` file back, checked against its model.
pub(super) fn metadata(
    id: &ModelId,
    payload: &Payload,
    bytes: &[u8],
) -> Result<ModelMetadata, ModelStoreError> {
    let damaged = |reason| ModelStoreError::Damaged {
        id: id.clone(),
        reason,
    };
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    if digest != payload.metadata_sha256 {
        return Err(damaged("the digest of its metadata does not match"));
    }
    serde_json::from_slice(bytes).map_err(|_| damaged("its metadata cannot be read"))
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(&bytes[..HEAD]);
    hasher.update(&bytes[PAYLOAD..]);
    hasher.finalize().into()
}
