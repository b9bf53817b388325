//! Settings: ranges, faults and their form in JSON.

use credit_risk::credit::binning::{
    BinningParams, CategoryParams, LevelRules, NumericRules, Objective, Prebins, SplitCriterion,
    Trend,
};
use serde_json::json;

fn faults(params: BinningParams) -> Vec<&'static str> {
    let faults = params.check().unwrap_err();
    faults.iter().map(|fault| fault.field).collect()
}

#[test]
fn defaults_are_in_range() {
    assert!(BinningParams::default().check().is_ok());
}

#[test]
fn every_field_out_of_range_is_named_at_once() {
    let params = BinningParams {
        prebins: Prebins::Supervised {
            bins: 1,
            min_share: 0.6,
            criterion: SplitCriterion::Gini,
        },
        objective: Objective::PenalisedLikelihood { penalty: -0.1 },
        max_bins: 257,
        min_share: f64::NAN,
        min_goods: 2_000_000_000,
        min_bads: 2_000_000_000,
        categories: CategoryParams {
            smoothing: -1.0,
            rare_share: 0.51,
            ..CategoryParams::default()
        },
        ..BinningParams::default()
    };
    let expected = [
        "prebins.supervised.bins",
        "prebins.supervised.min_share",
        "objective.penalised_likelihood.penalty",
        "max_bins",
        "min_share",
        "min_goods",
        "min_bads",
        "categories.smoothing",
        "categories.rare_share",
    ];
    assert_eq!(faults(params), expected);
    let fault = params.check().unwrap_err()[3];
    assert_eq!(fault.to_string(), "max_bins must be between 2 and 256");
}

#[test]
fn quantiles_have_a_range_too() {
    let params = BinningParams {
        prebins: Prebins::Quantile { bins: 300 },
        ..BinningParams::default()
    };
    assert_eq!(faults(params), ["prebins.quantile.bins"]);
}

#[test]
fn settings_are_read_from_json_with_defaults_and_no_unknown_fields() {
    let read = |value| serde_json::from_value::<BinningParams>(value);
    let params = read(json!({
        "prebins": {"quantile": {"bins": 128}},
        "objective": {"penalised_likelihood": {"penalty": 0.5}},
        "trend": "none"
    }));
    let expected = BinningParams {
        prebins: Prebins::Quantile { bins: 128 },
        objective: Objective::PenalisedLikelihood { penalty: 0.5 },
        trend: Trend::None,
        ..BinningParams::default()
    };
    assert_eq!(params.unwrap(), expected);
    assert_eq!(read(json!({})).unwrap(), BinningParams::default());
    assert!(read(json!({"min_bin": 1})).is_err());
    assert!(read(json!({"categories": {"smooth": 1}})).is_err());
    assert!(read(json!({"prebins": {"quantile": {"bins": 9, "size": 1}}})).is_err());
    let written = serde_json::to_value(expected).unwrap();
    assert_eq!(read(written).unwrap(), expected);
}

#[test]
fn contradictory_rules_are_named() {
    let numeric = |value| {
        let rules: NumericRules = serde_json::from_value(value).unwrap();
        rules.check().unwrap_err().to_string()
    };
    assert!(numeric(json!({"breaks": [{"at": 2}, {"at": 2}]})).starts_with("breaks[1]"));
    let twice =
        json!({"special": [{"name": "a", "values": [0.0]}, {"name": "b", "values": [-0.0]}]});
    assert!(numeric(twice).starts_with("special[1]"));
    let many: Vec<_> = (0..256).map(|at| json!({"at": at})).collect();
    assert!(numeric(json!({"breaks": many})).contains("255"));
    let levels = |value| {
        let rules: LevelRules = serde_json::from_value(value).unwrap();
        rules.check().unwrap_err().to_string()
    };
    assert!(levels(json!({"groups": [["a"], ["b", "a"]]})).starts_with("groups[1]"));
    assert!(levels(json!({"groups": [[]]})).starts_with("groups[0]"));
    let special = json!({"special": [{"name": "s", "levels": ["a"]}], "groups": [["a"]]});
    assert!(levels(special).starts_with("groups[0]"));
}
