//! Checks programmes, puts them in force, imports members.

use std::fs;
use std::io::BufReader;
use std::path::Path;

use crate::advice::{Advised, advise};
use crate::agent::cli::{CommandError, ImportMembersArgs, ProgrammeCheckArgs, ProgrammeFileArgs};
use crate::agent::clock::Clock;
use crate::agent::config::Config;
use crate::agent::start::LEDGER_FILE;
use crate::agent::store::import::{ImportError, Importer};
use crate::agent::store::ledger::facts::{self, Fact};
use crate::agent::store::ledger::sync_state;
use crate::agent::store::open;
use crate::agent::till::CodeSettings;
use crate::agent::till::shelf::{Shelf, check_follows};
use crate::agent::till::upkeep::PROGRAMME_DROP_FILE;
use crate::loyalty::{Evaluator, Programme, SharedLimit, SharedScope, UseUnit};
use crate::shell::durable_file::{self, FileAccess};
use crate::shell::keys::DirectoryKey;
use crate::wire::programme::{ProgrammeFault, ProgrammeFile};

/// Checks a file and says what it holds and what its author may want to write otherwise, or every
/// fault at once.
pub(super) fn check(args: &ProgrammeCheckArgs) -> Result<(), CommandError> {
    let programme = checked(&args.file)?.1;
    super::say(&format!(
        "{}: programme {} version {} is sound: {} earning rules, {} offers, {} kinds of vouchers, {} tiers",
        args.file.display(),
        programme.id,
        programme.version,
        programme.earn.len(),
        programme.offers.len(),
        programme.voucher_types.len(),
        programme.tiers.as_ref().map_or(0, |tiers| tiers.steps.len()),
    ));
    if let Some(agents) = args.agents {
        super::say(&overshoots_of(&programme, agents));
    }
    let today = programme.day_of(Clock::system(programme.zone).now().wall);
    let advised = advise(&Evaluator::new(programme), today);
    super::say(&told_of(&advised));
    Ok(())
}

/// How far so many agents go beyond each limit over all customers at most.
fn overshoots_of(programme: &Programme, agents: u32) -> String {
    let of_offers = programme.offers.iter().flat_map(|offer| {
        let place = format!("offers.{}", offer.id);
        overshoots(place, &offer.shared_limits, agents)
    });
    let of_rules = programme.earn.iter().flat_map(|rule| {
        let place = format!("earn.{}", rule.id);
        overshoots(place, &rule.shared_limits, agents)
    });
    let mut lines: Vec<String> = of_offers.chain(of_rules).collect();
    if lines.is_empty() {
        lines.push("no offer or earning rule has a limit over all customers".to_owned());
    }
    lines.join("\n")
}

fn overshoots(
    place: String,
    limits: &[SharedLimit],
    agents: u32,
) -> impl Iterator<Item = String> + '_ {
    limits.iter().enumerate().map(move |(at, shared)| {
        let whose = match shared.per {
            SharedScope::Store => "of one store",
            SharedScope::Total => "of all stores",
        };
        let of_what = match shared.unit {
            UseUnit::Receipts | UseUnit::Units => "",
            UseUnit::Points => " points",
        };
        format!(
            "{place}.shared_limits[{at}]: {agents} agents {whose}, none of which hears of the others, give at most {} more than {}{of_what}",
            shared.overshoot_max(agents),
            shared.limit.uses_max,
        )
    })
}

