//! Clients that leave: whatever was done for them is in the trail all the same.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::support::{TestApp, event, loans::plan};

fn of<'a>(lines: &'a [Value], name: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| event(line) == name).collect()
}

#[tokio::test]
async fn every_training_ends_once_in_the_trail_whenever_its_client_leaves() {
    let app = TestApp::start();
    let trainer = app.admin();
    let clock = Instant::now();
    trainer.post_json("/train", &plan()).await.ok();
    let whole = clock.elapsed();
    // From the middle of the fit to well after the answer, where it is saved and recorded.
    for step in 0..40 {
        let patience = whole.mul_f64(0.5 + f64::from(step) * 0.025);
        let _ = timeout(patience, trainer.post_json("/train", &plan())).await;
    }
    let ended = |lines: &[Value]| {
        of(lines, "training_completed").len() + of(lines, "training_failed").len()
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut lines = app.audit_lines();
    while ended(&lines) < of(&lines, "training_started").len() && Instant::now() < deadline {
        sleep(Duration::from_millis(10)).await;
        lines = app.audit_lines();
    }
    let models = trainer.get("/models").await.ok();
    let models = models.as_array().unwrap();
    assert_eq!(ended(&lines), of(&lines, "training_started").len());
    for name in ["training_completed", "model_persisted"] {
        let recorded = of(&lines, name);
        assert_eq!(recorded.len(), models.len(), "{name}");
        for model in models {
            let of_model = recorded
                .iter()
                .filter(|line| line["model_id"] == model["model_id"]);
            assert_eq!(of_model.count(), 1, "{name} of {}", model["model_id"]);
        }
    }
}
