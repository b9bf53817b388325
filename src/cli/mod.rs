//! The command line: `serve`, `healthcheck`, `config check`, `keys generate`, `models copy`,
//! `score`, `evaluate`, `openapi`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the command line"
)]

mod evaluate;
mod models;
mod score;

use std::{
    fs::OpenOptions,
    io::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use tokio::runtime::Runtime;

use crate::{
    access::{ApiKey, KeyEnvironment, Scope, Tier},
    app::App,
    clock::Clock,
    config::{self, Config, Loaded, Sources},
    http, telemetry,
};

/// Trains credit-default models and scores applications, behind its own gate.
#[derive(Debug, Parser)]
#[command(name = "credit-risk", version, about)]
pub struct Cli {
    /// Settings file (TOML), below .env and the environment in precedence.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP until SIGTERM.
    Serve,
    /// Ask the running service on this machine for its health; exit 0 if it is healthy.
    Healthcheck,
    /// The settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// API keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The stored models.
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// Score a data set with a stored model, row for row, from file to file.
    Score(score::Score),
    /// Fit a plan fold by fold on a CSV file whose folds are given, and print how good each fit is.
    Evaluate(evaluate::Evaluate),
    /// Print the OpenAPI document.
    Openapi,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every setting, its value and where it comes from; exit 1 on any fault.
    Check,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a key and print it, or append it to a key file.
    Generate(Generate),
}

#[derive(Debug, Args)]
struct Generate {
    /// Which environment the key is for; part of its prefix.
    #[arg(long, value_enum, default_value_t = Prefix::Live)]
    environment: Prefix,
    /// Name of the holder, as it appears in the audit trail.
    #[arg(long)]
    name: Option<String>,
    /// What the key may do, separated by commas; the service's default if not given.
    #[arg(long, value_delimiter = ',')]
    scopes: Vec<Scope>,
    /// Tier of the key's hourly quota.
    #[arg(long)]
    tier: Option<Tier>,
    /// Append the key to this file (mode 0600) instead of printing it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Prefix {
    Live,
    Test,
    Dev,
}

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let sources = Sources::of_process(cli.config);
    match cli.command {
        Command::Serve => serve(&sources),
        Command::Healthcheck => healthcheck(&sources),
        Command::Config(ConfigCommand::Check) => check(&sources),
        Command::Keys(KeysCommand::Generate(options)) => generate(&options),
        Command::Models(models::ModelsCommand::Copy(options)) => models::copy(&options, sources),
        Command::Score(options) => score::score(&options, &sources),
        Command::Evaluate(options) => evaluate::evaluate(&options),
        Command::Openapi => openapi(),
    }
}

/// Says what is wrong and fails.
fn refuse(why: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("credit-risk: {why}");
    ExitCode::FAILURE
}

fn serve(sources: &Sources) -> ExitCode {
    let Loaded {
        config, warnings, ..
    } = match config::load(sources) {
        Ok(loaded) => loaded,
        Err(error) => return refuse(&error),
    };
    if let Err(error) = telemetry::install(&config.telemetry) {
        return refuse(&error);
    }
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error),
    };
    let served =
        runtime.block_on(async { App::build(config, Clock::system()).await?.serve().await });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}

fn healthcheck(sources: &Sources) -> ExitCode {
    let config = match config::load(sources) {
        Ok(loaded) => loaded.config,
        Err(error) => return refuse(&error),
    };
    let url = format!("http://{}/health", probe_address(&config));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .into();
    match agent.get(&url).call() {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => refuse(&format_args!("{url}: {error}")),
    }
}

/// A listener on every address answers on the loopback one.
fn probe_address(config: &Config) -> SocketAddr {
    let host = match config.http.host {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(host, config.http.port)
}

fn check(sources: &Sources) -> ExitCode {
    match config::load(sources) {
        Ok(loaded) => {
            print!("{}", config::render(&loaded));
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error),
    }
}

fn generate(options: &Generate) -> ExitCode {
    let environment = match options.environment {
        Prefix::Live => KeyEnvironment::Live,
        Prefix::Test => KeyEnvironment::Test,
        Prefix::Dev => KeyEnvironment::Dev,
    };
    let key = match ApiKey::generate(environment) {
        Ok(key) => key,
        Err(error) => return refuse(&error),
    };
    let entry = entry(&key, options);
    let Some(path) = &options.out else {
        println!("{entry}");
        return ExitCode::SUCCESS;
    };
    match append(path, &entry) {
        Ok(()) => {
            let id = key.public_id().unwrap_or_default();
            eprintln!("key_{id} appended to {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&format_args!("{}: {error}", path.display())),
    }
}

/// A line of a key file.
fn entry(key: &ApiKey, options: &Generate) -> String {
    let mut entry = key.expose().to_owned();
    if let Some(name) = &options.name {
        entry += &format!(";name={name}");
    }
    if !options.scopes.is_empty() {
        let scopes: Vec<_> = options.scopes.iter().map(|scope| scope.as_str()).collect();
        entry += &format!(";scopes={}", scopes.join(" "));
    }
    if let Some(tier) = options.tier {
        entry += &format!(";tier={}", tier.as_str());
    }
    entry
}

/// The file is never readable by others, not even for a moment.
fn append(path: &Path, entry: &str) -> std::io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{entry}")?;
    file.sync_all()
}

fn openapi() -> ExitCode {
    match http::openapi::document(http::routes::ROWS).to_pretty_json() {
        Ok(document) => {
            println!("{document}");
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error),
    }
}
