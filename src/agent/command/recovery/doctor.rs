//! Looks a till's files over and says what to do, one finding a line.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rusqlite::Connection;

use super::{base_in_use, device_key, recover_failed, say, say_lost, store_of, system_clock};
use crate::agent::cli::{CommandError, DoctorArgs};
use crate::agent::clock::judge;
use crate::agent::command::chain;
use crate::agent::config::Config;
use crate::agent::start::LEDGER_FILE;
use crate::agent::store::base::{OpenBase, Pulls};
use crate::agent::store::base_files::{self, PENDING_BASE_FILE};
use crate::agent::store::checksum::count_damaged;
use crate::agent::store::ledger::facts::{self, Fact};
use crate::agent::store::ledger::journal::row_id;
use crate::agent::store::ledger::pulled::MEMBERS;
use crate::agent::store::ledger::{LEDGER_CHECKED, outbox, set_aside, sync_state};
use crate::agent::store::open::{self, SQLITE_VERSION_MIN};
use crate::agent::store::rebuild;
use crate::agent::store::recover::{self, replace};
use crate::agent::store::verify::{self, JournalReport};
use crate::agent::till::hub::checkpoint_of;
use crate::agent::till::shelf::Shelf;
use crate::agent::till::upkeep::PROGRAMME_DROP_FILE;
use crate::journal::{ClockTrust, SigningKey};
use crate::shell::keys::{DEVICE_KEY_FILE, DIRECTORY_KEY_FILE};

/// Below this a busy store could fill the disk within a day.
pub(crate) const FREE_MIB_MIN: u64 = 200;
/// Faults and differences that are printed; their number is always said.
const TOLD_MAX: usize = 20;

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// As it should be, or nothing that anybody has to act on.
    Well(String),
    /// Something to do.
    Amiss(String),
    /// The ledger itself is damaged.
    Damaged(String),
}

/// Examines, and salvages where told to and needed.
pub(in crate::agent::command) fn doctor(
    config: &Config,
    args: &DoctorArgs,
) -> Result<(), CommandError> {
    let mut findings = examine(&config.data_dir);
    let is_damaged =
        |findings: &[Finding]| findings.iter().any(|f| matches!(f, Finding::Damaged(_)));
    if args.salvage {
        if is_damaged(&findings) {
            tell(&findings)?;
            salvage(config)?;
            findings = examine(&config.data_dir);
        } else {
            say("salvage: the ledger is sound, nothing was changed")?;
        }
    }
    tell(&findings)?;
    let amiss = findings.iter().filter(|finding| !matches!(finding, Finding::Well(_))).count();
    match amiss {
        0 => Ok(()),
        1 => Err(CommandError::failed("1 finding needs attention")),
        amiss => Err(CommandError::failed(format!("{amiss} findings need attention"))),
    }
}

fn salvage(config: &Config) -> Result<(), CommandError> {
    let folder = &config.data_dir;
    let key = Arc::new(device_key(folder)?);
    let clock = system_clock();
    replace::finish_interrupted(folder, clock.now().wall).map_err(recover_failed)?;
    let store = store_of(config, &folder.join(LEDGER_FILE))?;
    let salvaged = recover::salvage(folder, &store, &key, &clock).map_err(recover_failed)?;
    say(&format!(
        "salvaged {} records; the journal goes on in epoch {}",
        salvaged.records, salvaged.epoch
    ))?;
    if let Some(aside) = &salvaged.aside {
        say(&format!("the damaged file is kept as {}", aside.display()))?;
    }
    say_lost(&salvaged.lost)
}

fn tell(findings: &[Finding]) -> Result<(), CommandError> {
    for finding in findings {
        say(&match finding {
            Finding::Well(text) => format!("ok     {text}"),
            Finding::Amiss(text) | Finding::Damaged(text) => format!("AMISS  {text}"),
        })?;
    }
    Ok(())
}

