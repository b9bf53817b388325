//! Stored models: the same to the last bit when they are sound, refused when they are not.

use credit_risk::stats::trees::{
    BoostingParams, GradientBoosting, RandomForest, Tree, TreeEnsemble,
};
use serde_json::{Value, json};

use crate::support::{Sample, never, one_tree, plain};

fn model() -> (Sample, GradientBoosting) {
    let sample = Sample::new(300, 1);
    let params = BoostingParams {
        rounds: 5,
        ..plain()
    };
    let fit = GradientBoosting::fit(&sample.binned(), &sample.events, None, &params, &never);
    (sample, fit.unwrap().model)
}

#[test]
fn a_stored_model_scores_the_same_to_the_last_bit() {
    let (sample, model) = model();
    let bytes = postcard::to_stdvec(&model).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    let from_bytes: GradientBoosting = postcard::from_bytes(&bytes).unwrap();
    let from_text: GradientBoosting = serde_json::from_str(&text).unwrap();
    for row in 0..300 {
        let row = sample.row(row);
        let bits = model.log_odds(&row).to_bits();
        assert_eq!(from_bytes.log_odds(&row).to_bits(), bits);
        assert_eq!(from_text.log_odds(&row).to_bits(), bits);
    }
    assert_eq!(from_bytes, model);
    assert_eq!(postcard::to_stdvec(&from_text).unwrap(), bytes);
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let (_, model) = model();
    let bytes = postcard::to_stdvec(&model).unwrap();
    for end in (0..bytes.len()).step_by(7) {
        assert!(postcard::from_bytes::<GradientBoosting>(&bytes[..end]).is_err());
    }
}

#[test]
fn any_flipped_byte_is_refused_or_scores() {
    let (sample, model) = model();
    let bytes = postcard::to_stdvec(&model).unwrap();
    let mut accepted = 0;
    for place in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[place] ^= 1 << (place % 8);
        if let Ok(model) = postcard::from_bytes::<GradientBoosting>(&broken) {
            assert!(model.log_odds(&sample.row(0)).is_finite());
            accepted += 1;
        }
    }
    assert!(accepted > 0 && accepted < bytes.len());
}

/// A stump, whose parts the tests spoil.
fn stump() -> Value {
    json!({
        "columns": [0, 0, 0], "left": [1, 0, 0], "values": [0.5, -1.0, 1.0],
        "missing_left": [true, false, false], "covers": [2.0, 1.0, 1.0], "sets": [],
    })
}

fn refused(pointer: &str, value: Value) -> bool {
    let mut tree = stump();
    *tree.pointer_mut(pointer).unwrap() = value;
    serde_json::from_value::<Tree>(tree).is_err()
}

#[test]
fn the_stump_itself_is_accepted() {
    let tree: Tree = serde_json::from_value(stump()).unwrap();
    assert_eq!(tree.leaf(&[0.5], &[]), 1);
    assert_eq!(serde_json::to_value(&tree).unwrap(), stump());
}

#[test]
fn a_tree_that_leads_nowhere_or_in_circles_is_refused() {
    assert!(refused("/left", json!([2, 0, 0])));
    assert!(refused("/left", json!([1, 1, 0])));
    assert!(refused("/left", json!([1, 0, 1])));
    assert!(refused("/left", json!([0, 0, 0])));
    assert!(refused("/left", json!([4_294_967_295_u32, 0, 0])));
    assert!(refused("/left", json!([1, 0])));
    assert!(refused("/covers", json!([2.0, 1.0])));
    assert!(refused("/covers/0", json!(-1.0)));
    assert!(refused("/values/1", json!(null)));
    assert!(refused("/sets", json!([[1, [0, 0, 0, 0, 0, 0, 0, 0]]])));
    assert!(refused("/sets", json!([[3, [0, 0, 0, 0, 0, 0, 0, 0]]])));
    // A child of two parents, and a circle beside the root.
    for left in [json!([1, 3, 3, 0, 0]), json!([0, 3, 0, 1, 0])] {
        let tree = json!({
            "columns": [0, 0, 0, 0, 0], "left": left, "values": [0.0, 0.0, 0.0, 0.0, 0.0],
            "missing_left": [false, false, false, false, false],
            "covers": [1.0, 1.0, 1.0, 1.0, 1.0], "sets": [],
        });
        assert!(serde_json::from_value::<Tree>(tree).is_err());
    }
    let empty = json!({
        "columns": [], "left": [], "values": [], "missing_left": [], "covers": [], "sets": [],
    });
    assert!(serde_json::from_value::<Tree>(empty).is_err());
}

#[test]
fn numbers_that_are_not_finite_are_refused_in_binary_too() {
    let (_, model) = model();
    let bytes = postcard::to_stdvec(&model).unwrap();
    let base = model.base().to_le_bytes();
    assert_eq!(bytes[..8], base);
    for bad in [f64::NAN, f64::INFINITY, 1e101] {
        let mut broken = bytes.clone();
        broken[..8].copy_from_slice(&bad.to_le_bytes());
        assert!(postcard::from_bytes::<GradientBoosting>(&broken).is_err());
    }
}

#[test]
fn a_split_must_suit_its_column() {
    let ensemble = |readings: Value| json!({"readings": readings, "trees": [stump()]});
    let boosted = |readings: Value, width: usize| {
        let model = json!({
            "base": 0.0, "ensemble": ensemble(readings),
            "gains": vec![1.0; width], "splits": vec![1; width],
        });
        serde_json::from_value::<GradientBoosting>(model)
    };
    assert!(boosted(json!(["numeric"]), 1).is_ok());
    assert!(boosted(json!(["numeric"]), 2).is_err());
    assert!(boosted(json!([]), 0).is_err());
    assert!(boosted(json!([{"categories": [0, 1]}]), 1).is_err());
    let mut by_categories = stump();
    by_categories["sets"] = json!([[0, [1, 0, 0, 0, 0, 0, 0, 0]]]);
    for (reading, fits) in [
        (json!({"categories": [0, 1]}), true),
        (json!("numeric"), false),
    ] {
        let ensemble = json!({"readings": [reading], "trees": [by_categories]});
        assert_eq!(
            serde_json::from_value::<TreeEnsemble>(ensemble).is_ok(),
            fits
        );
    }
}

#[test]
fn a_forest_of_no_trees_or_of_impossible_rates_is_refused() {
    let sample = Sample::new(100, 2);
    let fit = RandomForest::fit(&sample.binned(), &sample.events, None, &one_tree(), &never);
    let stored = serde_json::to_value(fit.unwrap().forest).unwrap();
    assert!(serde_json::from_value::<RandomForest>(stored.clone()).is_ok());
    let mut without = stored.clone();
    without["ensemble"]["trees"] = json!([]);
    assert!(serde_json::from_value::<RandomForest>(without).is_err());
    let mut impossible = stored;
    let values = impossible["ensemble"]["trees"][0]["values"]
        .as_array_mut()
        .unwrap();
    *values.last_mut().unwrap() = json!(1.5);
    assert!(serde_json::from_value::<RandomForest>(impossible).is_err());
}
