//! Which columns a plan makes of the characteristics.

use super::{Encoding, Feature};
use crate::credit::{
    Fault,
    fault::Faults,
    schema::{Characteristic, Kind, MissingPolicy},
};

/// The columns that characteristics offer, or those of them that were selected.
///
/// # Errors
/// One fault per selected name that is neither a characteristic nor a column.
pub fn layout(
    characteristics: &[Characteristic],
    selected: Option<&[String]>,
) -> Result<Vec<Feature>, Vec<Fault>> {
    let every: Vec<Feature> = (0..characteristics.len())
        .flat_map(|at| columns_of(characteristics, at))
        .collect();
    let Some(selected) = selected else {
        return Ok(every
            .into_iter()
            .filter(|f| !is_reference(characteristics, f))
            .collect());
    };
    let mut wanted = vec![false; every.len()];
    let mut faults = Faults::default();
    for (index, name) in selected.iter().enumerate() {
        let mut known = false;
        for (feature, wanted) in every.iter().zip(&mut wanted) {
            let whole = characteristics[feature.characteristic].name == *name;
            if feature.name == *name || (whole && !is_reference(characteristics, feature)) {
                *wanted = true;
                known = true;
            }
        }
        if !known {
            let detail = "neither a characteristic of the data set nor one of its encoded features";
            faults.push(Fault::at(format!("/selected_features/{index}"), detail));
        }
    }
    faults.into_result()?;
    drop_redundant_references(characteristics, &every, &mut wanted);
    Ok(every
        .into_iter()
        .zip(wanted)
        .filter_map(|(f, wanted)| wanted.then_some(f))
        .collect())
}

/// All columns of a characteristic, the reference level included.
fn columns_of(characteristics: &[Characteristic], at: usize) -> Vec<Feature> {
    let Characteristic {
        name,
        kind,
        missing,
        missing_share,
    } = &characteristics[at];
    let feature = |name: String, encoding| Feature {
        name,
        characteristic: at,
        encoding,
    };
    let mut columns = Vec::new();
    match kind {
        Kind::Numeric {
            minimum, maximum, ..
        } => {
            if minimum < maximum {
                columns.push(feature(name.clone(), Encoding::Value { impute: f64::NAN }));
            }
        }
        Kind::Categorical { levels, .. } => {
            for (level, text) in (0_u32..).zip(levels) {
                columns.push(feature(format!("{name}_{text}"), Encoding::Level(level)));
            }
        }
    }
    if *missing == MissingPolicy::Learned && *missing_share > 0.0 {
        columns.push(feature(format!("{name}_missing"), Encoding::Gap));
    }
    columns
}

fn is_reference(characteristics: &[Characteristic], feature: &Feature) -> bool {
    match feature.encoding {
        Encoding::Level(level) => {
            characteristics[feature.characteristic].most_frequent_level() == Some(level as usize)
        }
        Encoding::Value { .. } | Encoding::Gap => false,
    }
}

/// With every column of a characteristic chosen, the reference says nothing new.
fn drop_redundant_references(
    characteristics: &[Characteristic],
    every: &[Feature],
    wanted: &mut [bool],
) {
    for at in 0..characteristics.len() {
        let own = |index: &usize| every[*index].characteristic == at;
        let indices: Vec<usize> = (0..every.len()).filter(own).collect();
        if indices.iter().all(|index| wanted[*index]) {
            for index in indices {
                wanted[index] = !is_reference(characteristics, &every[index]);
            }
        }
    }
}
