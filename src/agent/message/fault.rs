//! Everything that is wrong with a body, each with its place.

use std::fmt::Display;

use serde::Serialize;
use utoipa::ToSchema;

/// The most faults that are told: a body of ten thousand wrong lines needs no longer answer.
pub(crate) const FAULTS_TOLD_MAX: usize = 100;

/// One thing that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldFault {
    /// Where: a JSON pointer (RFC 6901) into the body.
    #[schema(example = "/lines/3/quantity")]
    pub(crate) pointer: String,
    /// Stable code.
    #[schema(example = "quantity_out_of_range")]
    pub(crate) code: &'static str,
    /// A sentence for the person who looks at it.
    pub(crate) message: String,
}

impl FieldFault {
    /// A fault at a place.
    pub(crate) fn new(
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Display,
    ) -> Self {
        Self { pointer: pointer.into(), code, message: message.to_string() }
    }
}

/// The faults of one body, collected while it is read.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldFault>);

impl Faults {
    /// Notes a fault.
    pub(crate) fn add(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Display,
    ) {
        if self.0.len() < FAULTS_TOLD_MAX {
            self.0.push(FieldFault::new(pointer, code, message));
        }
    }

    /// The value, or `None` and a note of what is wrong.
    pub(crate) fn check<T, E: Display>(
        &mut self,
        result: Result<T, E>,
        pointer: impl FnOnce() -> String,
        code: &'static str,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(pointer(), code, error);
                None
            }
        }
    }

    /// The value where nothing at all is wrong.
    ///
    /// # Errors
    /// Every fault noted, in the order of the body.
    pub(crate) fn settle<T>(self, value: Option<T>) -> Result<T, Vec<FieldFault>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}

/// A name as a token of a JSON pointer.
pub(crate) fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
