//! The bytes of a stored model.
//!
//! ```text
//! 0   8  magic "CRMODEL" and a zero byte
//! 8   4  format version, little-endian
//! 12 32  SHA-256 of bytes 0..12 and of everything from byte 44
//! 44  …  payload (postcard): model id, metadata (JSON), model data
//! ```
//! One file is the whole model: the digest covers the id, so that a file under
//! another name is refused, and the metadata, of which `{model_id}.json` is a
//! copy for people.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ModelId, ModelMetadata, ModelStoreError};
use crate::credit::{ModelData, Results};

const MAGIC: [u8; 8] = *b"CRMODEL\0";
const FORMAT: u32 = 3;
const HEAD: usize = 12;
const PAYLOAD: usize = HEAD + 32;

/// A model ready to be written.
#[derive(Clone)]
pub(super) struct Sealed {
    /// Bytes of the `.model` file.
    pub model: Bytes,
    /// Bytes of the `.json` file.
    pub metadata: Bytes,
    /// Hex SHA-256 of the model's data alone.
    pub sha256: String,
}

/// A model as it was read.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Payload {
    model_id: String,
    metadata: Vec<u8>,
    /// The model's data.
    pub data: ModelData,
}

/// Puts a model and its metadata into bytes.
pub(super) fn seal(
    id: &ModelId,
    data: &ModelData,
    results: Results,
) -> Result<Sealed, ModelStoreError> {
    let data = postcard::to_stdvec(data).map_err(|_| ModelStoreError::Encoding)?;
    let sha256 = hex::encode(Sha256::digest(&data));
    let metadata = ModelMetadata::new(results, FORMAT, sha256.clone());
    let metadata = serde_json::to_vec_pretty(&metadata).map_err(|_| ModelStoreError::Encoding)?;

    let mut model = Vec::with_capacity(PAYLOAD + metadata.len() + data.len() + 256);
    model.extend_from_slice(&MAGIC);
    model.extend_from_slice(&FORMAT.to_le_bytes());
    model.extend_from_slice(&[0; 32]);
    let head: (&str, &[u8]) = (id.as_str(), &metadata);
    // A struct is the sequence of its fields, so the data need not be encoded twice.
    model = postcard::to_extend(&head, model).map_err(|_| ModelStoreError::Encoding)?;
    model.extend_from_slice(&data);
    let digest = digest(&model);
    model[HEAD..PAYLOAD].copy_from_slice(&digest);
    Ok(Sealed {
        model: model.into(),
        metadata: metadata.into(),
        sha256,
    })
}

/// Reads a `.model` file back.
pub(super) fn open(id: &ModelId, bytes: &[u8]) -> Result<Payload, ModelStoreError> {
    let damaged = |reason| ModelStoreError::Damaged {
        id: id.clone(),
        reason,
    };
    let payload = verify(id, bytes).map_err(damaged)?;
    postcard::from_bytes(payload).map_err(|_| damaged("its contents cannot be decoded"))
}

/// The payload of `bytes` if they are the whole file of the model `id`.
pub(super) fn verify<'a>(id: &ModelId, bytes: &'a [u8]) -> Result<&'a [u8], &'static str> {
    if bytes.len() < PAYLOAD {
        return Err("it is too short");
    }
    if bytes[..MAGIC.len()] != MAGIC {
        return Err("it is not a model file");
    }
    if bytes[MAGIC.len()..HEAD] != FORMAT.to_le_bytes() {
        return Err("its format version is not known");
    }
    if bytes[HEAD..PAYLOAD] != digest(bytes) {
        return Err("its digest does not match");
    }
    let payload = &bytes[PAYLOAD..];
    match postcard::take_from_bytes::<&str>(payload) {
        Ok((name, _)) if name == id.as_str() => Ok(payload),
        Ok(_) => Err("it is another model's file"),
        Err(_) => Err("its contents cannot be decoded"),
    }
}

impl Payload {
    /// What is known about the model.
    pub(super) fn metadata(&self, id: &ModelId) -> Result<ModelMetadata, ModelStoreError> {
        serde_json::from_slice(&self.metadata).map_err(|_| ModelStoreError::Damaged {
            id: id.clone(),
            reason: "its metadata cannot be read",
        })
    }

    /// The bytes of the `.json` file.
    pub(super) fn into_json(self) -> Bytes {
        self.metadata.into()
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(&bytes[..HEAD]);
    hasher.update(&bytes[PAYLOAD..]);
    hasher.finalize().into()
}
