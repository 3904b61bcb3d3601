//! Fields that many bodies share.

use std::fmt::Display;

use chrono::{DateTime, Utc};

use super::super::fault::{Faults, FieldFault};
use crate::agent::till::{REFERRAL_CODE_BYTES_MAX, ReferralCode};
use crate::journal::{Remark, TextError};
use crate::loyalty::{IdError, MemberRef, OperatorRef, ReceiptUid, TillId};
use crate::money::{AMOUNT_MINOR_MAX, Amount, Currency};

/// An id of a body.
pub(super) fn id<T>(
    faults: &mut Faults,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, IdError>,
    pointer: impl FnOnce() -> String,
) -> Option<T> {
    let parsed = parse(text);
    let code = match &parsed {
        Err(IdError::Empty) => "id_empty",
        Err(IdError::TooLong) => "id_too_long",
        Err(IdError::NotPlain) => "id_not_plain",
        Err(IdError::NotHex) => "id_not_hexadecimal",
        Ok(_) => "",
    };
    faults.check(parsed, pointer, code)
}

/// An id that may be missing: the outer `None` is a fault.
pub(super) fn optional_id<T>(
    faults: &mut Faults,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, IdError>,
    pointer: &str,
) -> Option<T> {
    text.and_then(|text| id(faults, text, parse, || pointer.to_owned()))
}

/// The till that asks.
pub(super) fn till(faults: &mut Faults, text: &str) -> Option<TillId> {
    id(faults, text, TillId::parse, || "/till".to_owned())
}

/// Who works the till.
pub(super) fn operator(faults: &mut Faults, text: Option<&str>) -> Option<OperatorRef> {
    optional_id(faults, text, OperatorRef::parse, "/operator")
}

/// The till named in a query.
///
/// # Errors
/// The fault, where it is no id.
pub(crate) fn till_of(text: &str) -> Result<TillId, Vec<FieldFault>> {
    let mut faults = Faults::default();
    let till = id(&mut faults, text, TillId::parse, || "/till".to_owned());
    faults.settle(till)
}

/// A receipt or reservation named in a path.
///
/// # Errors
/// The fault, where it is no id.
pub(crate) fn uid_of(text: &str) -> Result<ReceiptUid, Vec<FieldFault>> {
    let mut faults = Faults::default();
    let uid = id(&mut faults, text, ReceiptUid::parse, || "/uid".to_owned());
    faults.settle(uid)
}

/// A member named in a path.
///
/// # Errors
/// The fault, where it is no reference.
pub(crate) fn member_of(text: &str) -> Result<MemberRef, Vec<FieldFault>> {
    let mut faults = Faults::default();
    let member = id(&mut faults, text, MemberRef::parse, || "/ref".to_owned());
    faults.settle(member)
}

/// Notes that a body's currency is not the programme's.
pub(super) fn currency(faults: &mut Faults, code: &str, expected: Currency) {
    if code != expected.code() {
        let message = format!("the programme runs in {expected}");
        faults.add("/currency", "other_currency", message);
    }
}

/// An instant with its offset from UTC.
pub(super) fn instant(faults: &mut Faults, text: &str, pointer: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|_| "expected a time with its offset (RFC 3339), like 2026-02-28T10:30:15+01:00");
    faults.check(parsed, || pointer.to_owned(), "not_a_time")
}

/// A text that ends in a record.
pub(super) fn text<T>(
    faults: &mut Faults,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, TextError>,
    pointer: impl FnOnce() -> String,
) -> Option<T> {
    let parsed = parse(text);
    let code = match &parsed {
        Err(TextError::TooLong { .. }) => "text_too_long",
        Err(TextError::Control) => "text_has_control_characters",
        Err(TextError::TooMany) => "too_many_attributes",
        Ok(_) => "",
    };
    faults.check(parsed, pointer, code)
}

/// Why something is done.
pub(super) fn reason(faults: &mut Faults, reason: Option<&str>) -> Option<Remark> {
    reason.and_then(|reason| text(faults, reason, Remark::parse, || "/reason".to_owned()))
}

/// An amount that is not below nothing.
pub(super) fn amount(
    faults: &mut Faults,
    minor: i64,
    pointer: impl FnOnce() -> String,
) -> Option<Amount> {
    in_range(faults, minor, 0, pointer)
}

/// An amount that may be below nothing: rounding, change given back.
pub(super) fn signed_amount(
    faults: &mut Faults,
    minor: i64,
    pointer: impl FnOnce() -> String,
) -> Option<Amount> {
    in_range(faults, minor, -AMOUNT_MINOR_MAX, pointer)
}

fn in_range(
    faults: &mut Faults,
    minor: i64,
    least: i64,
    pointer: impl FnOnce() -> String,
) -> Option<Amount> {
    let ok = (least..=AMOUNT_MINOR_MAX).contains(&minor);
    let checked = ok.then(|| Amount::new(minor));
    let message = format!("expected minor units from {least} to {AMOUNT_MINOR_MAX}");
    faults.check(checked.ok_or(message), pointer, "amount_out_of_range")
}

/// The code of whoever referred a member. Nothing of it is repeated.
pub(super) fn referral(faults: &mut Faults, text: Option<&str>) -> Option<ReferralCode> {
    let text = text?;
    let code = ReferralCode::parse(text);
    if code.is_none() {
        let message = format!("expected 1 to {REFERRAL_CODE_BYTES_MAX} bytes of plain text");
        faults.add("/referral_code", "referral_code_malformed", message);
    }
    code
}

/// A decimal text of at most three decimals, in thousandths: "1", "1.000", "0.235", "-2".
pub(super) fn parse_decimal(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(decimals) || decimals.len() > 3 {
        return None;
    }
    let scale = [100, 10, 1][decimals.len() - 1];
    let decimals: i64 = decimals.parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    let milli = whole.checked_mul(1_000)?.checked_add(decimals * scale)?;
    Some(sign * milli)
}

/// What is said of a quantity that cannot be read.
pub(super) const QUANTITY_EXPECTED: &str =
    "expected a decimal number as text with at most three decimals, like \"1.000\"";

/// Notes that a list is too long.
pub(super) fn list_within(
    faults: &mut Faults,
    found: usize,
    most: usize,
    pointer: &str,
    code: &'static str,
    what: impl Display,
) {
    if found > most {
        faults.add(pointer, code, format!("{found} {what} were sent, at most {most} are taken"));
    }
}
