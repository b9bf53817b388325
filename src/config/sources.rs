//! Where settings come from, and in which order the sources overrule each other.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use ::config::{ConfigError as Malformed, File, FileFormat, Map, Source as _, Value, ValueKind};

use super::{
    Environment,
    kind::Kind,
    settings::{CONFIG_FILE, PREFIX, SETTINGS, Setting, nearest},
};

const DEFAULTS: &str = include_str!("../../config/default.toml");

/// What settings are gathered from. It holds secrets, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Sources {
    /// The process environment.
    pub environment_variables: Vec<(String, String)>,
    /// A file of variables; it never changes the process environment.
    pub dotenv: Option<PathBuf>,
    /// A TOML file; none means the one that `CREDIT_RISK_CONFIG_FILE` names.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// The environment of this process, `.env` in the working directory if it
    /// is there, and a settings file.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        let dotenv = PathBuf::from(".env");
        Self {
            environment_variables: variables.collect(),
            dotenv: dotenv.is_file().then_some(dotenv),
            file,
        }
    }

    /// Nothing but the defaults.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same with one more variable, named in full; a later one overrules
    /// an earlier one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment_variables
            .push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Which source a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `config/default.toml`, compiled in.
    Default,
    /// The compiled-in profile of an environment.
    Profile(Environment),
    /// The settings file.
    File(PathBuf),
    /// A variable of the `.env` file.
    Dotenv(PathBuf, String),
    /// A variable of the process environment.
    Variable(String),
    /// It follows from another setting.
    Implied(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Profile(environment) => write!(f, "profile {environment}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Dotenv(path, _) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "environment {name}"),
            Self::Implied(key) => write!(f, "implied by {key}"),
        }
    }
}

impl Origin {
    /// How the operator who wrote the setting at `key` calls it.
    pub(super) fn call(&self, key: &str) -> String {
        match self {
            Self::Variable(name) => name.clone(),
            Self::Dotenv(path, name) => format!("{name} in {}", path.display()),
            Self::File(path) => format!("{key} in {}", path.display()),
            Self::Default | Self::Profile(_) | Self::Implied(_) => key.to_owned(),
        }
    }

    /// Whether an operator chose the value.
    pub(super) fn is_explicit(&self) -> bool {
        matches!(self, Self::File(_) | Self::Dotenv(..) | Self::Variable(_))
    }
}

/// A value as written, and where.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// Values by the key of their setting.
pub(super) type Layer = BTreeMap<&'static str, Given>;

