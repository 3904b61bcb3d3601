//! Tells everything in a table that does not fit the format: what serde refuses is noted and
//! taken out, and the rest is read again, until it fits.

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use toml::{Table, Value};

/// More faults than anybody reads at once.
pub(crate) const FAULTS_MAX: usize = 100;

/// Takes out of `table` what does not fit a raw configuration; answers what it was and why.
pub(crate) fn repair<Raw: DeserializeOwned>(table: &mut Table) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    while faults.len() < FAULTS_MAX {
        let read = serde_path_to_error::deserialize::<_, Raw>(Value::Table(table.clone()));
        let Err(error) = read else { break };
        let path = error.path().to_string();
        faults.push((path, explained(error.inner().message().trim())));
        if !take_out(table, error.path()) {
            table.clear();
        }
    }
    faults
}

/// Reads a table that fits.
pub(crate) fn read<Raw: DeserializeOwned + Default>(table: Table) -> Raw {
    Value::Table(table).try_into().unwrap_or_default()
}

fn explained(message: &str) -> String {
    message.replace("expected i64", "expected an integer").replace("field `", "key `")
}

fn take_out(table: &mut Table, path: &Path) -> bool {
    let segments: Vec<&Segment> = path.iter().collect();
    let Some((last, around)) = segments.split_last() else { return false };
    let Some((Segment::Map { key }, around)) = around.split_first() else {
        return matches!(last, Segment::Map { key } if table.remove(key.as_str()).is_some());
    };
    let mut inside = table.get_mut(key.as_str());
    for segment in around {
        inside = match (segment, inside) {
            (Segment::Map { key }, Some(Value::Table(table))) => table.get_mut(key.as_str()),
            (Segment::Seq { index }, Some(Value::Array(list))) => list.get_mut(*index),
            _ => return false,
        };
    }
    match (last, inside) {
        (Segment::Map { key }, Some(Value::Table(table))) => table.remove(key.as_str()).is_some(),
        // Something harmless of the other type stands in, so that the others keep their numbers.
        (Segment::Seq { index }, Some(Value::Array(list))) => match list.get_mut(*index) {
            Some(element @ Value::String(_)) => {
                *element = Value::Table(Table::new());
                true
            }
            Some(Value::Table(table)) if table.is_empty() => false,
            Some(element) => {
                *element = Value::String(String::new());
                true
            }
            None => false,
        },
        _ => false,
    }
}