fn told_of(advised: &Advised) -> String {
    let Advised { advice, baskets_compared, is_cut_short } = advised;
    let but = if *is_cut_short { "; not all that could be tried was" } else { "" };
    let head = format!(
        "advice: {}, which nothing waits for ({baskets_compared} pairs of baskets compared{but})",
        advice.len()
    );
    let lines = advice.iter().map(ToString::to_string);
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Leaves a checked programme where the agent, now or at its next start, puts it in force.
pub(super) fn activate(config: &Config, args: &ProgrammeFileArgs) -> Result<(), CommandError> {
    let (text, programme) = checked(&args.file)?;
    // A damaged ledger is no reason not to hand one over: the agent looks once more.
    if let Ok(Some(in_force)) = in_force(&config.data_dir) {
        check_follows(&programme, &in_force).map_err(|error| {
            CommandError::data(format!("{} was not handed over: {error}", args.file.display()))
        })?;
    }
    let path = config.data_dir.join(PROGRAMME_DROP_FILE);
    fs::create_dir_all(&config.data_dir)
        .and_then(|()| durable_file::replace(&path, text.as_bytes(), FileAccess::Everybody))
        .map_err(|error| {
            CommandError::failed(format!("could not write {}: {error}", path.display()))
        })?;
    super::say(&format!(
        "programme {} version {} is handed over: a running agent takes it up within seconds, else at its next start",
        programme.id, programme.version,
    ));
    Ok(())
}

/// Builds the next base of members; the agent takes it up like a programme.
pub(super) fn import_members(
    config: &Config,
    args: &ImportMembersArgs,
) -> Result<(), CommandError> {
    let folder = &config.data_dir;
    fs::create_dir_all(folder).map_err(|error| {
        CommandError::failed(format!("could not make {}: {error}", folder.display()))
    })?;
    refuse_enrolled(folder)?;
    let programme = programme_to_come(folder)?;
    let (directory, _) = DirectoryKey::load_or_create(folder).map_err(CommandError::failed)?;
    let source = fs::File::open(&args.file).map_err(|error| {
        CommandError::failed(format!("could not open {}: {error}", args.file.display()))
    })?;
    let codes = CodeSettings::from(&config.codes);
    let importer = Importer { folder, directory: &directory, codes: &codes, programme: &programme };
    match importer.import(BufReader::new(source)) {
        Ok(imported) => {
            super::say(&format!(
                "imported {} members with {} points and {} vouchers: a running agent takes them up within seconds, else at its next start",
                imported.members, imported.points, imported.vouchers,
            ));
            Ok(())
        }
        Err(ImportError::Faults { faults }) => {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(CommandError::data(format!("nothing was imported:\n{}", lines.join("\n"))))
        }
        Err(error @ ImportError::UnderWay { .. }) => Err(CommandError::busy(error)),
        Err(error) => Err(CommandError::failed(crate::agent::command::chain(&error))),
    }
}

/// The programme that vouchers and amounts of an import are read under: the one handed over, else
/// the one in force.
fn programme_to_come(folder: &Path) -> Result<Programme, CommandError> {
    let dropped = folder.join(PROGRAMME_DROP_FILE);
    if dropped.exists() {
        return Ok(checked(&dropped)?.1);
    }
    in_force(folder)?.ok_or_else(|| {
        CommandError::failed(
            "no programme is in force yet: put one in force first with `tillward programme activate FILE`",
        )
    })
}

/// The programme that the ledger of a folder has in force, if there is one.
fn in_force(folder: &Path) -> Result<Option<Programme>, CommandError> {
    let Ok(ledger) = open::open_reader(&folder.join(LEDGER_FILE)) else { return Ok(None) };
    let stamp = facts::read(&ledger, Fact::Programme).map_err(CommandError::failed)?;
    let kept = |stamp: String| Shelf::new(folder).kept_here_or_in(&ledger, &stamp);
    let kept = stamp.map(kept).transpose().map_err(CommandError::failed)?.flatten();
    Ok(kept.map(|published| published.evaluator.programme().clone()))
}

/// A programme that checks clean, with its text.
pub(super) fn checked(path: &Path) -> Result<(String, Programme), CommandError> {
    let text = fs::read_to_string(path).map_err(|error| {
        CommandError::failed(format!("could not read {}: {error}", path.display()))
    })?;
    match ProgrammeFile::check(&text) {
        Ok(programme) => Ok((text, programme)),
        Err(faults) => Err(CommandError::data(told(path, &faults))),
    }
}

fn told(path: &Path, faults: &[ProgrammeFault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    format!("{} is wrong in {} places:\n{}", path.display(), faults.len(), lines.join("\n"))
}

/// The members of an enrolled till are the hub's: what a till took in beside them, no other would
/// know.
fn refuse_enrolled(folder: &Path) -> Result<(), CommandError> {
    let ledger = folder.join(LEDGER_FILE);
    if !ledger.exists() {
        return Ok(());
    }
    let state = open::open_reader(&ledger)
        .map_err(CommandError::failed)
        .and_then(|ledger| sync_state::load_if_there(&ledger).map_err(CommandError::failed))?;
    match state {
        None => Ok(()),
        Some(state) => Err(CommandError::usage(format!(
            "this till is enrolled at {}: import the members there, with `tillward-hub import members`",
            state.hub_url
        ))),
    }
}
