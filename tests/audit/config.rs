use std::time::Duration;

use bytesize::ByteSize;
use credit_risk::audit::{AuditConfig, Fsync};

const SETTINGS: &str = r#"
path = "logs/audit.jsonl"
fsync = "interval"
fsync_interval = "250ms"
max_wait = "2s"
max_size = "100 MiB"
rotate_daily = true
"#;

#[test]
fn settings_carry_their_units() {
    let config: AuditConfig = toml::from_str(SETTINGS).expect("valid settings");
    assert_eq!(config.fsync, Fsync::Interval);
    assert_eq!(config.fsync_interval, Duration::from_millis(250));
    assert_eq!(config.max_wait, Duration::from_secs(2));
    assert_eq!(config.max_size, ByteSize::mib(100));
}

#[test]
fn an_unknown_setting_is_refused() {
    let misspelt = SETTINGS.replace("rotate_daily", "rotate_dayly");
    let refused = toml::from_str::<AuditConfig>(&misspelt).expect_err("unknown field");
    assert!(refused.to_string().contains("rotate_dayly"), "{refused}");
}
