//! The tables of a card.

use super::{
    ModelCard, SampleSection,
    blocks::Table,
    figures::{
        NONE, area, name, number, number_or_none, p_value, percent, percent_or_none, rows,
        with_interval, word,
    },
};
use crate::credit::{
    evaluation::FoldMetrics,
    evidence::{Stability, StabilityBin},
    schema::{Characteristic, Kind},
    scorecard::export::{CardDocument, CharacteristicDocument, PairDocument},
};

fn table<const N: usize>(
    caption: impl Into<String>,
    header: [&'static str; N],
    words: usize,
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    Table {
        caption: caption.into(),
        header: header.to_vec(),
        words,
        rows: rows.into_iter().map(Vec::from).collect(),
    }
}

pub fn excluded(card: &ModelCard) -> Table {
    let rows = card.data.excluded.iter().map(|it| {
        let reason = word(&it.reason);
        [name(&it.characteristic), reason, name(&it.detail)]
    });
    let header = ["Characteristic", "Reason", "Detail"];
    table("Left out of the scorecard", header, 3, rows)
}

pub fn characteristics(card: &ModelCard) -> Table {
    let values = |it: &Characteristic| match &it.kind {
        Kind::Numeric {
            minimum,
            maximum,
            median,
        } => {
            let [minimum, median, maximum] =
                [minimum, median, maximum].map(|value| number(*value, 2));
            format!("{minimum} to {maximum}, median {median}")
        }
        Kind::Categorical { levels, .. } => format!("{} levels", levels.len()),
    };
    let rows = card.data.characteristics.iter().map(|it| {
        [
            name(&it.name),
            values(it),
            word(&it.missing),
            percent(it.missing_share),
        ]
    });
    let header = [
        "Characteristic",
        "Values",
        "Missing values",
        "Missing share",
    ];
    table("Characteristics of the data set", header, 3, rows)
}

pub fn bins(it: &CharacteristicDocument) -> Table {
    let caption = format!(
        "Information value {}, Gini {}, shape {}, coefficient {}",
        number(it.iv, 4),
        number(it.gini, 4),
        word(&it.shape),
        number(it.coefficient, 4)
    );
    let rows = it.bins.iter().map(|bin| {
        [
            name(&bin.label),
            number(bin.count, 0),
            percent(bin.share),
            percent_or_none(bin.bad_rate),
            number(bin.woe, 4),
            number(bin.iv, 4),
            bin.rounded_points.to_string(),
            number(bin.points, 2),
        ]
    });
    let header = [
        "Bin",
        "Rows",
        "Share",
        "Bad rate",
        "WOE",
        "IV",
        "Points",
        "Raw points",
    ];
    table(caption, header, 1, rows)
}

/// The cells of a term of two characteristics, each by the bins that lead to it.
pub fn pair(card: &CardDocument, it: &PairDocument) -> Table {
    let bins = |of: &str, groups: &[u32], group: usize| {
        let owner = card.characteristics.iter().find(|own| own.name == *of);
        let bins = owner.iter().flat_map(|own| &own.bins).zip(groups);
        let within = bins.filter(|(_, own)| **own as usize == group);
        let labels: Vec<String> = within.map(|(bin, _)| name(&bin.label)).collect();
        labels.join("; ")
    };
    let mut rows = Vec::new();
    for (first, cells) in it.cells.iter().enumerate() {
        for (second, cell) in cells.iter().enumerate() {
            rows.push([
                bins(&it.first, &it.first_groups, first),
                bins(&it.second, &it.second_groups, second),
                number(cell.log_odds, 4),
                cell.rounded_points.to_string(),
                number(cell.points, 2),
            ]);
        }
    }
    let header = ["First", "Second", "Log-odds", "Points", "Raw points"];
    let coefficient = number(it.coefficient, 4);
    table(format!("Coefficient {coefficient}"), header, 2, rows)
}

/// Share of each characteristic in what trees achieve, the largest first.
pub fn importance(card: &ModelCard) -> Table {
    let mut shares: Vec<(&String, &f64)> = card.feature_importance.iter().collect();
    shares.sort_by(|a, b| b.1.total_cmp(a.1));
    let rows = shares.into_iter();
    let rows = rows.map(|(feature, share)| [name(feature), percent(*share)]);
    table("Importance", ["Characteristic", "Share"], 1, rows)
}

pub fn coefficients(card: &ModelCard) -> Table {
    let checked = card.coefficients.iter();
    let checked = checked.map(|it| (&it.coefficient, it.sign));
    let intercept = card.intercept.iter().map(|it| (it, None));
    let rows = intercept.chain(checked);
    let rows = rows.map(|(it, sign)| {
        let interval = it.ci95.map_or_else(
            || NONE.to_owned(),
            |[low, high]| format!("{} to {}", number(low, 4), number(high, 4)),
        );
        let sign = sign.map_or(
            NONE,
            |sign| if sign.holds { "as required" } else { "wrong" },
        );
        [
            name(&it.feature),
            sign.to_owned(),
            number(it.coefficient, 4),
            number_or_none(it.std_error, 4),
            interval,
            it.p_value.map_or_else(|| NONE.to_owned(), p_value),
            number_or_none(it.vif, 2),
        ]
    });
    let header = [
        "Feature",
        "Sign",
        "Coefficient",
        "SE",
        "95% interval",
        "p",
        "VIF",
    ];
    table("Coefficients with their uncertainty", header, 2, rows)
}

pub fn performance(card: &ModelCard) -> Table {
    let rows = card.samples.iter().map(|it: &SampleSection| {
        let ks = it.ks.map(|ks| with_interval(ks.value, ks.bootstrap));
        [
            it.sample.clone(),
            rows(it.rows),
            rows(it.events),
            area(it.auc),
            area(it.gini),
            ks.unwrap_or_else(|| NONE.to_owned()),
            with_interval(it.brier.value, it.brier.bootstrap),
            with_interval(it.log_loss.value, it.log_loss.bootstrap),
            number_or_none(it.average_precision, 4),
        ]
    });
    let header = [
        "Sample",
        "Rows",
        "Bads",
        "AUC",
        "Gini",
        "KS",
        "Brier",
        "Log-loss",
        "Av. precision",
    ];
    table("By sample", header, 1, rows)
}

pub fn folds(card: &ModelCard) -> Table {
    let found = &card.cross_validation;
    let line = |label: String, size: [String; 2], it: &FoldMetrics| {
        let [of, bads] = size;
        let [auc, gini, ks, brier, loss] =
            [it.roc_auc, it.gini, it.ks, it.brier_score, it.log_loss].map(|it| number(it, 4));
        [label, of, bads, auc, gini, ks, brier, loss]
    };
    let none = || [String::new(), String::new()];
    let folds = found.folds.iter().map(|it| {
        let size = [rows(it.rows), rows(it.events)];
        line(it.fold.to_string(), size, &it.metrics)
    });
    let mean = line("Mean".to_owned(), none(), &found.mean);
    let spread = line("Standard deviation".to_owned(), none(), &found.spread);
    let header = [
        "Fold", "Rows", "Bads", "AUC", "Gini", "KS", "Brier", "Log-loss",
    ];
    let caption = "By fold of the cross-validation, before calibration";
    table(caption, header, 1, folds.chain([mean, spread]))
}

pub fn calibration(card: &ModelCard) -> Table {
    let rows = card.samples.iter().map(|it| {
        let found = &it.calibration;
        [
            it.sample.clone(),
            number_or_none(found.line.map(|line| line.slope), 4),
            number_or_none(found.line.map(|line| line.intercept), 4),
            number_or_none(found.in_the_large, 4),
            number_or_none(found.observed_to_expected, 4),
            number(found.expected_error, 4),
            number(found.maximum_error, 4),
            test(found.hosmer_lemeshow.map(|it| (it.statistic, it.p_value))),
            test(found.spiegelhalter.map(|it| (it.z, it.p_value))),
        ]
    });
    let header = [
        "Sample",
        "Slope",
        "Intercept",
        "In the large",
        "Observed / expected",
        "ECE",
        "MCE",
        "Hosmer-Lemeshow",
        "Spiegelhalter",
    ];
    table("Predicted against observed default rates", header, 1, rows)
}

/// A statistic and its p-value.
fn test(found: Option<(f64, f64)>) -> String {
    found.map_or_else(
        || NONE.to_owned(),
        |(statistic, p)| format!("{} (p {})", number(statistic, 2), p_value(p)),
    )
}

pub fn decisions(card: &ModelCard) -> Table {
    let rows = card.samples.iter().map(|it| {
        let at = &it.decisions;
        [
            it.sample.clone(),
            percent(at.approval_rate),
            percent_or_none(at.bad_rate_approved),
            percent_or_none(at.bad_rate_declined),
            rows(at.true_negatives),
            rows(at.false_negatives),
            rows(at.false_positives),
            rows(at.true_positives),
        ]
    });
    let header = [
        "Sample",
        "Approved",
        "Bad rate approved",
        "Bad rate declined",
        "Goods approved",
        "Bads approved",
        "Goods declined",
        "Bads declined",
    ];
    table("What the cut-off for declining does", header, 1, rows)
}

pub fn policies(card: &ModelCard) -> Table {
    let policies = card.policies.iter();
    let rows = policies.map(|it| [it.values.clone(), it.policy.clone()]);
    table("What is done with them", ["Values", "Policy"], 2, rows)
}

pub fn stability(sample: &str, found: &Stability) -> Table {
    let band = |it: &StabilityBin| match (it.low, it.high) {
        (None, None) => "all".to_owned(),
        (None, Some(high)) => format!("below {}", number(high, 4)),
        (Some(low), None) => format!("from {}", number(low, 4)),
        (Some(low), Some(high)) => format!("{} to {}", number(low, 4), number(high, 4)),
    };
    let rows = found.bins.iter().map(|it| {
        [
            band(it),
            rows(it.development_rows),
            percent(it.development_share),
            rows(it.other_rows),
            percent(it.other_share),
        ]
    });
    let header = ["Probability", "Training", "Share", "Sample", "Share"];
    table(
        format!("{sample} rows against training rows"),
        header,
        1,
        rows,
    )
}
