//! Random forests and boosted trees on characteristics as they are.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Estimate, Fitted, Task, sample::Sample};
use crate::{
    credit::{
        Fault, LoanBook, ModelType, TrainingError,
        fault::Faults,
        inputs::Values,
        model::{ModelForm, Trees, TreesModel},
        plan::{BoostingPlan, ForestPlan},
        schema::Kind,
    },
    stats::{
        LogOddsLine, Roc, log_loss,
        trees::{
            BinnedColumns, BoostingFit, ForestFit, GradientBoosting, Monotone, RandomForest,
            TreeColumn, TreeEnsemble,
        },
    },
};

/// Grows trees on the characteristics of a plan.
pub(in crate::credit) struct TreesLearner {
    /// Positions in the schema.
    positions: Vec<usize>,
    monotone: Vec<Monotone>,
    interactions: Vec<Vec<u32>>,
}

/// What trees were grown, and how.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct TreesSummary {
    /// Number of trees that have a split.
    pub trees: u64,
    /// Leaves of all of them.
    pub leaves: u64,
    /// Splits on the longest way from a root to a leaf.
    pub depth: u64,
    /// How boosted trees were grown, nothing absent but limits.
    pub boosting: Option<BoostingPlan>,
    /// How a forest was grown.
    pub forest: Option<ForestPlan>,
    /// How the number of boosted trees was chosen; none when it was laid down.
    pub stopping: Option<StoppingSummary>,
    /// How the forest fares on the rows that each tree did not see.
    pub out_of_bag: Option<OutOfBag>,
}

/// How the number of boosted trees was chosen.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct StoppingSummary {
    /// Trees tried.
    pub rounds_tried: u64,
    /// Trees at which the mean log-loss on rows held out was least.
    pub best_rounds: u64,
    /// That log-loss.
    pub log_loss: f64,
    /// The same without any tree.
    pub log_loss_without: f64,
}

/// How a forest fares on rows out of bag, each scored by the trees that did not see it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct OutOfBag {
    /// Rows that some tree did not see.
    pub rows: u64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: f64,
}

impl TreesLearner {
    pub(super) fn new(task: &Task<'_>) -> Result<Self, Vec<Fault>> {
        let (schema, plan) = (task.book.schema(), task.plan.plan());
        let mut faults = Faults::default();
        let mut positions: Vec<usize> = (0..schema.characteristics.len()).collect();
        if let Some(selected) = &plan.selected_features {
            positions.clear();
            for (index, name) in selected.iter().enumerate() {
                match schema.position(name) {
                    Some(position) => positions.push(position),
                    None => faults.push(Fault::at(
                        format!("/selected_features/{index}"),
                        "no characteristic of the data set; trees take them whole",
                    )),
                }
            }
            positions.sort_unstable();
            positions.dedup();
        }
        let monotone = plan.monotone(schema, &positions, &mut faults);
        let interactions = plan.boosting.interactions(schema, &positions, &mut faults);
        faults.into_result()?;
        Ok(Self {
            positions,
            monotone,
            interactions,
        })
    }

    pub(super) fn fit(&self, task: &Task<'_>, rows: &[usize]) -> Result<Fitted, TrainingError> {
        let sample = Sample::draw(task, rows);
        let columns = self.columns(task.book, &sample.rows)?;
        let (trees, summary) = match task.plan.plan().model_type {
            ModelType::RandomForest => grow_forest(task, &columns, &sample)?,
            _ => self.boost(task, &columns, &sample)?,
        };
        let line = LogOddsLine::new(-sample.excess_log_odds, 1.0);
        let known = &task.book.schema().characteristics;
        let names = self.positions.iter().map(|at| known[*at].name.clone());
        Ok(Fitted {
            estimate: Estimate::Trees {
                importance: names.zip(trees.importances()).collect(),
                summary,
            },
            form: ModelForm::Trees(TreesModel {
                trees,
                positions: self.positions.iter().map(|at| *at as u32).collect(),
                line: line.map_err(|_| TrainingError::NothingToTell)?,
            }),
            excluded: Vec::new(),
        })
    }

