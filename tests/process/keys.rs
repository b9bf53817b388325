//! Keys at the start and while running.

use std::fs;

use crate::support::{Home, KEY, Running, eventually};

const OTHER: &str = "another-operator-key-fedcba9876543210";
/// Long enough that only a signal can bring a reload within a test.
const NEVER: &str = "1h";

fn status(service: &Running, key: &str) -> u16 {
    service.client_with(Some(key)).get("/models").status
}

/// Starting must fail and say so about the file, without a part of the text in it.
fn assert_refused(home: &Home, secret: &str) {
    let output = home.service().run();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("file keys"), "{said}");
    assert!(secret.is_empty() || !said.contains(secret), "{said}");
}

#[test]
fn a_missing_key_file_refuses_to_start() {
    let home = Home::new();
    fs::remove_file(home.path("keys")).unwrap();
    assert_refused(&home, "");
}

#[test]
fn an_empty_key_file_refuses_to_start() {
    let home = Home::new();
    home.write("keys", "");
    assert_refused(&home, "");
}

#[test]
fn a_key_file_of_comments_refuses_to_start() {
    let home = Home::new();
    home.write("keys", "# sesame-open-up-0123456789\n\n");
    assert_refused(&home, "sesame");
}

#[test]
fn a_key_file_with_a_broken_line_refuses_to_start() {
    let home = Home::new();
    home.write(
        "keys",
        &format!("{KEY}\nsesame-open-up-0123456789;scopes=everything\n"),
    );
    assert_refused(&home, "sesame");
}

fn without_keys(home: &Home) -> crate::support::Service {
    home.service()
        .set("API_KEYS_FILE", "")
        .set("CORS_ORIGINS", "https://a.example")
}

#[test]
fn staging_without_keys_refuses_to_start() {
    let home = Home::new();
    let output = without_keys(&home).set("ENVIRONMENT", "staging").run();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("CREDIT_RISK_API_KEYS_FILE"), "{said}");
}

#[test]
fn staging_with_keys_starts() {
    let home = Home::new();
    let service = home
        .service()
        .set("ENVIRONMENT", "staging")
        .set("CORS_ORIGINS", "https://a.example")
        .start();
    service.client().get("/models").ok();
}

#[test]
fn local_without_keys_starts_and_lets_nobody_in() {
    let home = Home::new();
    let service = without_keys(&home).start();
    assert_eq!(service.client_with(None).get("/models").status, 401);
}

#[test]
fn a_key_added_to_the_file_works_without_a_restart() {
    let home = Home::new();
    let service = home.service().set("KEY_RELOAD_INTERVAL", "100ms").start();
    assert_eq!(status(&service, OTHER), 401);
    home.write("keys", &format!("{KEY}\n{OTHER}\n"));
    eventually("the new key works", || status(&service, OTHER) == 200);
    assert_eq!(status(&service, KEY), 200);
}

#[test]
fn a_key_removed_from_the_file_stops_working_without_a_restart() {
    let home = Home::new();
    home.write("keys", &format!("{KEY}\n{OTHER}\n"));
    let service = home.service().set("KEY_RELOAD_INTERVAL", "100ms").start();
    assert_eq!(status(&service, OTHER), 200);
    home.write("keys", &format!("{KEY}\n"));
    eventually("the old key is refused", || status(&service, OTHER) == 401);
    assert_eq!(status(&service, KEY), 200);
}

#[test]
fn sighup_reads_the_keys_at_once_and_the_trail_says_so() {
    let home = Home::new();
    let service = home.service().set("KEY_RELOAD_INTERVAL", NEVER).start();
    home.write("keys", &format!("{KEY}\n{OTHER}\n"));
    assert_eq!(status(&service, OTHER), 401);
    service.signal("HUP");
    eventually("the new key works", || status(&service, OTHER) == 200);
    eventually("the reload is recorded", || {
        !home.events("keys_reloaded").is_empty()
    });
    assert_eq!(home.events("keys_reloaded")[0]["keys"], 2);
}

#[test]
fn a_broken_file_keeps_the_old_keys_and_is_logged_without_its_text() {
    let home = Home::new();
    let service = home.service().set("KEY_RELOAD_INTERVAL", NEVER).start();
    home.write("keys", "sesame-open-up-0123456789;tier=golden\n");
    service.signal("HUP");
    eventually("the fault is logged", || {
        service.log().contains("could not be read again")
    });
    assert!(!service.log().contains("sesame"), "{}", service.log());
    assert_eq!(status(&service, KEY), 200);
    assert_eq!(home.events("keys_reloaded").len(), 0);
}

#[test]
fn a_file_that_vanished_keeps_the_old_keys() {
    let home = Home::new();
    let service = home.service().set("KEY_RELOAD_INTERVAL", NEVER).start();
    fs::remove_file(home.path("keys")).unwrap();
    service.signal("HUP");
    eventually("the fault is logged", || {
        service.log().contains("could not be read again")
    });
    assert_eq!(status(&service, KEY), 200);
}
