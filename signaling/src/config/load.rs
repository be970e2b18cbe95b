//! From a file and the environment to [`Config`]: each setting is checked alone, so that an error
//! names the setting, where it stands, its value and what is expected.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::{Table, Value};

use super::{Config, secret::HIDDEN};

/// What the names of settings begin with in the environment.
const PREFIX: &str = "BELLWIRE_";

/// The tables of the file.
const SECTIONS: [&str; 6] = ["log", "ice", "limits", "times", "phone", "media"];

/// Settings that are nothing where nobody says, and so do not show among the defaults.
const OPTIONAL: [&str; 12] = [
    "public_url",
    "ice.turn_secret",
    "phone.tls",
    "phone.certificate",
    "phone.key",
    "phone.ws",
    "phone.public",
    "phone.trust",
    "media.public",
    "media.sounds",
    "media.rtpengine",
    "media.rtpengine_digits",
];

/// Names that begin like settings and are none: the program's, and its build's and tests'.
const NOT_SETTINGS: [&str; 4] = ["config", "bin", "tools", "wasm"];

/// The file that is read where none is named.
const DEFAULT_FILE: &str = "bellwire.toml";

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not there or may not be read.
    #[error("the settings file {} cannot be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The file is not TOML.
    #[error("the settings file {} is not TOML: {why}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        why: Box<toml::de::Error>,
    },
    /// A setting is unknown, or not what it must be.
    #[error("{key} = {value} ({from}): expected {expected}")]
    Setting {
        /// The setting.
        key: String,
        /// Its value, hidden where it is a secret.
        value: String,
        /// Where it was set.
        from: Source,
        /// What it should be.
        expected: String,
    },
    /// A setting that another one needs is not there.
    #[error("{key} is not set: expected {expected}")]
    Missing {
        /// The setting.
        key: &'static str,
        /// What it should be, and why.
        expected: &'static str,
    },
}

/// Where a setting was set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// In this file.
    File(PathBuf),
    /// In this variable of the environment.
    Variable(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Variable(name) => write!(f, "from {name}"),
        }
    }
}

/// Where settings are looked for.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// The file that was named; `bellwire.toml`, if it is there, where none was.
    pub file: Option<PathBuf>,
    /// The environment's variables.
    pub environment: BTreeMap<String, String>,
}

impl Origins {
    /// The process's environment, and the file that was named.
    #[must_use]
    pub fn of_process(file: Option<PathBuf>) -> Self {
        // Settings are ASCII; a variable that is not even UTF-8 is somebody else's.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { file, environment }
    }
}

/// Settings, and what was noticed on the way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The file they come from, if any.
    pub file: Option<PathBuf>,
    /// Variables that begin with `BELLWIRE_` and are no setting: perhaps misspelt.
    pub unknown_variables: Vec<String>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// The first setting that is not what it must be; a file that was named and is not there.
    pub fn load(origins: &Origins) -> Result<Loaded, Error> {
        let (file, table) = read_file(origins.file.as_deref())?;
        let mut settings = BTreeMap::new();
        if let Some(path) = &file {
            for (key, value) in leaves(table) {
                let from = Source::File(path.clone());
                check(&key, &value).map_err(|expected| refused(&key, &value, from, expected))?;
                settings.insert(key, value);
            }
        }
        let known = known_keys();
        let mut unknown_variables = Vec::new();
        for (name, text) in &origins.environment {
            let Some(key) = key_of(name) else { continue };
            if !known.contains(&key) {
                unknown_variables.push(name.clone());
                continue;
            }
            settings.insert(key.clone(), read_variable(name, &key, text)?);
        }
        let config = assemble(&settings);
        whole(&config)?;
        Ok(Loaded {
            config,
            file,
            unknown_variables,
        })
    }
}

/// The file's table, and the file; an empty one where no file was named and none is there.
fn read_file(named: Option<&Path>) -> Result<(Option<PathBuf>, Table), Error> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => {
            return Ok((None, Table::new()));
        }
        Err(why) => return Err(Error::Unreadable { path, why }),
    };
    match text.parse::<Table>() {
        Ok(table) => Ok((Some(path), table)),
        Err(error) => Err(Error::Syntax {
            path,
            why: Box::new(error),
        }),
    }
}

