//! What no environment allows, one deviation at a time.

use crate::support::faults_of;

#[test]
fn one_broken_rule_is_one_fault_that_names_its_variable() {
    for (variables, blamed) in [
        (
            vec![("CORS_ALLOW_CREDENTIALS", "true")],
            "CORS_ALLOW_CREDENTIALS",
        ),
        (
            vec![("CORS_ORIGINS", "*,https://a.example")],
            "CORS_ORIGINS",
        ),
        (
            vec![("CORS_ORIGINS", "https://a.example/app")],
            "CORS_ORIGINS",
        ),
        (vec![("CORS_ORIGINS", "a.example")], "CORS_ORIGINS"),
        (vec![("PUBLIC_PATHS", "/models,health")], "PUBLIC_PATHS"),
        (vec![("ERROR_URN_PREFIX", "no uri")], "ERROR_URN_PREFIX"),
        (vec![("LOG_LEVEL", "info,=x=")], "LOG_LEVEL"),
        (vec![("MAX_APPLICATIONS", "0")], "MAX_APPLICATIONS"),
        (vec![("MAX_IN_FLIGHT", "0")], "MAX_IN_FLIGHT"),
        (vec![("MAX_TRAINING_ROWS", "0")], "MAX_TRAINING_ROWS"),
        (vec![("MAX_TRAINING_COLUMNS", "0")], "MAX_TRAINING_COLUMNS"),
        (vec![("MAX_LEVELS", "0")], "MAX_LEVELS"),
        (
            vec![("TRAINING_WORKERS", "18446744073709551615")],
            "TRAINING_WORKERS",
        ),
        (
            vec![("SCORING_QUEUE", "18446744073709551615")],
            "SCORING_QUEUE",
        ),
        (vec![("HEADER_LIMIT", "8191")], "HEADER_LIMIT"),
        (vec![("BODY_LIMIT", "0")], "BODY_LIMIT"),
        (
            vec![("TRAINING_BODY_LIMIT", "0 MiB")],
            "TRAINING_BODY_LIMIT",
        ),
        (vec![("BATCH_FILE_LIMIT", "0")], "BATCH_FILE_LIMIT"),
        (vec![("SCORING_STREAMS", "0")], "SCORING_STREAMS"),
        (vec![("AUDIT_MAX_SIZE", "0")], "AUDIT_MAX_SIZE"),
        (vec![("REQUEST_TIMEOUT", "0s")], "REQUEST_TIMEOUT"),
        (vec![("TRAINING_TIMEOUT", "0s")], "TRAINING_TIMEOUT"),
        (vec![("HEADER_READ_TIMEOUT", "0s")], "HEADER_READ_TIMEOUT"),
        (vec![("KEY_RELOAD_INTERVAL", "0s")], "KEY_RELOAD_INTERVAL"),
        (vec![("AUDIT_MAX_WAIT", "0s")], "AUDIT_MAX_WAIT"),
        (vec![("AUDIT_FSYNC_INTERVAL", "0s")], "AUDIT_FSYNC_INTERVAL"),
        (vec![("TRAIN_RATE_LIMIT", "0/hour")], "TRAIN_RATE_LIMIT"),
        (vec![("MODEL_STORAGE_PATH", "")], "MODEL_STORAGE_PATH"),
        (vec![("AUDIT_LOG_PATH", " ")], "AUDIT_LOG_PATH"),
    ] {
        let faults = faults_of(&variables);
        assert_eq!(faults.len(), 1, "{variables:?}: {faults:?}");
        assert!(
            faults[0].starts_with(&format!("CREDIT_RISK_{blamed}")),
            "{faults:?}"
        );
    }
}

#[test]
fn the_smallest_allowed_bounds_are_allowed() {
    crate::support::config(&[
        ("HEADER_LIMIT", "8 KiB"),
        ("BODY_LIMIT", "1"),
        ("TRAINING_QUEUE", "0"),
        ("MAX_APPLICATIONS", "1"),
        ("CORS_ORIGINS", "https://a.example,http://localhost:5173"),
        ("CORS_ALLOW_CREDENTIALS", "true"),
    ]);
}
