//! Looks for what is unusual about an application.

use super::{Flag, FlagKind, ModelBody, ModelForm};
use crate::credit::{
    schema::{Characteristic, Kind},
    scorecard::{BinKind, Card},
    value::Value,
};

/// What is usual of each characteristic, and what each bin of a scorecard says.
#[derive(Debug)]
pub(in crate::credit) struct Watch {
    /// In the order of the schema.
    watched: Vec<Watched>,
    /// What the bins are flagged as, one characteristic of the card after the other.
    flags: Vec<Option<FlagKind>>,
}

/// What is usual of one characteristic.
#[derive(Clone, Copy, Debug)]
struct Watched {
    minimum: f64,
    maximum: f64,
    binned: Option<Binned>,
}

/// Where the bins of a characteristic are.
#[derive(Clone, Copy, Debug)]
struct Binned {
    /// Position among the card's characteristics.
    entry: u32,
    /// Position of its first bin among the flags.
    start: u32,
}

impl Watch {
    /// `body.form` must fit to its schema.
    pub(super) fn new(body: &ModelBody) -> Self {
        let mut watch = Self::of(&body.schema.characteristics);
        if let ModelForm::Scorecard(model) = &body.form {
            for (entry, position) in (0_u32..).zip(&model.positions) {
                watch.watched[*position as usize].binned = Some(Binned {
                    entry,
                    start: watch.flags.len() as u32,
                });
                watch.flags.extend(bin_flags(&model.card, entry as usize));
            }
        }
        watch
    }

    /// Looks at the values of these characteristics alone, which have no bins.
    pub(in crate::credit) fn of(characteristics: &[Characteristic]) -> Self {
        Self {
            watched: characteristics.iter().map(Watched::new).collect(),
            flags: Vec::new(),
        }
    }

    /// What is unusual about `row`; `bins` are those of a scorecard's characteristics.
    pub(in crate::credit) fn flags(&self, row: &[Value], bins: &[u32]) -> Vec<Flag> {
        let mut flags = Vec::new();
        for (characteristic, (value, watched)) in row.iter().zip(&self.watched).enumerate() {
            let kind = match *value {
                Value::Missing => Some(FlagKind::Missing),
                Value::Unseen => Some(FlagKind::Unseen),
                Value::Unused => None,
                Value::Level(_) => self.of_bin(watched, bins),
                Value::Number(number) => {
                    let outside = number < watched.minimum || number > watched.maximum;
                    let outside = outside.then_some(FlagKind::OutOfRange);
                    self.of_bin(watched, bins).or(outside)
                }
            };
            if let Some(kind) = kind {
                flags.push(Flag {
                    characteristic,
                    kind,
                });
            }
        }
        flags
    }

    /// What the bin says that a value fell into.
    fn of_bin(&self, watched: &Watched, bins: &[u32]) -> Option<FlagKind> {
        let Binned { entry, start } = watched.binned?;
        let bin = bins.get(entry as usize)?;
        *self.flags.get((start + bin) as usize)?
    }
}

impl Watched {
    fn new(characteristic: &Characteristic) -> Self {
        let (minimum, maximum) = match characteristic.kind {
            Kind::Numeric {
                minimum, maximum, ..
            } => (minimum, maximum),
            Kind::Categorical { .. } => (f64::NEG_INFINITY, f64::INFINITY),
        };
        Self {
            minimum,
            maximum,
            binned: None,
        }
    }
}

fn bin_flags(card: &Card, entry: usize) -> impl Iterator<Item = Option<FlagKind>> {
    let kinds = (0..).map_while(move |bin| card.kind(entry, bin));
    kinds.map(|kind| match kind {
        BinKind::Special => Some(FlagKind::Special),
        BinKind::Unseen => Some(FlagKind::Unseen),
        BinKind::Clean | BinKind::Missing => None,
    })
}
