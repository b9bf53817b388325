//! A scorecard as a JSON document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BinKind, Card, CardParams, RoundingError};
use crate::credit::binning::{BinRow, Scale, Shape};

/// A whole scorecard; serialise it for the JSON export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardDocument)]
pub struct CardDocument {
    /// How log-odds are told in points.
    pub params: CardParams,
    /// Points for each unit of log-odds of a good outcome; negative if higher scores are riskier.
    pub factor: f64,
    /// Score at even odds.
    pub offset: f64,
    /// Log-odds of default where every weight of evidence is 0.
    pub intercept: f64,
    /// Points that every applicant has.
    pub base_points: BasePoints,
    /// Lowest raw score of any combination of bins.
    pub lowest_score: f64,
    /// Highest raw score of any combination of bins.
    pub highest_score: f64,
    /// How far rounding may move a score.
    pub rounding_error: RoundingError,
    /// The characteristics, in the order in which points are added.
    pub characteristics: Vec<CharacteristicDocument>,
    /// Terms of two characteristics, in the order in which their points are added, after those of
    /// the characteristics.
    pub pairs: Vec<PairDocument>,
}

/// Points that every applicant has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardBasePoints)]
pub struct BasePoints {
    /// As they come from the model.
    pub points: f64,
    /// Whole number.
    pub rounded_points: i32,
}

/// A characteristic: how the bin of a value is found, and what each bin is worth.
///
/// A number is first looked for among the codes; otherwise its bin is the number of breaks that it
/// is not less than. A level that is not listed has the bin of unseen ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardCharacteristic)]
pub struct CharacteristicDocument {
    /// Its name.
    pub name: String,
    /// Log-odds of default for each unit of weight of evidence.
    pub coefficient: f64,
    /// Information value, the sum over the bins.
    pub iv: f64,
    /// Gini coefficient of its weight of evidence alone, -1..=1.
    pub gini: f64,
    /// The shape that the bad rates of its ordinary bins follow.
    pub shape: Shape,
    /// Breaks between the ordinary bins, ascending; `None` if it has levels.
    pub breaks: Option<Vec<f64>>,
    /// Numbers that are codes.
    pub codes: Vec<CodeDocument>,
    /// Levels.
    pub levels: Vec<LevelDocument>,
    /// Bin of missing values.
    pub missing_bin: usize,
    /// Bin of every other level; `None` if it is numeric.
    pub unseen_bin: Option<usize>,
    /// Bins, in the order of their numbers, which count from 0.
    pub bins: Vec<BinDocument>,
}

/// A number that is a code.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardCode)]
pub struct CodeDocument {
    /// The code.
    pub value: f64,
    /// Its bin.
    pub bin: usize,
}

/// A level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardLevel)]
pub struct LevelDocument {
    /// The level.
    pub level: String,
    /// Its bin.
    pub bin: usize,
}

/// What a bin is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardBin)]
pub struct BinDocument {
    /// What it holds, for people to read.
    pub label: String,
    /// What sort of bin it is.
    pub kind: BinKind,
    /// Training rows, or their weight.
    pub count: f64,
    /// Share of all training rows, 0..=1.
    pub share: f64,
    /// Goods among them.
    pub goods: f64,
    /// Bads among them.
    pub bads: f64,
    /// Share of bads, 0..=1; `None` without rows.
    pub bad_rate: Option<f64>,
    /// Weight of evidence.
    pub woe: f64,
    /// Contribution to the information value, 0 or more.
    pub iv: f64,
    /// What it adds to the log-odds of default.
    pub log_odds: f64,
    /// Points as they come from the model.
    pub points: f64,
    /// Whole number of points.
    pub rounded_points: i32,
}

/// A term of two characteristics: the bins of their values have groups, and these a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardPair)]
pub struct PairDocument {
    /// Name of the first characteristic.
    pub first: String,
    /// Name of the second characteristic.
    pub second: String,
    /// What the log-odds of its model are multiplied with.
    pub coefficient: f64,
    /// Group of each bin of the first characteristic.
    pub first_groups: Vec<u32>,
    /// Group of each bin of the second characteristic.
    pub second_groups: Vec<u32>,
    /// Cells: one list for each group of the first, in it one cell for each group of the second.
    pub cells: Vec<Vec<PairCellDocument>>,
}