/// The settings of a table, by `section.key`.
fn leaves(table: Table) -> Vec<(String, Value)> {
    let mut leaves = Vec::new();
    for (key, value) in table {
        if let Value::Table(section) = value {
            leaves.extend(section.into_iter().map(|(k, v)| (format!("{key}.{k}"), v)));
        } else {
            leaves.push((key, value));
        }
    }
    leaves
}

/// The setting that a variable is for, if it begins like one.
fn key_of(variable: &str) -> Option<String> {
    let name = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
    if NOT_SETTINGS.contains(&name.as_str()) {
        return None;
    }
    let section = SECTIONS.iter().find_map(|section| {
        let key = name.strip_prefix(section)?.strip_prefix('_')?;
        Some(format!("{section}.{key}"))
    });
    Some(section.unwrap_or(name))
}

/// The value in a variable: a text, a number, `true` or `false`, or a list with commas, whichever the setting takes.
fn read_variable(name: &str, key: &str, text: &str) -> Result<Value, Error> {
    let as_text = Value::String(text.to_owned());
    let as_number = text.trim().parse().ok().map(Value::Integer);
    let as_switch = text.trim().parse().ok().map(Value::Boolean);
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    let as_list = Value::Array(items.map(|item| Value::String(item.to_owned())).collect());
    let mut expected = String::new();
    let simple = as_number.into_iter().chain(as_switch);
    for value in simple.chain([as_list, as_text.clone()]) {
        match check(key, &value) {
            Ok(()) => return Ok(value),
            // A text is the last that is tried, and its complaint the most telling but for lists.
            Err(complaint) if !complaint.starts_with("invalid type") => expected = complaint,
            Err(complaint) if expected.is_empty() => expected = complaint,
            Err(_) => {}
        }
    }
    let from = Source::Variable(name.to_owned());
    Err(refused(key, &as_text, from, expected))
}

/// Whether `key` may be `value`; if not, what is expected.
fn check(key: &str, value: &Value) -> Result<(), String> {
    let table = nested([(key, value)]);
    match Config::deserialize(Value::Table(table)) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.message().to_owned()),
    }
}

fn refused(key: &str, value: &Value, from: Source, expected: String) -> Error {
    let secret = key.ends_with("secret");
    let (value, expected) = match secret {
        true => (HIDDEN.to_owned(), "a text".to_owned()),
        false => (value.to_string(), expected),
    };
    // Serde says what is wrong first: `unknown field …, expected one of …`.
    let expected = match expected.split_once(", expected ") {
        Some((_, expected)) => expected.to_owned(),
        None => expected,
    };
    Error::Setting {
        key: key.to_owned(),
        value,
        from,
        expected,
    }
}

/// The settings, all checked already.
fn assemble(settings: &BTreeMap<String, Value>) -> Config {
    let table = nested(settings.iter().map(|(key, value)| (key.as_str(), value)));
    Config::deserialize(Value::Table(table)).unwrap_or_default()
}

fn nested<'a>(settings: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Table {
    let mut table = Table::new();
    for (key, value) in settings {
        match key.split_once('.') {
            Some((section, key)) => {
                let section = table
                    .entry(section)
                    .or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(section) = section {
                    section.insert(key.to_owned(), value.clone());
                }
            }
            None => {
                table.insert(key.to_owned(), value.clone());
            }
        }
    }
    table
}

/// Every setting's `section.key`.
fn known_keys() -> Vec<String> {
    let defaults = Table::try_from(Config::default()).unwrap_or_default();
    let keys = leaves(defaults).into_iter().map(|(key, _)| key);
    keys.chain(OPTIONAL.map(str::to_owned)).collect()
}

/// Whether the settings fit together.
fn whole(config: &Config) -> Result<(), Error> {
    if !config.ice.turn.is_empty() && config.ice.turn_secret.is_none() {
        return Err(Error::Missing {
            key: "ice.turn_secret",
            expected: "the secret shared with the TURN server that ice.turn names",
        });
    }
    Ok(())
}
