//! The gains table: bads, lift and Kolmogorov-Smirnov distance band by band.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stats::{Band, GainsTable};

/// A band of rows; cumulative numbers run from the riskiest row to the end of the band.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceGainsBand)]
pub struct GainsBand {
    /// Number of the band, from 1 for the riskiest.
    pub band: u32,
    /// Lowest probability in the band.
    pub low: f64,
    /// Highest probability in the band.
    pub high: f64,
    /// Rows in the band.
    pub rows: u64,
    /// Goods among them.
    pub goods: u64,
    /// Bads among them.
    pub bads: u64,
    /// Share of bads in the band.
    pub bad_rate: f64,
    /// Share of all rows up to here.
    pub cumulative_rows: f64,
    /// Share of all goods up to here.
    pub cumulative_goods: f64,
    /// Share of all bads up to here (gain, capture rate).
    pub cumulative_bads: f64,
    /// Distance of the two cumulative shares.
    pub ks: f64,
    /// Bad rate of the band over that of all rows.
    pub lift: f64,
    /// Bad rate up to here over that of all rows.
    pub cumulative_lift: f64,
}

/// The table of checked probabilities; `None` for a sample of one class.
pub(super) fn gains(p: &[f64], events: &[bool], bands: usize) -> Option<Vec<GainsBand>> {
    let table = GainsTable::by_count(p, events, bands).ok()?;
    // A band by count holds a row and is bounded, so that none of its numbers is missing.
    (1..).zip(&table.bands).map(GainsBand::of).collect()
}

impl GainsBand {
    fn of((number, band): (u32, &Band)) -> Option<Self> {
        Some(Self {
            band: number,
            low: band.low?,
            high: band.high?,
            rows: band.count,
            goods: band.non_events,
            bads: band.events,
            bad_rate: band.event_rate?,
            cumulative_rows: band.cumulative_count,
            cumulative_goods: band.cumulative_non_events,
            cumulative_bads: band.cumulative_events,
            ks: band.ks,
            lift: band.lift?,
            cumulative_lift: band.cumulative_lift?,
        })
    }
}
