//! The bounds of every field of a plan, and which fields go together.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    BoostingPlan, CalibrationPlan, CheckedPlan, ForestPlan, MissingHandling, ModelType, Penalty,
    ShapleyPlan, TrainingPlan, characteristic::CharacteristicPlan,
};
use crate::{
    credit::{
        Fault,
        binning::{BinningParams, CheckedBinningParams, ParamFault},
        estimator::Estimator,
        fault::{Faults, pointer_token},
        pairs::CheckedPairParams,
        scorecard::{CardParams, ReasonMethod},
    },
    stats::Solver,
};

/// Collects what does not hold.
#[derive(Default)]
pub(super) struct Rules(Faults);

impl Rules {
    pub(super) fn rule(&mut self, holds: bool, pointer: &str, detail: &str) {
        if !holds {
            self.0.push(Fault::at(pointer, detail));
        }
    }

    /// A field that one kind of model knows alone.
    pub(super) fn only_for(&mut self, kind: &str, unused: bool, pointer: &str) {
        self.rule(unused, pointer, &format!("only a {kind} knows this field"));
    }
}

impl TrainingPlan {
    /// Checks every field.
    ///
    /// # Errors
    /// Every fault of the plan at once.
    pub fn check(self) -> Result<CheckedPlan, Vec<Fault>> {
        let mut rules = Rules::default();
        self.check_ranges(&mut rules);
        self.check_estimator(&mut rules);
        self.check_data(&mut rules);
        match self.model_type {
            ModelType::LogisticRegression => self.check_linear(&mut rules),
            ModelType::Scorecard => self.check_scorecard(&mut rules),
            ModelType::GradientBoosting | ModelType::Xgboost => self.check_boosting(&mut rules),
            ModelType::RandomForest => self.check_forest(&mut rules),
            ModelType::LinearRegression => self.check_number(&mut rules),
        }
        let Rules(mut faults) = rules;
        self.decision.check(&mut faults);
        self.reasons.check(&mut faults);
        self.evidence.check(&mut faults);
        let binning = self.check_binning(&mut faults);
        let pairs = self.check_pairs(&mut faults);
        faults.into_result()?;
        let estimator =
            Estimator::new(&self).map_err(|error| vec![Fault::at("", error.to_string())])?;
        let (binning, own_binning) = binning.ok_or_else(Vec::new)?;
        let seed = self.seed();
        Ok(CheckedPlan {
            plan: self,
            estimator,
            binning,
            own_binning,
            pairs,
            seed,
        })
    }

    fn check_ranges(&self, rules: &mut Rules) {
        let none_held_back = self.model_type.predicts_number() && self.test_size.abs() <= 0.0;
        rules.rule(
            none_held_back || (0.1..=0.5).contains(&self.test_size),
            "/test_size",
            "expected 0.1 to 0.5; of a linear regression also 0",
        );
        rules.rule(
            (2..=10).contains(&self.cv_folds),
            "/cv_folds",
            "expected 2 to 10",
        );
        rules.rule(
            (1e-6..=1e6).contains(&self.inverse_strength),
            "/C",
            "expected 1e-6 to 1e6",
        );
        rules.rule(
            (0.0..=1.0).contains(&self.l1_ratio),
            "/l1_ratio",
            "expected 0 to 1",
        );
        rules.rule(
            (1..=10_000).contains(&self.max_iterations),
            "/max_iterations",
            "expected 1 to 10000",
        );
        rules.rule(
            self.tolerance > 0.0 && self.tolerance <= 0.01,
            "/tolerance",
            "expected more than 0 and at most 0.01",
        );
        let rate = self.population_default_rate;
        rules.rule(
            rate.is_none_or(|rate| rate > 0.0 && rate < 1.0),
            "/population_default_rate",
            "expected more than 0 and less than 1",
        );
        rules.rule(
            rate.is_none() || self.calibration != CalibrationPlan::Isotonic,
            "/population_default_rate",
            "an isotonic calibration cannot be shifted; use platt or logistic",
        );
    }

    fn check_estimator(&self, rules: &mut Rules) {
        let plain = matches!(self.penalty, Penalty::L2 | Penalty::None);
        let newton = self.solver == Solver::Newton;
        rules.rule(plain || newton, "/solver", "only newton fits this penalty");
        rules.rule(
            self.signs.is_empty() || newton,
            "/solver",
            "only newton imposes signs",
        );
        rules.rule(
            self.signs.is_empty() || self.penalty != Penalty::Firth,
            "/signs",
            "signs cannot be imposed together with the firth penalty",
        );
        rules.rule(
            !(self.undersample && self.class_weight.is_some()),
            "/class_weight",
            "undersample and class_weight do the same; choose one",
        );
        rules.rule(
            newton || self.class_weight.is_none(),
            "/class_weight",
            "the lbfgs solver has no weights; use newton",
        );
        rules.rule(
            newton || self.sample_weight.is_none(),
            "/sample_weight",
            "the lbfgs solver has no weights; use newton",
        );
    }

    fn check_data(&self, rules: &mut Rules) {
        rules.rule(
            self.selected_features
                .as_ref()
                .is_none_or(|names| !names.is_empty()),
            "/selected_features",
            "expected at least one name, or null for all",
        );
        rules.rule(
            !matches!(self.event, Some(Value::Array(_) | Value::Object(_))),
            "/event",
            "expected a text, a number, true or false",
        );
        if let Some(target) = &self.target {
            rules.rule(
                !self.exclude.contains(target),
                "/exclude",
                "the target cannot be excluded",
            );
            rules.rule(
                self.sample_weight.as_ref() != Some(target),
                "/sample_weight",
                "the target is no weight",
            );
            rules.rule(
                self.out_of_time
                    .as_ref()
                    .is_none_or(|it| it.column != *target),
                "/out_of_time/column",
                "the target is no date",
            );
        }
        if let Some(Err(fault)) = self.out_of_time.as_ref().map(super::OutOfTimePlan::first) {
            rules.0.push(fault);
        }
    }

