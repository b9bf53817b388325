//! Charts of a model's evidence, as SVG documents that need nothing else.
//!
//! Each chart is a function of plain figures that returns one document. What holds for all of them:
//!
//! * The document is valid XML without scripts, event handlers, fonts and references to anything
//!   outside. Names of characteristics, levels, samples and bands may come from anywhere: they are
//!   written as text, shortened where there is no room, with the whole name in a `<title>`.
//! * `<title>` and `<desc>` tell the figures in words, for those who do not see the drawing.
//! * It scales to the room it is given and follows the reader's light or dark colour scheme. Series
//!   differ by dashes or markers as well as by colours, which the colour-blind can tell apart.
//! * The same figures give the same bytes.
//! * A figure that is not finite, or beyond ±10¹⁵, is left out; a chart with nothing left to draw
//!   says so. Where there are more series, bands or bins than can be drawn, a note says how many
//!   are left out.

mod axis;
mod calibration;
pub(super) mod document;
mod frame;
mod ks;
mod legend;
pub(super) mod number;
mod palette;
mod path;
mod roc;
mod scale;
mod score_bands;
mod strategy;
pub(super) mod text;
mod woe;

pub use calibration::{CalibrationChart, CalibrationPoint, CalibrationSeries, calibration};
pub use ks::{KsChart, Measure, ks};
pub use roc::{RocChart, RocSeries, roc};
pub use score_bands::{ScoreBand, ScoreBandsChart, score_bands};
pub use strategy::{StrategyChart, StrategyMark, StrategyPoint, strategy};
pub use woe::{WoeBin, WoeBinKind, WoeChart, woe, woe_as};
