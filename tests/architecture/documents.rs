//! That the documents name only what is there.

use std::{collections::BTreeSet, fs, path::PathBuf};

use credit_risk::{
    config::SETTINGS,
    http::routes::{Access, ROWS},
};

use crate::{files, read, read_path, root};

/// What the name of every setting's variable begins with.
const PREFIX: &str = "CREDIT_RISK_";

/// Folders whose paths the documents may name, if they are there.
const NAMED_FOLDERS: [&str; 8] = [
    "src/",
    "tests/",
    "config/",
    "data/",
    "docs/",
    "examples/",
    "scripts/",
    "benches/",
];

#[test]
fn every_path_that_a_document_names_exists() {
    let mut count = 0;
    for document in documents() {
        for path in quoted(&prose(&read_path(&document))) {
            if NAMED_FOLDERS.iter().any(|folder| path.starts_with(folder)) {
                count += 1;
                assert!(
                    root().join(&path).exists(),
                    "{} names {path}, which is not there",
                    document.display()
                );
            }
        }
    }
    assert!(
        count > 50,
        "only {count} paths were found: are they still quoted?"
    );
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut dead = Vec::new();
    for document in documents() {
        for link in links(&prose(&read_path(&document))) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, fragment) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            let found = target.exists()
                && (fragment.is_empty() || headings(&read_path(&target)).contains(fragment));
            if !found {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

#[test]
fn every_decision_is_in_the_index() {
    let index = links(&read("docs/adr/README.md"));
    for entry in fs::read_dir(root().join("docs/adr")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || index.contains(&name), "{name}");
    }
}

#[test]
fn every_route_stands_in_the_architecture_document_with_its_scope() {
    let text = read("docs/ARCHITECTURE.md");
    for row in ROWS {
        let names = [row.path.to_owned(), format!("{} {}", row.method, row.path)];
        let line = text
            .lines()
            .find(|line| line.starts_with('|') && quoted(line).iter().any(|q| names.contains(q)));
        let line = line.unwrap_or_else(|| panic!("{row:?} is missing"));
        let scope = match row.access {
            Access::Scope(scope) => scope.as_str(),
            Access::Public => "",
        };
        assert!(line.contains(scope), "{row:?}: {line}");
    }
}

#[test]
fn the_operations_document_lists_the_metrics_that_are_counted() {
    let mut counted = BTreeSet::new();
    for file in files(&root().join("src"), "rs") {
        let code = read_path(&file);
        for call in ["counter!(", "gauge!(", "histogram!("] {
            let calls = code.split(call).skip(1);
            counted.extend(calls.filter_map(|rest| rest.split('"').nth(1).map(str::to_owned)));
        }
    }
    assert_eq!(listed("| Metric | Type |"), counted);
}

#[test]
fn the_operations_document_lists_the_events_that_are_recorded() {
    let source = read("src/audit/record.rs");
    let names = source.split("pub fn name").nth(1).unwrap();
    let names = names.split(" fn ").next().unwrap();
    let recorded: BTreeSet<String> = names
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert_eq!(listed("| Event | When |"), recorded);
}

#[test]
fn every_variable_that_a_document_names_is_a_setting() {
    for document in documents() {
        let text = read_path(&document);
        for rest in text.split(PREFIX).skip(1) {
            let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c == '_' || c == '3'));
            let variable = format!("{PREFIX}{}", &rest[..end.unwrap_or(rest.len())]);
            let known = variable == PREFIX
                || variable == "CREDIT_RISK_CONFIG_FILE"
                || SETTINGS
                    .iter()
                    .any(|it| it.names().any(|name| name == variable));
            assert!(known, "{} names {variable}", document.display());
        }
    }
}

/// What the first column of a table of `docs/OPERATIONS.md` names.
fn listed(header: &str) -> BTreeSet<String> {
    let text = read("docs/OPERATIONS.md");
    let rows = text
        .lines()
        .skip_while(|line| !line.starts_with(header))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split('|').nth(1))
        .flat_map(quoted)
        .collect()
}

/// A document without its fenced blocks.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// What stands between backticks, line by line.
pub fn quoted(text: &str) -> Vec<String> {
    let lines = text.lines();
    lines
        .flat_map(|line| line.split('`').skip(1).step_by(2).map(str::to_owned))
        .collect()
}

/// The targets of `[text](target)`.
fn links(text: &str) -> Vec<String> {
    let after = text.split("](").skip(1);
    after
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target.to_owned()))
        .collect()
}

/// The anchors of a document's headings.
fn headings(text: &str) -> BTreeSet<String> {
    let titles = text.lines().filter(|line| line.starts_with('#'));
    titles
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// The documents of the repository.
fn documents() -> Vec<PathBuf> {
    let mut found = files(&root().join("docs"), "md");
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "data/README.md",
    ] {
        found.push(root().join(name));
    }
    found
}