    fn boost(
        &self,
        task: &Task<'_>,
        columns: &BinnedColumns,
        sample: &Sample,
    ) -> Result<(Trees, TreesSummary), TrainingError> {
        let (plan, rows) = (&task.plan.plan().boosting, sample.rows.len());
        let mut params = plan.params(rows, task.plan.seed());
        params.monotone.clone_from(&self.monotone);
        params.interactions.clone_from(&self.interactions);
        let weights = sample.weights.as_deref();
        let BoostingFit {
            model,
            validation_losses: losses,
            best_rounds,
        } = GradientBoosting::fit(columns, &sample.events, weights, &params, task.cancelled)?;
        let best = losses.get(best_rounds as usize);
        let stopping = best
            .zip(losses.first())
            .map(|(best, first)| StoppingSummary {
                rounds_tried: losses.len() as u64 - 1,
                best_rounds: u64::from(best_rounds),
                log_loss: *best,
                log_loss_without: *first,
            });
        let summary = TreesSummary {
            boosting: Some(plan.filled(rows)),
            stopping,
            ..TreesSummary::of(model.ensemble())
        };
        Ok((Trees::Boosting(model), summary))
    }

    /// The characteristics of `rows`, cut into bins.
    fn columns(&self, book: &LoanBook, rows: &[usize]) -> Result<BinnedColumns, TrainingError> {
        let cells = self.positions.iter().map(|at| match book.values(*at) {
            Values::Numeric(values) => {
                let numbers = rows.iter().map(|row| values[*row]);
                Values::Numeric(Arc::new(numbers.collect()))
            }
            Values::Categorical(codes) => {
                Values::Categorical(rows.iter().map(|row| codes[*row]).collect())
            }
        });
        let cells: Vec<Values> = cells.collect();
        let known = &book.schema().characteristics;
        let columns = cells.iter().zip(&self.positions).map(|(cells, at)| {
            let levels = match &known[*at].kind {
                Kind::Numeric { .. } => 0,
                Kind::Categorical { levels, .. } => levels.len() as u32,
            };
            match cells {
                Values::Numeric(values) => TreeColumn::Numeric(values),
                // A book's code of no value is that of the trees.
                Values::Categorical(codes) => TreeColumn::Categories { codes, levels },
            }
        });
        let columns: Vec<TreeColumn<'_>> = columns.collect();
        Ok(BinnedColumns::new(&columns)?)
    }
}

fn grow_forest(
    task: &Task<'_>,
    columns: &BinnedColumns,
    sample: &Sample,
) -> Result<(Trees, TreesSummary), TrainingError> {
    let plan = &task.plan.plan().forest;
    let params = plan.params(task.plan.seed());
    let weights = sample.weights.as_deref();
    let ForestFit { forest, out_of_bag } =
        RandomForest::fit(columns, &sample.events, weights, &params, task.cancelled)?;
    let summary = TreesSummary {
        forest: Some(plan.clone()),
        out_of_bag: OutOfBag::measure(&out_of_bag, &sample.events),
        ..TreesSummary::of(forest.ensemble())
    };
    Ok((Trees::Forest(forest), summary))
}

impl TreesSummary {
    fn of(ensemble: &TreeEnsemble) -> Self {
        let trees = ensemble.trees().iter();
        Self {
            trees: trees.clone().filter(|tree| tree.leaves() > 1).count() as u64,
            leaves: trees.clone().map(|tree| tree.leaves() as u64).sum(),
            depth: trees.map(|tree| tree.depth() as u64).max().unwrap_or(0),
            boosting: None,
            forest: None,
            stopping: None,
            out_of_bag: None,
        }
    }
}

impl OutOfBag {
    /// None where the rows that some tree did not see are of one class.
    fn measure(probabilities: &[Option<f64>], events: &[bool]) -> Option<Self> {
        let rows = probabilities.iter().zip(events);
        let seen = rows.filter_map(|(probability, event)| Some(((*probability)?, *event)));
        let (probabilities, events): (Vec<f64>, Vec<bool>) = seen.unzip();
        Some(Self {
            rows: events.len() as u64,
            roc_auc: Roc::new(&probabilities, &events).ok()?.auc(),
            log_loss: log_loss(&probabilities, &events).ok()?,
        })
    }
}
