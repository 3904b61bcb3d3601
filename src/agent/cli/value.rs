//! How arguments are read that have types of ours.

use chrono::{DateTime, FixedOffset};

use crate::journal::Kind;
use crate::loyalty::{IdError, StoreId};

pub(super) fn store(text: &str) -> Result<StoreId, IdError> {
    StoreId::parse(text)
}

pub(super) fn time(text: &str) -> Result<DateTime<FixedOffset>, String> {
    let wrong = |_| "expected a time with its offset, as in 2026-03-01T10:15:00+01:00".to_owned();
    DateTime::parse_from_rfc3339(text).map_err(wrong)
}

pub(super) fn kind(text: &str) -> Result<Kind, String> {
    let found = Kind::ALL.iter().find(|kind| kind.name() == text);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}
