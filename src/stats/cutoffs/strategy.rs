//! Strategy curve: what every possible cut-off would have done.

use super::super::metrics::MetricError;
use super::super::metrics::steps::{Step, check, descending_steps};
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
    /// One per distinct score, highest first: what is declined from there up. A point is made of them
    /// when it is asked for, as there may be as many as there are rows.
    steps: Vec<Step>,
}

impl StrategyCurve {
    /// Curve of a score.
    ///
    /// # Errors
    /// [`MetricError`] for no rows, unequal lengths and scores that are not finite; one class is
    /// enough.
    pub fn new(scores: &[f64], events: &[bool]) -> Result<Self, MetricError> {
        check(scores, events)?;
        let steps = descending_steps(scores, events, None);
        Ok(Self { steps })
    }

    /// The points, thresholds ascending: from everybody declined to everybody approved.
    pub fn points(&self) -> impl ExactSizeIterator<Item = StrategyPoint> {
        (0..self.steps.len() + 1).map(|place| self.point(place))
    }

    /// The point at this place of the list; beyond its end, the last.
    fn point(&self, place: usize) -> StrategyPoint {
        let counts = |step: &Step| [step.true_positives as u64, step.false_positives as u64];
        let all = self.steps.last().map_or([0; 2], counts);
        let highest = self.steps.first().map_or(f64::NAN, |step| step.score);
        // Whoever approves everybody declines no step.
        let step = self.steps.len().checked_sub(place + 1);
        let (threshold, declined, below) = match step {
            Some(at) => {
                let step = &self.steps[at];
                let below = self.steps.get(at + 1).map(|next| next.score);
                (step.score, counts(step), below)
            }
            None => (highest.next_up(), [0; 2], Some(highest)),
        };
        StrategyPoint {
            threshold,
            highest_approved: below,
            approved_events: all[0] - declined[0],
            approved_non_events: all[1] - declined[1],
            declined_events: declined[0],
            declined_non_events: declined[1],
        }
    }

    /// The first point of which `before` does not hold, which is true of the first points only; the
    /// last if it holds of all.
    fn first_not(&self, before: impl Fn(&StrategyPoint) -> bool) -> StrategyPoint {
        let (mut low, mut high) = (0, self.steps.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(&self.point(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.point(low)
    }

    /// What a threshold does; one that is no score does what the next higher score does.
    ///
    /// `NaN` declines nobody, as no score reaches it.
    pub fn at(&self, threshold: f64) -> StrategyPoint {
        let is_lower = |point: &StrategyPoint| point.threshold < threshold || threshold.is_nan();
        let found = self.first_not(is_lower);
        StrategyPoint { threshold, ..found }
    }

    /// The first point that approves at least so many rows; the last if none does.
    pub fn approving_rows(&self, rows: u64) -> StrategyPoint {
        self.first_not(|point| point.approved() < rows)
    }

    /// At most `max_points` points, evenly spaced along the list, both ends kept.
    ///
    /// Meant for drawing: choose on the full curve. Less than two points is read as two.
    pub fn thinned(&self, max_points: usize) -> Vec<StrategyPoint> {
        let points = self.steps.len() + 1;
        let kept = max_points.max(2);
        if points <= kept {
            return self.points().collect();
        }
        let places = (0..kept).map(|i| i * (points - 1) / (kept - 1));
        places.map(|place| self.point(place)).collect()
    }

    /// Point of the least value; of several, the lowest threshold.
    pub(super) fn least(&self, value: impl Fn(&StrategyPoint) -> f64) -> StrategyPoint {
        let mut best = (f64::INFINITY, self.point(0));
        for point in self.points() {
            let value = value(&point);
            if value < best.0 {
                best = (value, point);
            }
        }
        best.1
    }

    /// First point that approves at least this share.
    pub(super) fn approving(&self, target: f64) -> StrategyPoint {
        self.first_not(|point| point.approval_rate() < target)
    }

    /// Last point at which at most this share of the approved are events.
    pub(super) fn below_bad_rate(&self, target: f64) -> Result<StrategyPoint, CutoffError> {
        let mut chosen = None;
        let mut lowest = f64::INFINITY;
        for point in self.points() {
            if let Some(bad_rate) = point.bad_rate_approved() {
                lowest = lowest.min(bad_rate);
                if bad_rate <= target {
                    chosen = Some(point);
                }
            }
        }
        chosen.ok_or(CutoffError::BadRateOutOfReach { lowest })
    }
}
