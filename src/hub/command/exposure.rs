//! How much could be spent that the hub does not know of.

use serde_json::{Value, json};

use super::{failed, open_store};
use crate::hub::cli::ExposureArgs;
use crate::hub::config::Config;
use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{DeviceRow, DeviceStanding};
use crate::loyalty::{HUB_WORD_MS_MAX, LevelWorth, OfflineSpending, PointsWorth, Programme};
use crate::money::{Amount, Points, Rounding, mul_div};
use crate::shell::exit::CommandError;
use crate::shell::process::say;
use crate::wire::programme::ProgrammeFile;

/// Accounts that are looked at together: a few hundred kilobytes.
const ACCOUNTS_PER_LOOK: usize = 1_000;

pub(super) fn perform(config: &Config, args: &ExposureArgs) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let mut tx = store.read().map_err(|error| failed(&error))?;
    let Some(newest) = tx.newest_programme().map_err(|error| failed(&error))? else {
        return Err(CommandError::failed(
            "no programme is published yet: `tillward-hub programme publish FILE`",
        ));
    };
    let programme = ProgrammeFile::check_kept(&newest.text).map_err(|faults| {
        let faults: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
        CommandError::failed(format!("the published programme cannot be read:{faults}"))
    })?;
    let fleet = Fleet::of(&tx.devices().map_err(|error| failed(&error))?);
    let accounts = accounts_with_history(&mut *tx).map_err(|error| failed(&error))?;
    let exposure = Exposure::of(&programme, fleet, accounts);
    if args.json {
        say(&exposure.json(&programme).to_string());
    } else {
        say(&exposure.text(&programme));
    }
    Ok(())
}

/// How many accounts ever had anything: an opening or an entry.
fn accounts_with_history(tx: &mut dyn Tx) -> Result<u64, StoreError> {
    let (mut found, mut after) = (0, None);
    loop {
        let rows = tx.accounts_after(after, ACCOUNTS_PER_LOOK)?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = Some(last.account);
        let any = rows.iter().filter(|row| row.opening.is_some() || row.facts.last_entry.is_some());
        found += any.count() as u64;
    }
}

/// The devices, as far as they may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fleet {
    /// Those that may; a suspended one does not know that it is until it hears of the hub.
    at_work: u64,
    /// Those that are revoked or have a successor.
    gone: u64,
}

impl Fleet {
    fn of(devices: &[DeviceRow]) -> Self {
        let at_work = devices.iter().filter(|device| match device.standing {
            DeviceStanding::Active | DeviceStanding::Suspended => true,
            DeviceStanding::Replaced | DeviceStanding::Revoked => false,
        });
        let at_work = at_work.count() as u64;
        Self { at_work, gone: devices.len() as u64 - at_work }
    }
}

/// How much could be spent that the hub does not know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exposure {
    fleet: Fleet,
    accounts: u64,
    /// `None` where the programme sets no bound.
    bound: Option<Bound>,
}

/// The most, over all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound {
    floor_points: Points,
    floor_cashback: Amount,
    points: Points,
    cashback: Amount,
    /// All of it in money; `None` where points have no worth of their own, as they pay a percentage
    /// or only buy rewards.
    worth: Option<Amount>,
}

impl Exposure {
    /// Accounts x devices x floor. What an account holds now is no bound: a device that was away may
    /// know a balance that was spent since.
    fn of(programme: &Programme, fleet: Fleet, accounts: u64) -> Self {
        let bound = programme.offline.map(|policy| {
            let (floor_points, floor_cashback) = match policy {
                OfflineSpending::Nothing => (Points::ZERO, Amount::ZERO),
                OfflineSpending::Floor { points, cashback } => (points, cashback),
            };
            let times = i64::try_from(accounts.saturating_mul(fleet.at_work)).unwrap_or(i64::MAX);
            let points = Points::new(floor_points.value().saturating_mul(times));
            let cashback = Amount::new(floor_cashback.value().saturating_mul(times));
            let worth = worth_of_floor(programme, floor_points).map(|one| {
                let of_points = one.value().saturating_mul(times);
                Amount::new(of_points.saturating_add(cashback.value()))
            });
            Bound { floor_points, floor_cashback, points, cashback, worth }
        });
        Self { fleet, accounts, bound }
    }

