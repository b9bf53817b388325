//! That the plan of the house holds: who imports whom, what the documents name,
//! where links lead, and what no source file may contain.
//!
//! Sources are read as text, with comments, literals and unit tests blanked out.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

#[path = "architecture/documents.rs"]
mod documents;
#[path = "architecture/source.rs"]
mod source;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use self::{
    documents::quoted,
    source::{code_of, imports, without_tests},
};

/// The rooms in import order, each with the rooms it uses: earlier ones only.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("clock", &[]),
    ("compute", &[]),
    ("stats", &[]),
    ("telemetry", &[]),
    ("access", &[]),
    ("credit", &["stats"]),
    ("audit", &["clock"]),
    ("limits", &["clock"]),
    ("model_store", &["compute", "credit"]),
    ("report", &["credit"]),
    (
        "http",
        &[
            "clock",
            "compute",
            "access",
            "credit",
            "audit",
            "limits",
            "model_store",
            "report",
        ],
    ),
    (
        "config",
        &[
            "compute",
            "telemetry",
            "access",
            "credit",
            "audit",
            "limits",
            "model_store",
            "http",
        ],
    ),
    (
        "app",
        &[
            "clock",
            "compute",
            "telemetry",
            "access",
            "audit",
            "limits",
            "model_store",
            "http",
            "config",
        ],
    ),
    (
        "cli",
        &[
            "clock",
            "telemetry",
            "access",
            "credit",
            "model_store",
            "http",
            "config",
            "app",
        ],
    ),
];

/// The program: it is no room, and calls the command line only.
const MAIN: &str = "main";

/// Most lines of a source file; a longer one is split along a noun.
const MOST_LINES: usize = 450;

/// What no source file contains: a skipped test, an unfinished body, an
/// exception from a lint without its reason.
const BANNED: [&str; 5] = [
    "#[ignore",
    "#[allow(",
    "#![allow(",
    "todo!",
    "unimplemented!",
];

#[test]
fn a_room_imports_only_what_its_row_allows() {
    let mut offences = Vec::new();
    for (file, code) in sources() {
        let room = room(&file);
        let allowed = may_use(&room);
        for used in imports(&code, depth(&file)) {
            if used != room && !allowed.contains(&used.as_str()) {
                offences.push(format!("{} uses {used}", file.display()));
            }
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn a_row_allows_nothing_that_its_room_leaves_unused() {
    for (room_name, allowed) in MAY_USE {
        let used: BTreeSet<String> = sources()
            .iter()
            .filter(|(file, _)| room(file) == room_name)
            .flat_map(|(file, code)| imports(code, depth(file)))
            .collect();
        for name in allowed {
            assert!(used.contains(*name), "{room_name} never uses {name}");
        }
    }
}

#[test]
fn a_row_names_earlier_rooms_only() {
    for (position, (room, allowed)) in MAY_USE.iter().enumerate() {
        for name in *allowed {
            let earlier = MAY_USE[..position].iter().any(|(other, _)| other == name);
            assert!(earlier, "{room} may not use {name}, which is not above it");
        }
    }
}

#[test]
fn the_library_is_a_map_of_the_rooms_in_import_order() {
    let code = code_of(&read("src/lib.rs"));
    let lines: Vec<&str> = code
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let expected: Vec<String> = MAY_USE
        .iter()
        .map(|(room, _)| format!("pub mod {room};"))
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn the_architecture_document_has_the_same_rooms() {
    let text = read("docs/ARCHITECTURE.md");
    let rows = text
        .lines()
        .skip_while(|line| !line.starts_with("| Room | Uses |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let found: Vec<(String, Vec<String>)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').collect();
            (quoted(cells[1]).concat(), quoted(cells[2]))
        })
        .collect();
    let expected: Vec<(String, Vec<String>)> = MAY_USE
        .iter()
        .map(|(room, uses)| {
            (
                (*room).to_owned(),
                uses.iter().map(|u| (*u).to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

/// What only one file, or folder, may name, and which.
const OWNED: [(&str, &str); 3] = [
    ("aws_", "model_store/s3/"),
    ("spawn_blocking", "compute.rs"),
    ("StatusCode::INTERNAL_SERVER_ERROR", "http/error.rs"),
];

#[test]
fn what_one_file_owns_no_other_names() {
    for (name, owner) in OWNED {
        let naming: Vec<_> = sources()
            .into_iter()
            .filter(|(_, code)| code.contains(name))
            .map(|(file, _)| file)
            .collect();
        assert!(!naming.is_empty(), "nobody names {name}");
        assert!(
            naming.iter().all(|file| file.starts_with(owner)),
            "{name} is named in {naming:?}"
        );
    }
}

#[test]
fn no_source_file_is_too_long() {
    for folder in ["src", "tests", "examples", "benches"] {
        for file in files(&root().join(folder), "rs") {
            let lines = read_path(&file).lines().count();
            assert!(lines <= MOST_LINES, "{}: {lines} lines", file.display());
        }
    }
}

#[test]
fn nothing_is_skipped_unfinished_or_excused_without_a_reason() {
    for folder in ["src", "tests", "examples", "benches"] {
        for file in files(&root().join(folder), "rs") {
            let mut code = code_of(&read_path(&file));
            code.retain(|c| !c.is_whitespace());
            for banned in BANNED {
                assert!(!code.contains(banned), "{}: {banned}", file.display());
            }
        }
    }
}

fn may_use(room: &str) -> Vec<&'static str> {
    if room == MAIN {
        return vec!["cli"];
    }
    let row = MAY_USE.iter().find(|(name, _)| *name == room);
    let (_, allowed) = row.unwrap_or_else(|| panic!("src/ has {room}, which is in no row"));
    allowed.to_vec()
}

/// Every source file but the map, with its code and without its unit tests.
fn sources() -> Vec<(PathBuf, String)> {
    let folder = root().join("src");
    files(&folder, "rs")
        .into_iter()
        .map(|file| {
            let code = without_tests(&code_of(&read_path(&file)));
            (file.strip_prefix(&folder).unwrap().to_owned(), code)
        })
        .filter(|(file, _)| file != Path::new("lib.rs"))
        .collect()
}

/// The room of a file below `src/`: its first folder, or its own name.
fn room(file: &Path) -> String {
    let first = file.components().next().unwrap();
    let first = Path::new(first.as_os_str()).with_extension("");
    first.to_str().unwrap().to_owned()
}

/// How many modules deep a file below `src/` is: 1 for a room's own.
fn depth(file: &Path) -> usize {
    file.components().count() - usize::from(file.ends_with("mod.rs"))
}

/// Every file below `folder` with this extension, in a fixed order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    read_path(&root().join(path))
}

fn read_path(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
