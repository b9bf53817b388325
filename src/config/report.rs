//! Settings as text: the resolved ones for an operator, the table for the manual.

use std::fmt::Write as _;

use super::{
    Environment, Loaded, Origin, SETTINGS, Setting, Sources,
    sources::{Gathered, Layer},
};

/// The resolved settings in aligned columns, then the warnings; no secret.
pub fn render(loaded: &Loaded) -> String {
    let rows = loaded.settings.iter().map(|it| {
        [
            it.name.to_owned(),
            it.value.clone(),
            it.source.to_string(),
            it.variable.to_owned(),
        ]
    });
    let head = ["SETTING", "VALUE", "SOURCE", "VARIABLE"].map(str::to_owned);
    let mut text = align(&std::iter::once(head).chain(rows).collect::<Vec<_>>());
    for warning in &loaded.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

/// The table of all settings with their defaults, in Markdown.
///
/// `docs/CONFIGURATION.md` holds a copy.
pub fn reference() -> String {
    let defaults = Gathered::from(&Sources::none()).defaults;
    let profiles = Environment::ALL.map(|environment| (environment, profile(environment)));
    let shown = |setting: &Setting, layer: &Layer| {
        let value = setting.kind.read(layer.get(setting.key)?.value.clone())?;
        Some(setting.kind.show(&value))
    };
    let mut text = String::from("| Variable | Key | Form | Default | Meaning |\n");
    text.push_str("|---|---|---|---|---|\n");
    for setting in SETTINGS {
        let mut default = format!("`{}`", shown(setting, &defaults).unwrap_or_default());
        for (environment, profile) in &profiles {
            if let Some(value) = shown(setting, profile) {
                let _ = write!(default, ", {environment} `{value}`");
            }
        }
        let (variable, key, form) = (setting.variable, setting.key, setting.kind.form());
        let _ = write!(
            text,
            "| `{variable}` | `{key}` | {form} | {default} | {}",
            setting.about
        );
        let aliases: Vec<_> = setting
            .aliases
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        if !aliases.is_empty() {
            let _ = write!(text, " Also read: {}.", aliases.join(", "));
        }
        text.push_str(" |\n");
    }
    text
}

/// What the profile of an environment sets, and nothing else.
fn profile(environment: Environment) -> Layer {
    let chosen = Sources::none().with("CREDIT_RISK_ENVIRONMENT", &environment.to_string());
    let mut given = Gathered::from(&chosen).given;
    given.retain(|_, it| it.origin == Origin::Profile(environment));
    given
}

fn align<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| width(column).unwrap_or(0));
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}
