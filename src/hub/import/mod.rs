//! Takes over members of another system: the file that the agent's import reads, for all tills.
//!
//! The file is read twice: first everything in it is checked, so that a wrong line ends it before
//! anything is stored; then it is stored in batches. What is there already as the file has it is left
//! alone, so the same file again changes nothing and tells no till.

mod rows;
mod stored;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead};

use self::rows::{Checker, Reading};
use self::stored::store_batch;
use super::store::Store;
use super::store::error::StoreError;
use crate::loyalty::Programme;
use crate::money::Points;
use crate::shell::keys::{DirectoryKey, KeyError};
use crate::wire::members::{ImportFault, ImportLine};

/// Faults told before the rest of a file is not looked at any more.
pub(crate) const FAULTS_TOLD_MAX: usize = 100;

/// Lines of one transaction: some tens of milliseconds, in which tills wait.
const BATCH_LINES: usize = 1_000;

/// What an import reads codes and offers by.
pub(crate) struct Importer<'a> {
    /// Where to.
    pub(crate) store: &'a dyn Store,
    /// What codes are hashed and secrets sealed with.
    pub(crate) directory: &'a DirectoryKey,
    /// The programme that is published.
    pub(crate) programme: &'a Programme,
}

/// What an import brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Members of the file.
    pub(crate) members: u64,
    /// Vouchers of the file.
    pub(crate) vouchers: u64,
    /// The sum of the members' points, to compare with where they came from.
    pub(crate) points: Points,
    /// Members, accounts and vouchers that were not there as the file has them.
    pub(crate) changed: u64,
}

/// A line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub(crate) struct LineFault {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What to mend; never what the line had there.
    pub(crate) reason: String,
}

impl From<ImportFault> for LineFault {
    fn from(fault: ImportFault) -> Self {
        let ImportFault { line, path, code, reason } = fault;
        let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
        Self { line, reason: format!("{place}{reason} [{code}]") }
    }
}

/// Why an import ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// Lines that are wrong; nothing was stored.
    #[error("{} lines are wrong, nothing was imported", faults.len())]
    Faults {
        /// Each with its line.
        faults: Vec<LineFault>,
    },
    /// A code is another member's, who is not in the file or further down; what came before is
    /// stored.
    #[error(
        "a code in lines {first} to {last} belongs to a member who is not among them: the lines before are imported"
    )]
    CodeTaken {
        /// The first line of the batch.
        first: usize,
        /// Its last line.
        last: usize,
    },
    /// The file cannot be read.
    #[error("could not read the file")]
    Io(#[from] io::Error),
    /// A secret cannot be sealed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store failed; what came before is stored, and the same file again goes on.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks a file and stores it. `open` gives the file from its beginning, each time it is called.
///
/// # Errors
/// [`ImportError`].
pub(crate) fn import<R: BufRead>(
    importer: &Importer<'_>,
    mut open: impl FnMut() -> io::Result<R>,
) -> Result<Imported, ImportError> {
    let mut checker = Checker::new(importer);
    let mut reading = Reading::new(open()?);
    while let Some(line) = reading.next(importer.programme.currency) {
        checker.check(line?);
        if checker.faults.len() >= FAULTS_TOLD_MAX {
            break;
        }
    }
    if !checker.faults.is_empty() {
        return Err(ImportError::Faults { faults: checker.faults });
    }
    let mut imported = Imported::default();
    let mut batch: Vec<(usize, ImportLine)> = Vec::with_capacity(BATCH_LINES);
    let mut reading = Reading::new(open()?);
    while let Some(line) = reading.next(importer.programme.currency) {
        let line = line?;
        // The file changed between the two times it was read.
        let parsed = line.parsed.map_err(|fault| ImportError::Faults { faults: vec![fault] })?;
        count(&mut imported, &parsed);
        batch.push((line.number, parsed));
        if batch.len() == BATCH_LINES {
            imported.changed += store_batch(importer, &std::mem::take(&mut batch))?;
        }
    }
    if !batch.is_empty() {
        imported.changed += store_batch(importer, &batch)?;
    }
    tracing::info!(members = imported.members, changed = imported.changed, "members imported");
    Ok(imported)
}

fn count(imported: &mut Imported, line: &ImportLine) {
    match line {
        ImportLine::Member(member) => {
            imported.members += 1;
            imported.vouchers += member.vouchers.len() as u64;
            imported.points += member.facts.points.totals.adjusted;
        }
        ImportLine::Voucher(_) => imported.vouchers += 1,
    }
}
