//! Answers, written for people.

use serde_json::Value;

use crate::Result;

/// Prints what a training found.
pub fn training(result: &Value) {
    let metrics = &result["metrics"];
    let (data, folds) = (&result["data"], &metrics["cross_validation"]);
    println!("Model {}", text(&result["model_id"]));
    println!(
        "  {} applications, {:.1} % defaulted; trained on {}, tested on {}",
        data["rows"],
        number(&data["event_rate"]) * 100.0,
        data["train_rows"],
        data["test_rows"]
    );
    println!(
        "  {}-fold AUC        {:.4} ± {:.4}   (Gini {:.4}, KS {:.4}, log-loss {:.4})",
        folds["n_folds"],
        number(&folds["mean"]["roc_auc"]),
        number(&folds["spread"]["roc_auc"]),
        number(&folds["mean"]["gini"]),
        number(&folds["mean"]["ks"]),
        number(&folds["mean"]["log_loss"]),
    );
    println!(
        "  test AUC          {:.4}            (Brier {:.4})",
        number(&metrics["roc_auc"]),
        number(&metrics["brier_score"])
    );
    let at = &metrics["threshold_analysis"];
    println!(
        "  cut-off           {:.4}            (declines {:.0} % of bads, approves {:.0} % of goods)",
        number(&result["optimal_threshold"]),
        number(&at["sensitivity"]) * 100.0,
        number(&at["specificity"]) * 100.0,
    );
    let convergence = &result["convergence"];
    println!(
        "  converged         {} in {} steps, gradient {:.0e}\n",
        convergence["converged"],
        convergence["iterations"],
        number(&convergence["gradient_sup_norm"]),
    );
}

/// Prints the answers with their reasons, and checks that they add up.
pub fn scores(answer: &Value) -> Result<()> {
    let base = number(&answer["base_log_odds"]);
    let empty = Vec::new();
    for (index, prediction) in answer["predictions"]
        .as_array()
        .unwrap_or(&empty)
        .iter()
        .enumerate()
    {
        println!(
            "Applicant {}: {} (probability of default {:.1} %, cut-off {:.1} %)",
            index + 1,
            text(&prediction["decision"]),
            number(&prediction["default_probability"]) * 100.0,
            number(&answer["threshold"]) * 100.0,
        );
        let mut sum = base + number(&prediction["other_contributions"]);
        for reason in prediction["reasons"].as_array().unwrap_or(&empty) {
            sum += number(&reason["contribution"]);
            println!(
                "  {}. {:<62} {:+.3}",
                reason["rank"],
                text(&reason["text"]),
                number(&reason["contribution"])
            );
        }
        let log_odds = number(&prediction["log_odds"]);
        println!("  base {base:+.3}, reasons and the rest add up to log-odds {log_odds:+.3}\n");
        if (sum - log_odds).abs() > 1e-12 {
            return Err("the contributions do not add up".into());
        }
    }
    Ok(())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}
