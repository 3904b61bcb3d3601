//! Every default and limit of the configuration, with its reason. The card rules, scanner framing
//! and the window of rotating codes have theirs in `member_code`.

use std::ops::RangeInclusive;

use super::settings::HubSync;
use crate::shell::config::Usual;
use crate::wire::wording::Language;

/// Where the agent's things are when nobody says.
pub(super) const USUAL: Usual = Usual {
    config_variable: "TILLWARD_CONFIG",
    config_file: "/etc/tillward/config.toml",
    data_dir: "/var/lib/tillward",
    xdg_folder: "tillward",
};
/// The programme of the first try is in English.
pub(super) const LANGUAGE: Language = Language::English;
/// Only programs of the same machine, so that nothing needs a token to begin with.
pub(super) const LISTEN: &str = "127.0.0.1:8731";
/// All that the agent's memory budget has room for; a store with every lane on one agent needs few.
pub(super) const CONNECTIONS_MAX: u16 = 256;
/// One connection is of use; more than the budget is not to be had.
pub(crate) const CONNECTIONS_MAX_RANGE: RangeInclusive<u16> = 1..=256;
/// More than a year, so that last year's sale can still be returned and compared.
pub(super) const JOURNAL_DAYS: u16 = 400;
/// At least a quarter, the longest a returned receipt is commonly taken; at most ten years.
pub(crate) const JOURNAL_DAYS_RANGE: RangeInclusive<u16> = 90..=3650;
/// An 80 mm roll in the printers' font A.
pub(super) const RECEIPT_COLUMNS: u16 = 42;
/// The narrowest roll in use (57 mm in a wide font) and an A4 page.
pub(crate) const RECEIPT_COLUMNS_RANGE: RangeInclusive<u16> = 20..=132;
/// Whoever enrols wants to keep up.
pub(super) const HUB_SYNC: HubSync = HubSync::On;
/// How long Google Wallet shows a code by our pass template.
pub(super) const TOTP_PERIOD_MS: u32 = 30_000;
/// Two more than people type, since these are scanned.
pub(super) const TOTP_DIGITS: usize = 8;
/// The walk from the shelf to the till, and a phone that is slow.
pub(super) const TOTP_STEPS_BACK: u32 = 2;
/// A phone that is fast.
pub(super) const TOTP_STEPS_AHEAD: u32 = 1;
/// While the till's own clock is in doubt: two and a half minutes either way.
pub(super) const TOTP_STEPS_UNTRUSTED: u32 = 5;
