//! The service from nothing to a scored application: starts the program on its
//! embedded defaults, trains on the bundled data over HTTP, restarts it, scores
//! three applications and leaves it running. It is a client of the public API only.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program for people"
)]

mod client;
mod report;
mod service;

use std::{error::Error, process::ExitCode};

use serde_json::{Value, json};

use crate::{client::Client, service::Service};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let once = std::env::args()
        .skip(1)
        .any(|argument| argument == "--once");
    match run(once) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(once: bool) -> Result<()> {
    let mut service = Service::start(once)?;
    let client = Client::new(&service.url, &service.key);
    println!("The service listens on {}.\n", service.url);

    println!("POST /train: logistic regression on the bundled German credit data …\n");
    let result = client.post(
        "/train",
        &json!({ "model_type": "logistic_regression", "target": "credit_risk", "event": "bad" }),
    )?;
    report::training(&result);

    let request = json!({ "model_id": result["model_id"], "applications": applications() });
    let before = client.post("/predict", &request)?;

    println!("Restarting the service: models live on disk.\n");
    service.restart()?;
    let client = Client::new(&service.url, &service.key);
    let after = client.post("/predict", &request)?;
    if before["predictions"] != after["predictions"] {
        return Err("the answers changed over the restart".into());
    }
    report::scores(&after)?;

    println!(
        "The audit trail of this demo is {}.",
        service.audit_log().display()
    );
    if once {
        return service.stop();
    }
    println!("\nThe service keeps running. Try:\n");
    println!(
        "  curl -H 'Authorization: Bearer {}' {}/models",
        service.key, service.url
    );
    println!("  {}/docs   (interactive documentation)\n", service.url);
    println!("Ctrl-C stops it.");
    service.wait()
}

/// Three applicants: one with savings and no checking account, one with a
/// strained account, one in between.
fn applications() -> Value {
    let applicant = |changes: Value| {
        let mut applicant = json!({
            "checking_status": "0_to_200", "duration_months": 18,
            "credit_history": "existing_paid_so_far", "purpose": "radio_television",
            "credit_amount": 2300, "savings": "below_100", "employment_since": "1_to_4_years",
            "installment_rate_percent": 3, "personal_status_sex": "male_single",
            "other_debtors": "no_other_debtor", "residence_since": 2, "property": "car_or_other",
            "age_years": 34, "other_installment_plans": "no_other_plan", "housing": "own",
            "existing_credits": 1, "job": "skilled_employee_or_official", "dependents": 1,
            "telephone": "not_registered", "foreign_worker": "yes",
        });
        if let (Value::Object(applicant), Value::Object(changes)) = (&mut applicant, changes) {
            applicant.extend(changes);
        }
        applicant
    };
    json!([
        applicant(json!({
            "checking_status": "no_account", "savings": "1000_or_more", "duration_months": 12,
            "credit_history": "critical_or_other_credits", "age_years": 48,
        })),
        applicant(json!({})),
        applicant(json!({
            "checking_status": "below_0", "duration_months": 48, "credit_amount": 9500,
            "credit_history": "all_paid_at_this_bank", "housing": "rent", "age_years": 23,
        })),
    ])
}
