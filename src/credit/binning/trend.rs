//! The shape that bad rates must follow from bin to bin.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is asked of the bad rates of the clean bins, in the order of the values.
///
/// Equal neighbouring rates follow every trend. Weight of evidence runs the other way. Levels have
/// no order of their own, so that the trend does not bear on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BinningTrend)]
pub enum Trend {
    /// Never falls.
    Ascending,
    /// Never rises.
    Descending,
    /// The better of ascending and descending.
    Monotone,
    /// Rises, then falls; either part may be a single bin.
    Peak,
    /// Falls, then rises; either part may be a single bin.
    Valley,
    /// Anything.
    None,
    /// The best of ascending, descending, peak and valley, a turning point charged for.
    ///
    /// A peak or valley is taken only if it adds more than `ln n` (two parameters, the turn's place
    /// and height, at ½ ln n each) to the log-likelihood; in terms of information value, whose
    /// expectation grows by `n / (goods × bads)` for each needless parameter while twice the
    /// log-likelihood grows by 1, that is `2 ln n × n / (goods × bads)`. Where no monotone partition
    /// keeps to the minimum sizes, nothing is charged.
    #[default]
    Auto,
}

/// The shape that bad rates were found to have or made to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BinningShape)]
pub enum Shape {
    /// Bad rates never fall.
    Ascending,
    /// Bad rates never rise.
    Descending,
    /// Bad rates rise, then fall.
    Peak,
    /// Bad rates fall, then rise.
    Valley,
    /// Bad rates turn more than once.
    Irregular,
    /// There is but one clean bin, or none, or all have the same bad rate.
    Flat,
}

impl Trend {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
            Self::Monotone => "monotone",
            Self::Peak => "peak",
            Self::Valley => "valley",
            Self::None => "none",
            Self::Auto => "auto",
        }
    }
}

impl Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Shape {
    /// The shape of `rates`, in order.
    pub fn of(rates: &[f64]) -> Self {
        let mut rises = Vec::new();
        for pair in rates.windows(2) {
            let up = pair[1] > pair[0];
            if (up || pair[1] < pair[0]) && rises.last() != Some(&up) {
                rises.push(up);
            }
        }
        match rises[..] {
            [] => Self::Flat,
            [true] => Self::Ascending,
            [false] => Self::Descending,
            [true, false] => Self::Peak,
            [false, true] => Self::Valley,
            _ => Self::Irregular,
        }
    }

    /// Whether a sequence of this shape follows `trend`.
    pub fn follows(self, trend: Trend) -> bool {
        match trend {
            Trend::None => true,
            _ if self == Self::Flat => true,
            Trend::Auto => self != Self::Irregular,
            Trend::Ascending => self == Self::Ascending,
            Trend::Descending => self == Self::Descending,
            Trend::Monotone => matches!(self, Self::Ascending | Self::Descending),
            Trend::Peak => matches!(self, Self::Ascending | Self::Descending | Self::Peak),
            Trend::Valley => matches!(self, Self::Ascending | Self::Descending | Self::Valley),
        }
    }
}
