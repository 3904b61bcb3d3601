//! From what was written to domain types; a refused value is noted and its default goes on, so
//! that the rest is checked too.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use super::fault::{ConfigFault, Origin};
use super::log::{LOG_FORMAT, LOG_LEVEL, LogFormat, LogLevel, LogSettings};

/// What was said by whom, and what of it is wrong.
#[derive(Debug)]
pub(crate) struct Resolver {
    /// Who set which key last.
    pub(crate) origins: BTreeMap<String, Origin>,
    /// What is wrong, in the order in which it was found.
    pub(crate) faults: Vec<ConfigFault>,
}

impl Resolver {
    /// `[log]`.
    pub(crate) fn log(&mut self, level: Option<&str>, format: Option<&str>) -> LogSettings {
        LogSettings {
            level: self.one_of("log.level", level, &LogLevel::NAMED, LOG_LEVEL),
            format: self.one_of("log.format", format, &LogFormat::NAMED, LOG_FORMAT),
        }
    }

    /// Notes a fault; the key's last source is to blame.
    pub(crate) fn fault(&mut self, path: &str, reason: impl Display) {
        let key = path.split('[').next().unwrap_or(path);
        let origin = self.origins.get(key).cloned();
        self.faults.push(ConfigFault { origin, path: path.to_owned(), reason: reason.to_string() });
    }

    pub(crate) fn parsed<T, E: Display>(&mut self, path: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|reason| self.fault(path, reason)).ok()
    }

    /// A key that every table of a list must have.
    pub(crate) fn needed<T>(&mut self, table: &str, key: &str, value: Option<T>) -> Option<T> {
        // One of the wrong type was taken out and told already.
        let path = format!("{table}.{key}");
        if value.is_none() && !self.faults.iter().any(|fault| fault.path == path) {
            self.fault(table, format!("the key {key} is missing"));
        }
        value
    }

    /// A word out of a list.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        path: &str,
        word: Option<&str>,
        all: &[(&'static str, T)],
        default: T,
    ) -> T {
        let Some(word) = word else { return default };
        self.parsed(path, named(all, word)).unwrap_or(default)
    }

    pub(crate) fn within<T: Copy + Display + PartialOrd + TryFrom<i64>>(
        &mut self,
        path: &str,
        value: Option<i64>,
        default: T,
        range: &RangeInclusive<T>,
    ) -> T {
        let Some(value) = value else { return default };
        match T::try_from(value) {
            Ok(value) if range.contains(&value) => value,
            _ => {
                let (least, most) = (range.start(), range.end());
                self.fault(path, format!("expected {least} to {most}, found {value}"));
                default
            }
        }
    }

    /// Each text of a list.
    pub(crate) fn each(
        &mut self,
        path: &str,
        texts: Option<Vec<String>>,
        read: fn(&str) -> Result<String, &'static str>,
    ) -> Vec<String> {
        let texts = texts.unwrap_or_default().into_iter().enumerate();
        texts.filter_map(|(i, text)| self.parsed(&format!("{path}[{i}]"), read(&text))).collect()
    }
}

/// Pairs of hexadecimal digits as bytes.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits =
        text.bytes().map(|b| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()));
    let digits = digits.collect::<Option<Vec<u8>>>()?;
    let is_even = digits.len() % 2 == 0;
    is_even.then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// The one of `all` that has this name.
pub(crate) fn named<T: Copy>(all: &[(&'static str, T)], text: &str) -> Result<T, String> {
    if let Some((_, value)) = all.iter().find(|(name, _)| *name == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    Err(format!("expected one of {}, found {text:?}", names.join(", ")))
}
