//! A line as it is written, and what serde refuses about it, told without its values.

use serde::Deserialize;
use serde_path_to_error::Segment;

use super::fault::ImportFaultCode;
use crate::wire::table::Table;

/// The longest unknown key that a fault repeats: a longer one may be data in the wrong place.
const SHOWN_KEY_BYTES_MAX: usize = 32;

/// A member line, or a voucher line with nothing but `voucher`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineObject {
    pub(crate) member: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) codes: Option<Vec<String>>,
    pub(crate) referral_codes: Option<Vec<String>>,
    pub(crate) points: Option<i64>,
    pub(crate) lots: Option<Vec<Table<LotObject>>>,
    pub(crate) pending: Option<Vec<Table<PendingObject>>>,
    pub(crate) cashback: Option<String>,
    pub(crate) last_purchase: Option<String>,
    pub(crate) spend_lifetime: Option<String>,
    pub(crate) visits_lifetime: Option<u32>,
    pub(crate) earned_lifetime: Option<i64>,
    pub(crate) days: Option<Vec<Table<DayObject>>>,
    pub(crate) flags: Option<Vec<String>>,
    pub(crate) birthday: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) recruiter: Option<String>,
    pub(crate) wallet: Option<Table<WalletObject>>,
    pub(crate) vouchers: Option<Vec<Table<VoucherObject>>>,
    pub(crate) offers: Option<Vec<Table<OfferObject>>>,
    pub(crate) voucher: Option<Table<VoucherObject>>,
}

impl LineObject {
    /// Whether anything but `voucher` is there.
    pub(crate) fn has_member_keys(&self) -> bool {
        self.member.is_some()
            || self.account.is_some()
            || self.codes.is_some()
            || self.referral_codes.is_some()
            || self.points.is_some()
            || self.lots.is_some()
            || self.pending.is_some()
            || self.cashback.is_some()
            || self.last_purchase.is_some()
            || self.spend_lifetime.is_some()
            || self.visits_lifetime.is_some()
            || self.earned_lifetime.is_some()
            || self.days.is_some()
            || self.flags.is_some()
            || self.birthday.is_some()
            || self.kind.is_some()
            || self.role.is_some()
            || self.recruiter.is_some()
            || self.wallet.is_some()
            || self.vouchers.is_some()
            || self.offers.is_some()
    }
}

/// Points with a last day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LotObject {
    pub(crate) points: i64,
    pub(crate) expires: String,
}

/// Points that may be spent only later.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingObject {
    pub(crate) points: i64,
    pub(crate) usable_from: String,
    pub(crate) expires: Option<String>,
}

/// What happened on a day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DayObject {
    pub(crate) day: String,
    pub(crate) visits: u32,
    pub(crate) spend: String,
    #[serde(default)]
    pub(crate) earned: i64,
}

/// A wallet pass.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WalletObject {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A voucher.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoucherObject {
    pub(crate) code: String,
    #[serde(rename = "type")]
    pub(crate) voucher_type: String,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_until: Option<String>,
}

/// Where and why a line does not fit the format.
pub(crate) struct Misfit {
    pub(crate) path: String,
    pub(crate) code: ImportFaultCode,
    pub(crate) reason: String,
}

/// An offer that the member carries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferObject {
    pub(crate) offer: String,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    #[serde(default)]
    pub(crate) score: i64,
    pub(crate) variant: Option<String>,
}

/// Reads the JSON of a line.
pub(crate) fn read(text: &str) -> Result<LineObject, Misfit> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Table(object) = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| misfit(error.path(), error.inner()))?;
    let syntax = |_| Misfit {
        path: String::new(),
        code: ImportFaultCode::Syntax,
        reason: "there is something after the JSON object".to_owned(),
    };
    deserializer.end().map_err(syntax)?;
    Ok(object)
}

/// Serde's messages repeat values, so only what they say about the format is taken from them.
fn misfit(path: &serde_path_to_error::Path, error: &serde_json::Error) -> Misfit {
    let message = error.to_string();
    let told = |code, reason: &str| (code, reason.to_owned());
    let (code, reason) = if !error.is_data() {
        told(ImportFaultCode::Syntax, "this is not a JSON object on one line")
    } else if message.starts_with("unknown field") {
        let reason = "unknown key; tills hold no personal data (names, e-mails, phones): \
                      take it out of the file";
        told(ImportFaultCode::UnknownKey, reason)
    } else if let Some(key) = message.strip_prefix("duplicate field `") {
        (ImportFaultCode::Duplicate, format!("`{}` is there twice", first_word(key)))
    } else if let Some(key) = message.strip_prefix("missing field `") {
        (ImportFaultCode::MissingKey, format!("`{}` is missing", first_word(key)))
    } else {
        told(ImportFaultCode::WrongType, &format!("expected {}", expected(&message)))
    };
    Misfit { path: shown_path(path), code, reason }
}

/// The key of the format that a message goes on with.
fn first_word(rest: &str) -> &str {
    rest.split('`').next().unwrap_or_default()
}

/// What the format has where something else was found. The last "expected" is serde's own,
/// whatever the value before it says.
fn expected(message: &str) -> &'static str {
    let wanted = message.rsplit_once(", expected ").map_or("", |(_, wanted)| wanted);
    let wanted = wanted.rsplit_once(" at line ").map_or(wanted, |(wanted, _)| wanted);
    match wanted {
        "a string" => "text in quotes",
        "a sequence" => "a list",
        "i64" => "a whole number",
        "u32" => "a whole number from 0",
        _ => "an object as the format has it",
    }
}

fn shown_path(path: &serde_path_to_error::Path) -> String {
    let mut shown = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => shown.push_str(&format!("[{index}]")),
            Segment::Map { key } => {
                if !shown.is_empty() {
                    shown.push('.');
                }
                shown.push_str(shown_key(key));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    shown
}

/// A key, unless it may be data in the wrong place.
fn shown_key(key: &str) -> &str {
    let plain = key.len() <= SHOWN_KEY_BYTES_MAX
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain { key } else { "?" }
}
