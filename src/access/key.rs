//! API keys: what a caller presents, what we generate, and what may be shown of them.

use std::{
    fmt::{self, Debug, Display, Formatter},
    hash::{Hash, Hasher},
    str::FromStr,
};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

use super::base62::{self, CHECKSUM_DIGITS};

/// Finds generated keys in text, for secret scanners; the checksum then tells real ones.
pub const SECRET_SCANNING_REGEX: &str = "crk_(live|test|dev)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}";

const PREFIX: &str = "crk_";
const PUBLIC_ID: usize = 12;
/// 43 digits of base 62 hold 256 bits.
const SECRET: usize = 43;
const SHORTEST: usize = 16;
const LONGEST: usize = 512;

/// Prefixes that tell whose key it is and nothing else; longer ones first.
const KNOWN_PREFIXES: [&str; 10] = [
    "crk_live_",
    "crk_test_",
    "crk_dev_",
    "hk_live_",
    "hk_test_",
    "hk_dev_",
    "sk_live_",
    "sk_test_",
    "sk_dev_",
    "sk_",
];

/// A key as presented or generated: neither printed nor copied, and wiped when dropped.
///
/// A generated key reads
/// `crk_{live|test|dev}_<12 public id>_<43 secret><6 checksum>`, all base 62.
/// The checksum is the CRC-32 of `<public id>_<secret>`. It tells a typing
/// error from a key without asking anyone; it proves nothing.
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Reads a key of 16 to 512 visible ASCII characters without comma or semicolon.
    ///
    /// # Errors
    /// When the text cannot be a key. What begins with `crk_` must have the
    /// shape and the checksum of a generated key.
    pub fn parse(text: &str) -> Result<ApiKey, KeyError> {
        if !(SHORTEST..=LONGEST).contains(&text.len()) {
            return Err(KeyError::Length);
        }
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b',' && byte != b';';
        if !text.bytes().all(allowed) {
            return Err(KeyError::Character);
        }
        if text.starts_with(PREFIX) {
            let (_, body) = generated_parts(text).ok_or(KeyError::Shape)?;
            let (covered, checksum) = body.split_at(body.len() - CHECKSUM_DIGITS);
            if base62::checksum(covered) != checksum {
                return Err(KeyError::Checksum);
            }
        }
        Ok(ApiKey(text.into()))
    }

    /// Draws a new key with a 256-bit secret from the operating system's generator.
    ///
    /// # Errors
    /// When the operating system has no entropy to give.
    pub fn generate(environment: KeyEnvironment) -> Result<ApiKey, KeyError> {
        let head = format!("{PREFIX}{environment}_");
        // with the final capacity, so that no half-written secret is left behind by growth
        let mut text = String::with_capacity(head.len() + PUBLIC_ID + 1 + SECRET + CHECKSUM_DIGITS);
        text.push_str(&head);
        base62::push_random(&mut text, PUBLIC_ID).map_err(KeyError::Entropy)?;
        text.push('_');
        base62::push_random(&mut text, SECRET).map_err(KeyError::Entropy)?;
        let checksum = base62::checksum(&text[head.len()..]);
        text.push_str(&checksum);
        Ok(ApiKey(text.into()))
    }

    /// SHA-256 of the whole key, the only form in which the registry keeps it.
    ///
    /// Without salt or stretching, since keys are long and looked up by digest.
    pub fn digest(&self) -> KeyDigest {
        KeyDigest(Sha256::digest(self.expose()).into())
    }

    /// The public id of a generated key; `None` for a key that an operator made up.
    pub fn public_id(&self) -> Option<&str> {
        generated_parts(self.expose()).map(|(_, body)| &body[..PUBLIC_ID])
    }

    /// The key itself; the caller answers for where it goes.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Debug for ApiKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([redacted])")
    }
}

/// Splits a generated key into its environment and `<public id>_<secret><checksum>`.
fn generated_parts(text: &str) -> Option<(KeyEnvironment, &str)> {
    let (environment, body) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let (public_id, secret) = body.split_once('_')?;
    let well_formed = public_id.len() == PUBLIC_ID
        && secret.len() == SECRET + CHECKSUM_DIGITS
        && base62::is_base62(public_id)
        && base62::is_base62(secret);
    well_formed
        .then(|| environment.parse().ok())
        .flatten()
        .map(|environment| (environment, body))
}

/// Why a text is no key; never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Too short or too long.
    #[error("a key has {SHORTEST} to {LONGEST} characters")]
    Length,
    /// A space, comma, semicolon, control or non-ASCII character.
    #[error("a key is visible ASCII without spaces, commas and semicolons")]
    Character,
    /// Begins like a generated key and goes on differently.
    #[error("a key that begins with crk_ must have the shape of a generated key")]
    Shape,
    /// A generated key with a typing error.
    #[error("the checksum of the key is wrong: it was mistyped or cut")]
    Checksum,
    /// No randomness to generate from.
    #[error("the operating system has no entropy: {0}")]
    Entropy(getrandom::Error),
}

/// Where a generated key is meant to be used; written in the key for people to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyEnvironment {
    /// Production.
    Live,
    /// Staging and tests.
    Test,
    /// A developer's machine.
    Dev,
}

impl KeyEnvironment {
    /// The form inside a key, such as `live`.
    pub const fn as_str(self) -> &'static str {
        match self {
            KeyEnvironment::Live => "live",
            KeyEnvironment::Test => "test",
            KeyEnvironment::Dev => "dev",
        }
    }
}

impl Display for KeyEnvironment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for KeyEnvironment {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        match text {
            "live" => Ok(KeyEnvironment::Live),
            "test" => Ok(KeyEnvironment::Test),
            "dev" => Ok(KeyEnvironment::Dev),
            _ => Err(KeyError::Shape),
        }
    }
}

/// SHA-256 of a key. Every comparison of keys is `==` of digests, in constant time.
#[derive(Clone, Copy)]
pub struct KeyDigest([u8; 32]);

impl ConstantTimeEq for KeyDigest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for KeyDigest {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for KeyDigest {}

impl Hash for KeyDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Debug for KeyDigest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "KeyDigest({}…)", hex::encode(&self.0[..4]))
    }
}

/// What the log may show of a refused credential: a known prefix, or `***`.
///
/// At most eight characters, at most a quarter of the text, and never more than
/// the prefix itself, so that nothing secret is shown even of a real key.
pub fn displayed_prefix(attempt: &str) -> String {
    let known = KNOWN_PREFIXES
        .iter()
        .find(|prefix| attempt.starts_with(**prefix));
    let shown = known.map_or("", |prefix| {
        let most = prefix.len().min(8).min(attempt.chars().count() / 4);
        &prefix[..most]
    });
    if shown.is_empty() { "***" } else { shown }.to_owned()
}
