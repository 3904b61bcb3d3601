//! The text of a programme file with the place of every value in it.

use std::cell::OnceCell;
use std::ops::Range;

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::parts;
use super::place::{Step, shown};

/// A text whose places can be told. It is parsed for that only when a place is asked for: most
/// files have no fault, and the places of a large one take more memory than all else of a till.
pub(crate) struct Document<'t> {
    text: &'t str,
    root: OnceCell<DeTable<'t>>,
}

/// What is not TOML.
pub(crate) struct SyntaxFault {
    /// The line, from 1.
    pub(crate) line: Option<usize>,
    /// Why.
    pub(crate) reason: String,
}

impl<'t> Document<'t> {
    /// Reads the text: its values, and the document that knows their places.
    ///
    /// # Errors
    /// All places that are not TOML.
    pub(crate) fn parse(text: &'t str) -> Result<(toml::Table, Self), Vec<SyntaxFault>> {
        let document = Self { text, root: OnceCell::new() };
        if let Some(table) = parts::read(text) {
            return Ok((table, document));
        }
        let (root, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok((table_value(root.into_inner()), document));
        }
        let fault = |error: toml::de::Error| SyntaxFault {
            line: error.span().map(|span| document.line_of(&span)),
            reason: error.message().trim().replace('\n', ", "),
        };
        Err(errors.into_iter().map(fault).collect())
    }

    /// The line of a place, or of the nearest table or list around it that the file has.
    pub(crate) fn line(&self, steps: &[Step]) -> Option<usize> {
        let mut table = Some(self.root());
        let mut list = None;
        let mut span = None;
        for step in steps {
            let value = match step {
                Step::Key(key) => {
                    let Some((found, value)) = table.and_then(|t| t.get_key_value(key.as_str()))
                    else {
                        break;
                    };
                    span = Some(found.span());
                    value
                }
                Step::Index(index) => {
                    let Some(value) = list.and_then(|l: &toml::de::DeArray<'t>| l.get(*index))
                    else {
                        break;
                    };
                    span = Some(value.span());
                    value
                }
            };
            table = value.get_ref().as_table();
            list = value.get_ref().as_array();
        }
        span.map(|span| self.line_of(&span))
    }

    /// A place as text, list elements with their ids: `offers[2] (milk10).percent`.
    pub(crate) fn describe(&self, steps: &[Step]) -> String {
        let mut text = String::new();
        let mut table = Some(self.root());
        let mut list = None;
        for step in steps {
            let value = match step {
                Step::Key(key) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(&shown(key));
                    table.and_then(|t| t.get(key.as_str()))
                }
                Step::Index(index) => {
                    text.push_str(&format!("[{index}]"));
                    list.and_then(|l: &toml::de::DeArray<'t>| l.get(*index))
                }
            };
            let value = value.map(|value| value.get_ref());
            table = value.and_then(DeValue::as_table);
            list = value.and_then(DeValue::as_array);
            if let (Step::Index(_), Some(id)) = (step, table.and_then(shown_id)) {
                text.push_str(&format!(" ({id})"));
            }
        }
        text
    }

    fn root(&self) -> &DeTable<'t> {
        self.root.get_or_init(|| DeTable::parse_recoverable(self.text).0.into_inner())
    }

    fn line_of(&self, span: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }
}

fn shown_id(table: &DeTable<'_>) -> Option<String> {
    table.get("id")?.get_ref().as_str().filter(|id| !id.is_empty()).map(shown)
}

/// The values without their places, node by node, so that both never stand whole beside each other.
pub(super) fn table_value(table: DeTable<'_>) -> toml::Table {
    table
        .into_iter()
        .map(|(key, value)| (key.into_inner().into_owned(), plain_value(value.into_inner())))
        .collect()
}

fn plain_value(value: DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.into_owned()),
        // A number beyond i64 becomes a float, which no key of the format takes.
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Float(f64::INFINITY), Value::Integer),
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Boolean(truth),
        DeValue::Datetime(at) => Value::Datetime(at),
        DeValue::Array(items) => {
            Value::Array(items.into_iter().map(|item| plain_value(item.into_inner())).collect())
        }
        DeValue::Table(table) => Value::Table(table_value(table)),
    }
}
