//! Names of models are safe as file names.

use credit_risk::model_store::ModelId;
use proptest::prelude::*;

fn is_id(text: &str) -> bool {
    text.parse::<ModelId>().is_ok()
}

#[test]
fn letters_digits_underscores_and_hyphens_make_a_name() {
    assert!(is_id("logistic_regression_test20_48f_7f46ac-B"));
}

#[test]
fn an_empty_text_is_no_name() {
    assert!(!is_id(""));
}

#[test]
fn a_name_has_at_most_128_characters() {
    assert!(is_id(&"x".repeat(128)));
    assert!(!is_id(&"x".repeat(129)));
}

#[test]
fn what_could_leave_the_folder_is_no_name() {
    for text in [
        "..",
        ".",
        "../one",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "a.model",
        "\0",
        "a\0b",
    ] {
        assert!(!is_id(text), "{text:?}");
    }
}

#[test]
fn what_looks_like_a_letter_is_no_name() {
    for text in ["modèle", "ｏｎｅ", "one ", " one", "one\n", "\u{202e}one"] {
        assert!(!is_id(text), "{text:?}");
    }
}

proptest! {
    #[test]
    fn every_name_is_one_plain_component_of_a_path(text in ".{0,140}") {
        if let Ok(id) = text.parse::<ModelId>() {
            let path = std::path::Path::new(id.as_str());
            let mut components = path.components();
            let first = components.next();
            prop_assert!(matches!(first, Some(std::path::Component::Normal(_))));
            prop_assert!(components.next().is_none());
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
