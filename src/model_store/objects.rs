//! What is asked of an object store, and what it answers.

use super::ModelStoreError;

/// The token of one creation, by which its creator knows its own object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attempt(String);

impl Attempt {
    /// A token that nobody else has.
    pub(super) fn random() -> Result<Self, ModelStoreError> {
        let mut token = [0; 16];
        getrandom::fill(&mut token).map_err(std::io::Error::from)?;
        Ok(Self(hex::encode(token)))
    }

    /// The token that a file's name tells.
    pub(super) fn recalled(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token as text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means that the object of this `creator` is there.
    pub(super) fn made(&self, creator: Option<&str>) -> Created {
        if creator == Some(self.as_str()) {
            Created::Now
        } else {
            Created::Taken
        }
    }
}

/// How a creation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// The object is there and this creation made it.
    Now,
    /// There is an object of this key that somebody else made.
    Taken,
}

/// What a server was found to honour.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Support {
    /// `If-None-Match: *` when an object is written at once.
    pub(super) conditional_put: bool,
    /// `If-None-Match: *` when its parts are put together.
    pub(super) conditional_parts: bool,
}

/// A request that failed.
#[derive(Debug)]
pub(super) struct Refusal {
    /// What was asked, as a verb phrase.
    pub(super) operation: &'static str,
    /// Status of the answer, if there was one.
    pub(super) status: Option<u16>,
    /// What the server or the network said; no secret is in it.
    pub(super) reason: String,
}

impl From<Refusal> for ModelStoreError {
    fn from(refusal: Refusal) -> Self {
        let Refusal {
            operation, reason, ..
        } = refusal;
        Self::Remote { operation, reason }
    }
}