    /// What no kind of trees knows.
    fn check_trees(&self, rules: &mut Rules) {
        self.check_unbinned(rules, "trees know texts");
        let kind = "model with coefficients";
        let usual = Self::new(self.model_type);
        let (c, share) = (self.inverse_strength, self.l1_ratio);
        rules.only_for(kind, c.total_cmp(&usual.inverse_strength).is_eq(), "/C");
        rules.only_for(kind, self.penalty == usual.penalty, "/penalty");
        rules.only_for(kind, share.total_cmp(&usual.l1_ratio).is_eq(), "/l1_ratio");
        rules.only_for(kind, self.solver == usual.solver, "/solver");
        let steps = self.max_iterations == usual.max_iterations;
        rules.only_for(kind, steps, "/max_iterations");
        let tolerance = self.tolerance.total_cmp(&usual.tolerance).is_eq();
        rules.only_for(kind, tolerance, "/tolerance");
        rules.rule(
            self.missing != MissingHandling::Impute,
            "/missing",
            "trees send missing values to a side of their own: learned or accept",
        );
        rules.rule(
            self.reasons.method != ReasonMethod::MaxPointsLost,
            "/reasons/method",
            "trees have no best value of a characteristic; compare with an average",
        );
    }

    fn check_boosting(&self, rules: &mut Rules) {
        self.check_trees(rules);
        rules.only_for(
            "random forest",
            self.forest == ForestPlan::default(),
            "/forest",
        );
        self.boosting.check(&mut rules.0);
    }

    fn check_forest(&self, rules: &mut Rules) {
        self.check_trees(rules);
        let boosting = self.boosting == BoostingPlan::default();
        rules.only_for("gradient boosting", boosting, "/boosting");
        rules.rule(
            self.signs.is_empty(),
            "/signs",
            "a random forest takes no signs; gradient boosting does",
        );
        self.forest.check(&mut rules.0);
    }

    /// What models without trees do not know.
    fn check_treeless(&self, rules: &mut Rules) {
        let boosting = self.boosting == BoostingPlan::default();
        rules.only_for("gradient boosting", boosting, "/boosting");
        rules.only_for(
            "random forest",
            self.forest == ForestPlan::default(),
            "/forest",
        );
        rules.rule(
            self.reasons.shapley == ShapleyPlan::default(),
            "/reasons/shapley",
            "only trees know this field",
        );
    }

    /// What models without bins do not know; `known` is what they know instead.
    pub(super) fn check_unbinned(&self, rules: &mut Rules, known: &str) {
        let kind = "scorecard";
        rules.only_for(kind, self.binning == BinningParams::default(), "/binning");
        rules.only_for(kind, self.pairs.is_none(), "/pairs");
        rules.only_for(kind, self.points == CardParams::default(), "/points");
        for (name, plan) in &self.characteristics {
            let pointer = format!("/characteristics/{}", pointer_token(name));
            rules.rule(
                !plan.has_bins(),
                &pointer,
                &format!("only a scorecard has bins; {known}"),
            );
        }
    }

    fn check_linear(&self, rules: &mut Rules) {
        self.check_unbinned(rules, "a logistic regression knows texts");
        self.check_treeless(rules);
        rules.rule(
            self.missing != MissingHandling::Accept,
            "/missing",
            "a logistic regression knows learned and impute",
        );
    }

    fn check_scorecard(&self, rules: &mut Rules) {
        self.check_treeless(rules);
        rules.only_for("logistic regression", self.signs.is_empty(), "/signs");
        rules.rule(
            self.solver == Solver::Newton,
            "/solver",
            "a scorecard is fitted by newton",
        );
        rules.rule(
            self.pairs.is_none() || self.penalty != Penalty::Firth,
            "/pairs",
            "pairs need signs, which cannot be imposed together with the firth penalty",
        );
        rules.rule(
            self.missing != MissingHandling::Impute,
            "/missing",
            "a scorecard gives missing values a bin of their own: learned or accept",
        );
        if let Err(found) = self.points.scaling.check() {
            push_params("/points", found, &mut rules.0);
        }
    }

    fn check_pairs(&self, faults: &mut Faults) -> Option<CheckedPairParams> {
        match self.pairs?.check() {
            Ok(checked) => Some(checked),
            Err(found) => {
                push_params("/pairs", found, faults);
                None
            }
        }
    }

    /// The checked settings of binning: the common ones, and each characteristic's own.
    fn check_binning(
        &self,
        faults: &mut Faults,
    ) -> Option<(CheckedBinningParams, BTreeMap<String, CheckedBinningParams>)> {
        let common = match self.binning.check() {
            Ok(checked) => Some(checked),
            Err(found) => {
                push_params("/binning", found, faults);
                None
            }
        };
        let mut own = BTreeMap::new();
        for (name, plan) in &self.characteristics {
            let pointer = format!("/characteristics/{}", pointer_token(name));
            plan.check(&pointer, faults);
            // What is wrong with it has been said above.
            if let Ok(checked) = CharacteristicPlan::params(plan, &self.binning).check() {
                own.insert(name.clone(), checked);
            }
        }
        common.map(|common| (common, own))
    }
}

/// Adds settings out of range, which stand at `pointer` of the plan.
fn push_params(pointer: &str, found: Vec<ParamFault>, faults: &mut Faults) {
    for ParamFault { field, least, most } in found {
        let pointer = format!("{pointer}/{}", field.replace('.', "/"));
        faults.push(Fault::at(pointer, format!("expected {least} to {most}")));
    }
}
