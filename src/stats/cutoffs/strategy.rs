//! Strategy curve: what every possible cut-off would have done.

use super::super::metrics::MetricError;
use super::super::metrics::steps::{check, descending_steps};
use super::CutoffError;

/// Decisions and outcomes at one cut-off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrategyPoint {
    /// Score from which rows are declined.
    ///
    /// To approve everybody it is the next number above the highest score (infinite only above
    /// `f64::MAX`).
    pub threshold: f64,
    /// Highest score that is approved; `None` when nobody is.
    pub highest_approved: Option<f64>,
    /// Events among the approved.
    pub approved_events: u64,
    /// Non-events among the approved.
    pub approved_non_events: u64,
    /// Events among the declined.
    pub declined_events: u64,
    /// Non-events among the declined.
    pub declined_non_events: u64,
}

impl StrategyPoint {
    /// Rows approved.
    pub fn approved(&self) -> u64 {
        self.approved_events + self.approved_non_events
    }

    /// Rows declined.
    pub fn declined(&self) -> u64 {
        self.declined_events + self.declined_non_events
    }

    /// Share of the rows that is approved.
    pub fn approval_rate(&self) -> f64 {
        self.approved() as f64 / (self.approved() + self.declined()) as f64
    }

    /// Share of events among the approved; `None` when nobody is approved.
    pub fn bad_rate_approved(&self) -> Option<f64> {
        share(self.approved_events, self.approved())
    }

    /// Share of events among the declined; `None` when nobody is declined.
    pub fn bad_rate_declined(&self) -> Option<f64> {
        share(self.declined_events, self.declined())
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A point for every distinct score, and one that approves everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyCurve {
    points: Vec<StrategyPoint>,
}

impl StrategyCurve {
    /// Curve of a score.
    ///
    /// # Errors
    /// [`MetricError`] for no rows, unequal lengths and scores that are not finite.
    pub fn new(scores: &[f64], events: &[bool]) -> Result<Self, MetricError> {
        check(scores, events)?;
        // From the highest score down: all that was met so far is declined.
        let steps: Vec<(f64, u64, u64)> = descending_steps(scores, events, None)
            .iter()
            .map(|step| {
                (
                    step.score,
                    step.true_positives as u64,
                    step.false_positives as u64,
                )
            })
            .collect();
        let (_, all_events, all_non_events) = steps[steps.len() - 1];
        let mut points = vec![StrategyPoint {
            threshold: steps[0].0.next_up(),
            highest_approved: Some(steps[0].0),
            approved_events: all_events,
            approved_non_events: all_non_events,
            declined_events: 0,
            declined_non_events: 0,
        }];
        for (i, (score, declined_events, declined_non_events)) in steps.iter().enumerate() {
            points.push(StrategyPoint {
                threshold: *score,
                highest_approved: steps.get(i + 1).map(|next| next.0),
                approved_events: all_events - declined_events,
                approved_non_events: all_non_events - declined_non_events,
                declined_events: *declined_events,
                declined_non_events: *declined_non_events,
            });
        }
        points.reverse();
        Ok(Self { points })
    }

    /// The points, thresholds ascending: from everybody declined to everybody approved.
    pub fn points(&self) -> &[StrategyPoint] {
        &self.points
    }

    /// What a threshold does; one that is no score does what the next higher score does.
    ///
    /// `NaN` declines nobody, as no score reaches it.
    pub fn at(&self, threshold: f64) -> StrategyPoint {
        let last = self.points.len() - 1;
        let place = if threshold.is_nan() {
            last
        } else {
            let lower = |point: &StrategyPoint| point.threshold < threshold;
            self.points.partition_point(lower).min(last)
        };
        StrategyPoint {
            threshold,
            ..self.points[place]
        }
    }

    /// At most `max_points` points, evenly spaced along the list, both ends kept.
    ///
    /// Meant for drawing: choose on the full curve. Less than two points is read as two.
    pub fn thinned(&self, max_points: usize) -> Self {
        let points = self.points.len();
        let kept = max_points.max(2);
        if points <= kept {
            return self.clone();
        }
        let places = (0..kept).map(|i| i * (points - 1) / (kept - 1));
        Self {
            points: places.map(|place| self.points[place]).collect(),
        }
    }

    /// Point of the least value; of several, the lowest threshold.
    pub(super) fn least(&self, value: impl Fn(&StrategyPoint) -> f64) -> StrategyPoint {
        let mut best = (f64::INFINITY, self.points[0]);
        for point in &self.points {
            let value = value(point);
            if value < best.0 {
                best = (value, *point);
            }
        }
        best.1
    }

    /// First point that approves at least this share.
    pub(super) fn approving(&self, target: f64) -> StrategyPoint {
        let too_few = |point: &StrategyPoint| point.approval_rate() < target;
        let last = self.points.len() - 1;
        self.points[self.points.partition_point(too_few).min(last)]
    }

    /// Last point at which at most this share of the approved are events.
    pub(super) fn below_bad_rate(&self, target: f64) -> Result<StrategyPoint, CutoffError> {
        let mut chosen = None;
        let mut lowest = f64::INFINITY;
        for point in &self.points {
            if let Some(bad_rate) = point.bad_rate_approved() {
                lowest = lowest.min(bad_rate);
                if bad_rate <= target {
                    chosen = Some(*point);
                }
            }
        }
        chosen.ok_or(CutoffError::BadRateOutOfReach { lowest })
    }
}
