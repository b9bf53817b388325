//! What a plan of a model that predicts a number may ask for.

use super::{
    BoostingPlan, CalibrationPlan, DecisionPlan, EvidencePlan, ForestPlan, MissingHandling,
    ReasonPlan, TrainingPlan, checks::Rules,
};

impl TrainingPlan {
    /// Refuses what is about default, and every choice that least squares do not have.
    pub(super) fn check_number(&self, rules: &mut Rules) {
        rules.rule(
            self.target.is_some(),
            "/target",
            "a linear regression needs the name of the column of numbers that it predicts",
        );
        rules.rule(
            self.missing != MissingHandling::Accept,
            "/missing",
            "a linear regression knows learned and impute",
        );
        self.check_unbinned(rules, "a linear regression has coefficients");
        let kind = "model of default";
        let usual = Self::new(self.model_type);
        for (unused, pointer) in [
            (self.event.is_none(), "/event"),
            (!self.undersample, "/undersample"),
            (self.class_weight.is_none(), "/class_weight"),
            (self.decision == DecisionPlan::default(), "/decision"),
            (self.reasons == ReasonPlan::default(), "/reasons"),
            (self.evidence == EvidencePlan::default(), "/evidence"),
            (
                self.calibration == CalibrationPlan::default(),
                "/calibration",
            ),
            (
                self.population_default_rate.is_none(),
                "/population_default_rate",
            ),
            (self.characteristics.is_empty(), "/characteristics"),
            (self.boosting == BoostingPlan::default(), "/boosting"),
            (self.forest == ForestPlan::default(), "/forest"),
            (self.signs.is_empty(), "/signs"),
            (self.penalty == usual.penalty, "/penalty"),
            (self.solver == usual.solver, "/solver"),
            (
                self.max_iterations == usual.max_iterations,
                "/max_iterations",
            ),
            (same(self.inverse_strength, usual.inverse_strength), "/C"),
            (same(self.l1_ratio, usual.l1_ratio), "/l1_ratio"),
            (same(self.tolerance, usual.tolerance), "/tolerance"),
        ] {
            rules.only_for(kind, unused, pointer);
        }
    }
}

fn same(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq()
}