    fn text(&self, programme: &Programme) -> String {
        let Fleet { at_work, gone } = self.fleet;
        let version = programme.version;
        let mut lines = vec![format!("programme    version {version}")];
        let gone_too = if gone == 0 { String::new() } else { format!(" ({gone} more are gone)") };
        lines.push(format!("devices      {at_work}{gone_too}"));
        lines.push(format!("accounts     {}", self.accounts));
        let Some(bound) = &self.bound else {
            lines.push(
                "bound        none: the programme has no [offline] table, so each".to_owned(),
            );
            lines.push("             device spends what its own ledger holds".to_owned());
            return lines.join("\n");
        };
        let (decimals, currency) = (programme.point_decimals, programme.currency);
        let amount = |amount| format!("{} {}", currency.format(amount), currency.code());
        let (floor, all) = (decimals.format(bound.floor_points), decimals.format(bound.points));
        lines.push(format!("points       at most {all} ({floor} for each account and device)"));
        if programme.cashback.is_some() {
            let (floor, all) = (amount(bound.floor_cashback), amount(bound.cashback));
            lines.push(format!("cashback     at most {all} ({floor} for each account and device)"));
        }
        lines.push(match bound.worth {
            Some(worth) => format!("in money     at most {}", amount(worth)),
            None => "in money     not known: points have no fixed worth here".to_owned(),
        });
        let seconds = HUB_WORD_MS_MAX / 1_000;
        lines.push(format!(
            "not in it    what several devices that hear the hub spend of one account within {seconds} s"
        ));
        lines.join("\n")
    }

    fn json(&self, programme: &Programme) -> Value {
        let spending = match programme.offline {
            None => None,
            Some(OfflineSpending::Nothing) => Some("none"),
            Some(OfflineSpending::Floor { .. }) => Some("floor"),
        };
        let bound = self.bound.map(|bound| {
            json!({
                "floor_points": bound.floor_points.value(),
                "floor_cashback": bound.floor_cashback.value(),
                "points": bound.points.value(),
                "cashback": bound.cashback.value(),
                "worth": bound.worth.map(Amount::value),
            })
        });
        json!({
            "programme_version": programme.version,
            "currency": programme.currency.code(),
            "point_decimals": programme.point_decimals.count(),
            "spending": spending,
            "devices": self.fleet.at_work,
            "devices_gone": self.fleet.gone,
            "accounts": self.accounts,
            "bound": bound,
            "hub_word_s": HUB_WORD_MS_MAX / 1_000,
        })
    }
}

/// What the floor of one account and device is worth, by the level that gives most for a point where
/// points go by levels; none where that depends on the basket.
fn worth_of_floor(programme: &Programme, floor: Points) -> Option<Amount> {
    if !floor.is_positive() {
        return Some(Amount::ZERO);
    }
    let policy = programme.redemption.as_ref()?;
    match &policy.worth {
        PointsWorth::Steps { .. } => Some(policy.value_at_most(floor)),
        PointsWorth::Levels(ladder) => {
            let mut most = Amount::ZERO;
            for level in ladder.levels.iter().filter(|level| level.points <= floor) {
                let LevelWorth::Amount(amount) = level.worth else { return None };
                let of_floor =
                    mul_div(floor.value(), amount.value(), level.points.value(), Rounding::Ceil);
                most = most.max(Amount::new(of_floor.unwrap_or(i64::MAX)));
            }
            Some(most)
        }
    }
}

#[cfg(test)]
mod tests;