/// Looks everything over. Changes nothing.
pub(super) fn examine(folder: &Path) -> Vec<Finding> {
    let mut findings = vec![sqlite(), folder_access(folder), free_space(folder)];
    findings.extend([DEVICE_KEY_FILE, DIRECTORY_KEY_FILE].map(|name| key_file(&folder.join(name))));
    if folder.join(replace::NEXT_FILE).exists() {
        findings.push(Finding::Amiss(
            "an exchange of the ledger was cut off: start the agent, which finishes it".to_owned(),
        ));
    }
    findings.extend(waiting(folder));
    let path = folder.join(LEDGER_FILE);
    if !path.exists() {
        findings.push(Finding::Amiss("there is no ledger yet: start the agent once".to_owned()));
        return findings;
    }
    match open::open_reader(&path) {
        Ok(ledger) => {
            // One snapshot, so that an agent at work does not look like a difference.
            let snapshot = ledger.execute_batch("BEGIN");
            findings.extend(snapshot.err().map(|error| damaged("the ledger", &error)));
            findings.extend(examine_ledger(folder, &path, &ledger));
        }
        Err(error) => findings.push(damaged("the ledger", &error)),
    }
    findings
}

fn examine_ledger(folder: &Path, path: &Path, ledger: &Connection) -> Vec<Finding> {
    let mut findings = vec![match open::quick_check(ledger, path) {
        Ok(()) => Finding::Well("every page of the ledger is sound".to_owned()),
        Err(error) => damaged("the ledger", &error),
    }];
    match device_key(folder) {
        Ok(key) => findings.extend(journal(ledger, &key)),
        Err(error) => findings.push(Finding::Amiss(format!("journal: {}", error.message))),
    }
    let base = base_in_use(ledger, folder);
    match &base {
        Ok(Some(base)) => match base.view().members() {
            Ok(members) => findings.push(Finding::Well(format!("the base has {members} members"))),
            Err(error) => findings.push(base_unreadable(&error)),
        },
        Ok(None) => findings.push(Finding::Well("there is no base of members yet".to_owned())),
        Err(error) => findings.push(base_unreadable(error)),
    }
    if let Ok(base) = &base {
        findings.extend(projections(ledger, base.as_ref()));
        findings.extend(base.as_ref().into_iter().flat_map(damaged_base_rows));
    }
    findings.extend(damaged_rows(ledger));
    findings.extend(unrecorded_base(folder, ledger));
    findings.push(programme(folder, ledger));
    findings.push(hub(ledger));
    findings
}

fn damaged(what: &str, error: &dyn std::error::Error) -> Finding {
    let why = chain(error);
    Finding::Damaged(format!(
        "{what} is damaged ({why}): stop the agent, then run `tillward doctor --salvage`"
    ))
}

fn base_unreadable(error: &dyn std::error::Error) -> Finding {
    let why = chain(error);
    Finding::Amiss(format!("the base of members cannot be read ({why}): import the members again"))
}

fn sqlite() -> Finding {
    let (found, name) = (rusqlite::version_number(), rusqlite::version());
    if found >= SQLITE_VERSION_MIN {
        Finding::Well(format!("SQLite {name}"))
    } else {
        Finding::Amiss(format!("SQLite {name} can lose data: use another build"))
    }
}

fn folder_access(folder: &Path) -> Finding {
    let shown = folder.display();
    let probe = folder.join(".doctor.probe");
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) if others_may_write(folder) => Finding::Amiss(format!(
            "everybody on this machine may write to {shown}: run `chmod o-w` on it"
        )),
        Ok(()) => Finding::Well(format!("{shown} can be written")),
        Err(error) => Finding::Amiss(format!(
            "{shown} cannot be written ({error}): give the agent's user the right to write there"
        )),
    }
}

fn free_space(folder: &Path) -> Finding {
    let shown = folder.display();
    match free_mib(folder) {
        None => Finding::Well(format!("how much room is left in {shown} cannot be told here")),
        Some(free) if free < FREE_MIB_MIN => Finding::Amiss(format!(
            "only {free} MiB are free in {shown}: make room, at least {FREE_MIB_MIN} MiB"
        )),
        Some(free) => Finding::Well(format!("{free} MiB are free")),
    }
}

