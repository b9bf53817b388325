//! That no secret is ever shown, wherever it was written.

use credit_risk::config::{load, render};

use crate::support::{faults, file, loaded, sources};

const SECRET: &str = "correct-horse-battery-staple";

#[test]
fn loaded_settings_do_not_show_secrets() {
    let keys = format!("{SECRET};name=batch,{SECRET}2");
    let loaded = loaded(&[("API_KEYS", &keys), ("KEY_PEPPER", SECRET)]);
    assert_eq!(loaded.config.access.key_pepper.expose(), SECRET);
    let shown = [
        format!("{loaded:?}"),
        format!("{:?}", loaded.config),
        render(&loaded),
    ];
    for text in &shown {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(shown[2].contains("(redacted, 2)"), "{}", shown[2]);
}

#[test]
fn faults_do_not_show_secrets() {
    let malformed = format!("[access]\nkey_pepper = [\"{SECRET}\"]\n");
    let broken = format!("[access]\nkey_pepper = \"{SECRET}\n");
    for toml in [malformed, broken] {
        let (_a, toml) = file("x.toml", &toml);
        let (_b, dotenv) = file(".env", &format!("CREDIT_RISK_KEY_PEPPER {SECRET}\n"));
        let mut sources = sources(&[
            ("API_KEYS", &format!("[\"{SECRET}\"")),
            ("DEFAULT_SCOPES", SECRET),
            ("PORT", SECRET),
            ("CORS_ORIGINS", &format!("https://user:{SECRET}@a.example")),
            ("PUBLIC_PATHS", SECRET),
            ("LOG_LEVEL", &format!("{SECRET}=={SECRET}")),
        ]);
        sources.file = Some(toml);
        sources.dotenv = Some(dotenv);
        let faults = faults(&sources);
        assert_eq!(faults.len(), 8, "{faults:#?}");
        assert!(!faults.join("\n").contains(SECRET), "{faults:#?}");
        assert!(!format!("{:?}", load(&sources).unwrap_err()).contains(SECRET));
    }
}
