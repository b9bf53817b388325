//! Names of models.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use crate::credit::{TrainedModel, TrainingPlan};

/// The name of a model: 1 to 128 letters, digits, `_` and `-`, safe as a file name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(String);

/// Why a text is no model id.
#[derive(Debug, thiserror::Error)]
#[error("a model id is 1 to 128 letters, digits, _ and -")]
pub struct NotAModelId;

impl ModelId {
    /// A name for a new model: `{model_type}_test{percent}_{features}f_{suffix}`,
    /// the suffix being six hex digits.
    pub fn for_model(plan: &TrainingPlan, trained: &TrainedModel, suffix: [u8; 3]) -> Self {
        Self(format!(
            "{}_test{:.0}_{}f_{}",
            plan.model_type.as_str(),
            plan.test_size * 100.0,
            trained.width(),
            hex::encode(suffix)
        ))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ModelId {
    type Err = NotAModelId;

    fn from_str(text: &str) -> Result<Self, NotAModelId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if (1..=128).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAModelId)
        }
    }
}

impl Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