/// What a cell of a pair is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardPairCell)]
pub struct PairCellDocument {
    /// What it adds to the log-odds of default.
    pub log_odds: f64,
    /// Points as they come from the model.
    pub points: f64,
    /// Whole number of points.
    pub rounded_points: i32,
}

impl From<&Card> for CardDocument {
    fn from(card: &Card) -> Self {
        let (points, rounded_points) = card.base_points();
        let (lowest_score, highest_score) = card.bounds();
        Self {
            params: *card.params(),
            factor: card.line().factor,
            offset: card.line().offset,
            intercept: card.intercept(),
            base_points: BasePoints {
                points,
                rounded_points,
            },
            lowest_score,
            highest_score,
            rounding_error: card.rounding_error(),
            characteristics: (0..card.entries().len())
                .map(|at| characteristic(card, at))
                .collect(),
            pairs: (0..card.pairs().len()).map(|at| pair(card, at)).collect(),
        }
    }
}

fn characteristic(card: &Card, at: usize) -> CharacteristicDocument {
    let entry = &card.entries()[at];
    let mut document = CharacteristicDocument {
        name: entry.name.clone(),
        coefficient: entry.coefficient,
        iv: entry.binning.table().totals.iv,
        gini: entry.binning.table().gini(),
        shape: entry.binning.shape(),
        breaks: None,
        codes: Vec::new(),
        levels: Vec::new(),
        missing_bin: entry.binning.bin_of_missing(),
        unseen_bin: None,
        bins: bins(card, at),
    };
    match entry.binning.scale() {
        Scale::Numeric { breaks, special } => {
            let code = |&(value, bin): &(f64, u32)| CodeDocument {
                value,
                bin: bin as usize,
            };
            document.breaks = Some(breaks.clone());
            document.codes = special.iter().map(code).collect();
        }
        Scale::Levels { bins, unseen } => {
            let level = |(level, bin): &(String, u32)| LevelDocument {
                level: level.clone(),
                bin: *bin as usize,
            };
            document.levels = bins.iter().map(level).collect();
            document.unseen_bin = Some(*unseen as usize);
        }
    }
    document
}

fn bins(card: &Card, at: usize) -> Vec<BinDocument> {
    let rows = card.entries()[at].binning.table().rows.iter();
    let worth = card
        .log_odds(at)
        .zip(card.points(at))
        .zip(card.rounded_points(at));
    let kinds = &card.kinds()[card.range(at)];
    let bin =
        |((row, &kind), ((log_odds, points), rounded_points)): ((&BinRow, _), _)| BinDocument {
            label: row.label.to_string(),
            kind,
            count: row.count,
            share: row.share,
            goods: row.goods,
            bads: row.bads,
            bad_rate: row.bad_rate,
            woe: row.woe,
            iv: row.iv,
            log_odds,
            points,
            rounded_points,
        };
    rows.zip(kinds).zip(worth).map(bin).collect()
}

fn pair(card: &Card, at: usize) -> PairDocument {
    let pair = &card.pairs()[at];
    let name = |of: u32| card.entries()[of as usize].name.clone();
    let (_, width) = pair.groups();
    let worth = card
        .pair_log_odds(at)
        .zip(card.pair_points(at))
        .zip(card.pair_rounded_points(at));
    let cells: Vec<PairCellDocument> = worth
        .map(|((log_odds, points), rounded_points)| PairCellDocument {
            log_odds,
            points,
            rounded_points,
        })
        .collect();
    PairDocument {
        first: name(pair.first),
        second: name(pair.second),
        coefficient: pair.coefficient,
        first_groups: pair.groups_first.clone(),
        second_groups: pair.groups_second.clone(),
        cells: cells.chunks(width).map(<[_]>::to_vec).collect(),
    }
}
