use credit_risk::access::{
    ApiKey, KeyEnvironment, KeyError, SECRET_SCANNING_REGEX, displayed_prefix,
};
use proptest::{prelude::*, string::string_regex};
use subtle::ConstantTimeEq;

/// Checksums computed with zlib's CRC-32, outside this project.
const VECTORS: [(&str, &str); 3] = [
    (
        "crk_live_0123456789AB_00000000000000000000000000000000000000000003hdTxj",
        "0123456789AB",
    ),
    (
        "crk_test_abcdefghijkl_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq0lc0iY",
        "abcdefghijkl",
    ),
    (
        "crk_dev_Zz9Zz9Zz9Zz9_Q7rQ7rQ7rQ7rQ7rQ7rQ7rQ7rQ7rQ7rQ7rQ7rQ7rQ7rx2RLu5I",
        "Zz9Zz9Zz9Zz9",
    ),
];

fn fault(text: &str) -> Option<KeyError> {
    ApiKey::parse(text).err()
}

#[test]
fn the_vectors_parse_and_show_their_public_id() {
    for (text, public_id) in VECTORS {
        let key = ApiKey::parse(text).unwrap();
        assert_eq!(key.public_id(), Some(public_id));
        assert_eq!(key.expose(), text);
    }
}

#[test]
fn one_mistyped_character_anywhere_breaks_the_checksum() {
    let (key, _) = VECTORS[1];
    for position in "crk_test_".len()..key.len() {
        if &key[position..=position] == "_" {
            continue;
        }
        let other = if &key[position..=position] == "x" {
            "y"
        } else {
            "x"
        };
        let mut mistyped = key.to_owned();
        mistyped.replace_range(position..=position, other);
        assert_eq!(fault(&mistyped), Some(KeyError::Checksum), "{mistyped}");
    }
}

#[test]
fn what_begins_like_a_generated_key_must_be_one() {
    let (key, _) = VECTORS[0];
    let misshapen = [
        key[..key.len() - 1].to_owned(),
        format!("{key}0"),
        key.replace("crk_live_", "crk_prod_"),
        key.replace("crk_live_", "crk_live"),
        key.replace("456789AB_", "456789AB-"),
        key.replace("0003hdTxj", "000-hdTxj"),
        format!("crk_live_{}", "0123456789abcdef".repeat(4)),
    ];
    for text in misshapen {
        assert_eq!(fault(&text), Some(KeyError::Shape), "{text}");
    }
}

#[test]
fn generated_keys_parse_and_differ() {
    for environment in [
        KeyEnvironment::Live,
        KeyEnvironment::Test,
        KeyEnvironment::Dev,
    ] {
        let key = ApiKey::generate(environment).unwrap();
        assert!(key.expose().starts_with(&format!("crk_{environment}_")));
        let again = ApiKey::parse(key.expose()).unwrap();
        assert_eq!(again.digest(), key.digest());
        let other = ApiKey::generate(environment).unwrap();
        assert_ne!(other.digest(), key.digest());
        assert_ne!(other.public_id(), key.public_id());
    }
}

proptest! {
    #[test]
    fn the_scanning_expression_describes_the_shape(text in string_regex(SECRET_SCANNING_REGEX).unwrap()) {
        prop_assert!(matches!(fault(&text), None | Some(KeyError::Checksum)), "{}", text);
    }
}

#[test]
fn operators_may_make_up_keys_of_sixteen_visible_characters() {
    for text in ["0123456789abcdef", "!#$%&'()*+-./:<=>", &"k".repeat(512)] {
        assert_eq!(ApiKey::parse(text).unwrap().public_id(), None);
    }
    for text in ["", "0123456789abcde", &"k".repeat(513)] {
        assert_eq!(fault(text), Some(KeyError::Length));
    }
    for text in [
        "0123456789 abcdef",
        "0123456789,abcdef",
        "0123456789;abcdef",
        "0123456789\nabcdef",
        "0123456789äbcdef",
    ] {
        assert_eq!(fault(text), Some(KeyError::Character), "{text:?}");
    }
}

#[test]
fn digests_are_sha_256_and_compare_in_constant_time() {
    let one = ApiKey::parse("operator-key-0123456789").unwrap().digest();
    let same = ApiKey::parse("operator-key-0123456789").unwrap().digest();
    let other = ApiKey::parse("operator-key-0123456780").unwrap().digest();
    assert!(bool::from(one.ct_eq(&same)) && one == same);
    assert!(!bool::from(one.ct_eq(&other)) && one != other);
    // printf operator-key-0123456789 | sha256sum
    assert_eq!(format!("{one:?}"), "KeyDigest(e52302ad…)");
}

#[test]
fn a_key_does_not_print_itself() {
    let (text, _) = VECTORS[0];
    let printed = format!("{:?}", ApiKey::parse(text).unwrap());
    assert_eq!(printed, "ApiKey([redacted])");
}

#[test]
fn refused_credentials_show_a_known_prefix_at_most() {
    let cases = [
        (VECTORS[0].0, "crk_live"),
        (VECTORS[2].0, "crk_dev_"),
        ("hk_live_abcdefghijklmnopqrstuvwxyz0123456789", "hk_live_"),
        ("sk_test_abcdefghijklmnopqrstuvwxyz0123456789", "sk_test_"),
        ("sk_abcdefghijklmnopqrstuvwxyz0123456789", "sk_"),
        ("crk_live_abc", "crk"),
        ("sk_", "***"),
        ("", "***"),
        ("hunter2hunter2hunter2hunter2", "***"),
        ("CRK_LIVE_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
    ];
    for (attempt, shown) in cases {
        assert_eq!(displayed_prefix(attempt), shown, "{attempt}");
    }
}

proptest! {
    #[test]
    fn no_more_than_a_quarter_of_a_credential_is_ever_shown(tail in ".{0,80}", head in "(crk_live_|crk_dev_|hk_live_|sk_|)") {
        let attempt = format!("{head}{tail}");
        let shown = displayed_prefix(&attempt);
        prop_assert!(shown == "***" || (shown.len() <= 8 && shown.len() * 4 <= attempt.chars().count()));
    }
}