/// Every source read, the stronger laid over the weaker.
#[derive(Default)]
pub(super) struct Gathered {
    /// The compiled-in defaults alone.
    pub(super) defaults: Layer,
    /// What counts.
    pub(super) given: Layer,
    pub(super) faults: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl Gathered {
    /// Reads all sources; what cannot be read is a fault and left out.
    pub(super) fn from(sources: &Sources) -> Self {
        let mut gathered = Self::default();
        gathered.defaults = gathered.toml(DEFAULTS, &Origin::Default);
        let dotenv = sources
            .dotenv
            .as_deref()
            .map(|path| (path, gathered.dotenv(path)));
        let mut chosen = Layer::new();
        if let Some(path) = settings_file(sources, dotenv.as_ref().map(|(_, pairs)| pairs)) {
            chosen.extend(gathered.file(&path));
        }
        if let Some((path, pairs)) = &dotenv {
            let origin = |name: &str| Origin::Dotenv(path.to_path_buf(), name.to_owned());
            chosen.extend(gathered.variables(pairs, origin));
        }
        let origin = |name: &str| Origin::Variable(name.to_owned());
        chosen.extend(gathered.variables(&sources.environment_variables, origin));

        gathered.given.clone_from(&gathered.defaults);
        if let Some(environment) = environment(&chosen, &gathered.defaults) {
            let profile = gathered.toml(environment.profile(), &Origin::Profile(environment));
            gathered.given.extend(profile);
        }
        gathered.given.extend(chosen);
        gathered
    }

    fn toml(&mut self, text: &str, origin: &Origin) -> Layer {
        let mut leaves = Vec::new();
        match File::from_str(text, FileFormat::Toml).collect() {
            Ok(map) => flatten("", map, &mut leaves),
            Err(malformed) => self.faults.push(format!("{origin}: {}", place(&malformed))),
        }
        let mut layer = Layer::new();
        for (key, value) in leaves {
            if let Some(setting) = Setting::at(&key) {
                layer.insert(
                    setting.key,
                    Given {
                        value,
                        origin: origin.clone(),
                    },
                );
            } else {
                let near = nearest(&key, SETTINGS.iter().map(|setting| setting.key));
                self.faults
                    .push(format!("{origin}: `{key}` is not a setting{}", hint(near)));
            }
        }
        layer
    }

    fn file(&mut self, path: &Path) -> Layer {
        let origin = Origin::File(path.to_path_buf());
        match fs::read_to_string(path) {
            Ok(text) => self.toml(&text, &origin),
            Err(error) => {
                self.faults
                    .push(format!("{origin}: cannot be read: {error}"));
                Layer::new()
            }
        }
    }

    fn dotenv(&mut self, path: &Path) -> Vec<(String, String)> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                self.faults
                    .push(format!("{}: cannot be read: {error}", path.display()));
                return Vec::new();
            }
        };
        let text = text.trim_start_matches('\u{feff}');
        let mut pairs = Vec::new();
        for pair in dotenvy::from_read_iter(text.as_bytes()) {
            match pair {
                Ok(pair) => pairs.push(pair),
                // The error quotes the line, and the line may hold a secret.
                Err(dotenvy::Error::LineParse(bad, _)) => {
                    let line = text.lines().position(|line| line.trim() == bad.trim());
                    let line = line.map_or_else(String::new, |line| format!(", line {}", line + 1));
                    self.faults
                        .push(format!("{}{line}: expected NAME=value", path.display()));
                }
                Err(_) => self
                    .faults
                    .push(format!("{}: cannot be read", path.display())),
            }
        }
        pairs
    }

    /// Our names overrule their aliases; unknown names of ours are warned about.
    fn variables(&mut self, pairs: &[(String, String)], origin: impl Fn(&str) -> Origin) -> Layer {
        let mut layer = Layer::new();
        for setting in SETTINGS {
            let found = setting
                .names()
                .find_map(|name| Some((name, last(pairs, name)?)));
            if let Some((name, value)) = found {
                let value = Value::new(None, ValueKind::from(value));
                layer.insert(
                    setting.key,
                    Given {
                        value,
                        origin: origin(name),
                    },
                );
            }
        }
        let known = || {
            SETTINGS
                .iter()
                .flat_map(Setting::names)
                .chain([CONFIG_FILE])
        };
        for (name, _) in pairs {
            if name.starts_with(PREFIX) && !known().any(|known| known == name) {
                let named = origin(name).call(name);
                let near = hint(nearest(name, known()));
                self.warnings
                    .push(format!("{named} is not a setting and has no effect{near}"));
            }
        }
        layer
    }
}

fn settings_file(sources: &Sources, dotenv: Option<&Vec<(String, String)>>) -> Option<PathBuf> {
    let variable = || last(&sources.environment_variables, CONFIG_FILE);
    let named = variable().or_else(|| last(dotenv?, CONFIG_FILE));
    let named = named.filter(|path| !path.is_empty()).map(PathBuf::from);
    sources.file.clone().or(named)
}

fn environment(chosen: &Layer, defaults: &Layer) -> Option<Environment> {
    let key = "app.environment";
    let given = chosen.get(key).or_else(|| defaults.get(key))?;
    Kind::Environment
        .read(given.value.clone())?
        .try_deserialize()
        .ok()
}

fn last<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .rev()
        .find(|(given, _)| given == name)
        .map(|(_, value)| value.as_str())
}

fn flatten(path: &str, map: Map<String, Value>, leaves: &mut Vec<(String, Value)>) {
    for (name, value) in map {
        let path = if path.is_empty() {
            name
        } else {
            format!("{path}.{name}")
        };
        match value.kind {
            ValueKind::Table(inner) => flatten(&path, inner, leaves),
            _ => leaves.push((path, value)),
        }
    }
}

/// Only the line and column of a TOML error: the rest quotes the text, and the
/// text may hold a secret.
fn place(malformed: &Malformed) -> String {
    let place = match malformed {
        Malformed::FileParse { cause, .. } => cause.to_string(),
        _ => String::new(),
    };
    match place.lines().next() {
        Some(first) if first.starts_with("TOML parse error at") => first.to_owned(),
        _ => "it is not valid TOML".to_owned(),
    }
}

fn hint(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
