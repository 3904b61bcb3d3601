//! What one source says.

use std::path::Path;

use toml::{Table, Value};

use super::fault::{ConfigFault, Origin};

/// What the configuration of a program looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// What the names of its variables begin with.
    pub(crate) variable_prefix: &'static str,
    /// Every key by its path, and how a variable spells its value.
    pub(crate) keys: &'static [(&'static str, Spelling)],
    /// Takes out of a table what does not fit; says what it was and why.
    pub(crate) repair: fn(&mut Table) -> Vec<(String, String)>,
}

/// How a key's value is written as plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As it is.
    Text,
    /// In digits.
    Integer,
    /// Texts with commas between.
    List,
    /// Not at all: only a file has room for tables.
    Tables,
}

/// What one source says, of the right types, and what of it was refused.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) origin: Origin,
    pub(crate) table: Table,
    pub(crate) faults: Vec<ConfigFault>,
}

impl Layer {
    /// A configuration file.
    pub(crate) fn of_file(format: &Format, path: &Path, text: &str) -> Self {
        let origin = Origin::File(path.to_owned());
        match text.parse::<Table>() {
            Ok(table) => Self::of_table(format, origin, table),
            Err(error) => {
                let place = error.span().map_or_else(String::new, |span| {
                    let line = text[..span.start].matches('\n').count() + 1;
                    format!("line {line}: ")
                });
                let reason = format!("{place}not TOML: {}", error.message());
                Self::refused(origin, String::new(), reason)
            }
        }
    }

    /// One of our variables; `None` where it is somebody else's.
    pub(crate) fn of_variable(format: &Format, name: &str, value: &str) -> Option<Self> {
        let key =
            name.strip_prefix(format.variable_prefix)?.to_ascii_lowercase().replace("__", ".");
        let origin = Origin::Variable(name.to_owned());
        let Some((key, spelling)) = format.keys.iter().find(|(known, _)| *known == key) else {
            return Some(Self::refused(origin, String::new(), format!("there is no key {key}")));
        };
        Some(match spelled(*spelling, value) {
            Ok(value) => Self::of_table(format, origin, nested(key, value)),
            Err(reason) => Self::refused(origin, (*key).to_owned(), reason.to_owned()),
        })
    }

    /// A flag of the command line.
    pub(crate) fn of_flag(format: &Format, flag: &'static str, key: &str, value: &str) -> Self {
        Self::of_table(format, Origin::Flag(flag), nested(key, Value::String(value.to_owned())))
    }

    /// A source that says nothing of use.
    pub(crate) fn refused(origin: Origin, path: String, reason: String) -> Self {
        let fault = ConfigFault { origin: Some(origin.clone()), path, reason };
        Self { origin, table: Table::new(), faults: vec![fault] }
    }

    fn of_table(format: &Format, origin: Origin, mut table: Table) -> Self {
        let fault = |(path, reason)| ConfigFault { origin: Some(origin.clone()), path, reason };
        let faults = (format.repair)(&mut table).into_iter().map(fault).collect();
        Self { origin, table, faults }
    }
}

fn spelled(spelling: Spelling, text: &str) -> Result<Value, &'static str> {
    match spelling {
        Spelling::Text => Ok(Value::String(text.to_owned())),
        Spelling::Integer => {
            text.parse().map(Value::Integer).map_err(|_| "expected an integer in digits")
        }
        Spelling::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        Spelling::Tables => Err("this can only be set in a configuration file"),
    }
}

/// `value` as the only content of a table, at a dotted path.
fn nested(path: &str, value: Value) -> Table {
    match path.split_once('.') {
        Some((section, rest)) => Table::from_iter([(section.into(), nested(rest, value).into())]),
        None => Table::from_iter([(path.to_owned(), value)]),
    }
}
