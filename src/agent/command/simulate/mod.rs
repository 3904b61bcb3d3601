//! `programme simulate`: reads programmes and a purchase log, has `simulation` replay it, and tells
//! the outcome.
//!
//! `log_file` reads the log, `report` is the outcome in the words of the JSON, `table` writes it for
//! people.

mod log_file;
mod report;
mod table;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Instant;

use self::log_file::LogFile;
use self::report::{ProgrammeReport, Report};
use super::programme::checked;
use super::try_out::STORE_DEFAULT;
use crate::agent::cli::{CommandError, SimulateArgs, Spend, Vouchers};
use crate::loyalty::{Evaluator, Programme, StoreId};
use crate::simulation::{self, Assumptions, Spending, VoucherUse};

pub(super) fn simulate(args: &SimulateArgs) -> Result<(), CommandError> {
    let (report, json) = (report(args)?, args.json);
    super::say(&if json {
        serde_json::to_string_pretty(&report).map_err(CommandError::failed)?
    } else {
        table::text(&report)
    });
    Ok(())
}

fn report(args: &SimulateArgs) -> Result<Report, CommandError> {
    let draft = checked(&args.programme)?.1;
    let current = args.current.as_deref().map(|path| of_same_currency(path, &draft)).transpose()?;
    let log = LogFile::read(&args.log, draft.currency)?;
    let store = match &args.store {
        Some(store) => store.clone(),
        None => StoreId::parse(STORE_DEFAULT).expect("a plain text is an id"),
    };
    let assumptions = Assumptions {
        spending: match args.spend {
            Spend::Never => Spending::Never,
            Spend::Whenever => Spending::Whenever,
        },
        vouchers: match args.vouchers {
            Vouchers::Never => VoucherUse::Never,
            Vouchers::Used => VoucherUse::Whenever,
        },
    };
    let run = |programme: Programme| {
        let evaluator = Evaluator::new(programme);
        let begun = Instant::now();
        let outcome = simulation::simulate(&evaluator, &log.sales, &store, assumptions);
        let seconds = begun.elapsed().as_secs_f64();
        let receipts_per_second = (outcome.receipts as f64 / seconds.max(1e-9)) as u64;
        let programme = evaluator.programme();
        tracing::info!(programme = %programme.id, receipts_per_second, "log replayed");
        ProgrammeReport::of(programme, &outcome)
    };
    Ok(Report {
        spend: assumptions.spending.into(),
        vouchers: assumptions.vouchers.into(),
        training_left_out: log.trainings,
        repeated_left_out: log.repeated,
        of_unknown_left_out: log.of_unknown,
        draft: run(draft),
        current: current.map(run),
    })
}

/// The programme to compare with: costs in two currencies cannot be.
fn of_same_currency(path: &Path, draft: &Programme) -> Result<Programme, CommandError> {
    let current = checked(path)?.1;
    if current.currency != draft.currency {
        return Err(CommandError::data(format!(
            "{} runs in {} and the draft in {}: they cannot be compared",
            path.display(),
            current.currency,
            draft.currency,
        )));
    }
    Ok(current)
}