/// What `df` says: the standard library does not tell.
fn free_mib(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let free_kib: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(free_kib / 1024)
}

fn key_file(path: &Path) -> Finding {
    let shown = path.display();
    match path.metadata() {
        Err(_) => Finding::Amiss(format!(
            "{shown} is not there: put it back from where keys are kept; a first start makes one"
        )),
        Ok(_) if others_may_read(path) => Finding::Amiss(format!(
            "{shown} can be read by others: run `chmod 600` on it and enrol this device again"
        )),
        Ok(_) => Finding::Well(format!("{shown} is its owner's alone")),
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().map_or(0, |found| found.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> u32 {
    0
}

fn others_may_read(path: &Path) -> bool {
    mode(path) & 0o077 != 0
}

fn others_may_write(path: &Path) -> bool {
    mode(path) & 0o002 != 0
}

fn journal(ledger: &Connection, key: &SigningKey) -> Vec<Finding> {
    match verify::verify(ledger, key.public_key()) {
        Ok(report) => {
            let mut findings = journal_findings(&report);
            findings.extend(clock(&report));
            findings
        }
        Err(error) => vec![damaged("the journal", &error)],
    }
}

fn journal_findings(report: &JournalReport) -> Vec<Finding> {
    if report.is_sound() {
        let gaps = report.gaps.len();
        return vec![Finding::Well(format!(
            "{} records are signed and in order, in {} epochs, with {gaps} known gaps",
            report.records,
            report.epochs.len()
        ))];
    }
    let mut findings: Vec<Finding> = report
        .faults
        .iter()
        .take(TOLD_MAX)
        .map(|fault| damaged(&format!("record {}", fault.id), &fault.fault))
        .collect();
    findings.extend(report.missing.iter().take(TOLD_MAX).map(|missing| {
        Finding::Damaged(format!(
            "records {} to {} of epoch {} are missing: stop the agent, then run `tillward doctor --salvage`",
            missing.first, missing.last, missing.epoch
        ))
    }));
    findings
}

fn clock(report: &JournalReport) -> Option<Finding> {
    let (_, last) = report.times?;
    let now = system_clock().now().wall;
    Some(match judge(now, Some(last), None) {
        ClockTrust::Trusted => Finding::Well(format!("the clock says {now:.0}")),
        ClockTrust::Untrusted => Finding::Amiss(format!(
            "the clock says {now:.0}, the last record is of {last:.0}: set the clock"
        )),
    })
}

fn projections(ledger: &Connection, base: Option<&OpenBase>) -> Vec<Finding> {
    let damage = Pulls::default();
    // A ledger of an earlier software has nothing to lie over a base.
    let over = ledger.table_exists(None, MEMBERS.name).unwrap_or(false).then_some(ledger);
    let base = base.map(OpenBase::view).map(|base| match over {
        Some(ledger) => base.under(ledger, &damage),
        None => base,
    });
    match rebuild::compare(ledger, base) {
        Ok(differences) if differences.found == 0 => vec![Finding::Well(format!(
            "all {} rows computed from the journal are right: 0 differences",
            differences.rows
        ))],
        Ok(differences) => {
            let told = differences.told.iter().take(TOLD_MAX);
            let mut findings: Vec<Finding> =
                told.map(|difference| Finding::Amiss(difference.to_string())).collect();
            findings.push(Finding::Amiss(format!(
                "{} rows are not what the journal gives: stop the agent, then run `tillward rebuild`",
                differences.found
            )));
            findings
        }
        Err(error) => {
            let why = chain(&error);
            vec![Finding::Amiss(format!("balances cannot be compared with the journal: {why}"))]
        }
    }
}

fn damaged_rows(ledger: &Connection) -> Vec<Finding> {
    let looked_over =
        LEDGER_CHECKED.iter().filter_map(|table| match count_damaged(ledger, table) {
            Ok(0) => None,
            Ok(found) => Some(Finding::Amiss(format!(
                "{found} rows of {} are damaged: stop the agent, then run `tillward rebuild`",
                table.name
            ))),
            Err(error) => Some(damaged("the ledger", &error)),
        });
    looked_over.collect()
}

fn damaged_base_rows(base: &OpenBase) -> Vec<Finding> {
    match base.view().count_damaged() {
        Ok(damaged) => damaged
            .iter()
            .map(|(table, found)| {
                Finding::Amiss(format!(
                    "{found} rows of {table} in the base are damaged: import the members again"
                ))
            })
            .collect(),
        Err(error) => vec![base_unreadable(&error)],
    }
}

fn programme(folder: &Path, ledger: &Connection) -> Finding {
    let activate = "put one in force with `tillward programme activate FILE`";
    match facts::read(ledger, Fact::Programme) {
        Ok(Some(stamp)) => {
            let shelf = Shelf::new(folder);
            let version = stamp.split(' ').next().unwrap_or_default();
            match (shelf.kept(&stamp).is_some(), shelf.kept_here_or_in(ledger, &stamp)) {
                (true, _) => Finding::Well(format!("programme version {version} is in force")),
                (_, Ok(Some(_))) => Finding::Amiss(format!(
                    "the file of programme version {version}, which is in force, is gone or changed: start the agent anew, which writes it again from the ledger"
                )),
                (_, Ok(None)) => {
                    Finding::Amiss(format!("the programme in force is gone or changed: {activate}"))
                }
                (_, Err(error)) => damaged("the ledger", &error),
            }
        }
        Ok(None) => Finding::Amiss(format!("no programme is in force: {activate}")),
        Err(error) => damaged("the ledger", &error),
    }
}

/// Which hub, and what it does not have yet.
fn hub(ledger: &Connection) -> Finding {
    let looked = sync_state::load_if_there(ledger).and_then(|state| {
        let Some(state) = state else { return Ok(None) };
        let head = checkpoint_of(&state);
        let acknowledged = head.map_or(0, |head| row_id(head.epoch, head.sequence));
        let unsent = outbox::unsent(ledger, acknowledged)?;
        Ok(Some((state, unsent, set_aside::count(ledger)?)))
    });
    match looked {
        Ok(None) => Finding::Well("the till is not enrolled at a hub".to_owned()),
        Ok(Some((state, unsent, refused))) if refused > 0 => Finding::Amiss(format!(
            "the hub at {} refuses {refused} records: look at the hub's log; {} more wait to be sent",
            state.hub_url, unsent.records
        )),
        Ok(Some((state, unsent, _))) => {
            let hub = &state.hub_url;
            let waiting = match unsent.oldest_at {
                Some(at) => format!("{} records wait, the oldest of {at:.0}", unsent.records),
                None => "it has every record".to_owned(),
            };
            Finding::Well(format!("enrolled at {hub} as {}: {waiting}", state.device))
        }
        Err(error) => Finding::Amiss(format!(
            "what is known of the hub cannot be read ({}): enrol again with a new code",
            chain(&error)
        )),
    }
}

/// What the agent takes up when it runs.
fn waiting(folder: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, what) in [(PENDING_BASE_FILE, "base of members"), (PROGRAMME_DROP_FILE, "programme")]
    {
        if folder.join(name).exists() {
            findings.push(Finding::Well(format!(
                "a {what} waits: a running agent takes it up within seconds, else at its next start"
            )));
        }
    }
    let refused = folder.join(PROGRAMME_DROP_FILE).with_extension("toml.refused");
    if refused.exists() {
        findings.push(Finding::Amiss(format!(
            "a programme was refused: see `tillward programme check {}`, then remove it",
            refused.display()
        )));
    }
    findings
}

fn unrecorded_base(folder: &Path, ledger: &Connection) -> Option<Finding> {
    let (newest, _) = base_files::newest(folder)?;
    let recorded = facts::read(ledger, Fact::Base).ok()?;
    let recorded = recorded.and_then(|fact| fact.split_once(' ')?.0.parse::<i64>().ok());
    recorded.is_none_or(|recorded| newest > recorded).then(|| {
        Finding::Well("a newer base is in place: the agent records it at its next start".to_owned())
    })
}
