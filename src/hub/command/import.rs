//! Takes over members.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::{failed, keys_failed, open_store};
use crate::hub::config::Config;
use crate::hub::import::{ImportError, Importer, import};
use crate::hub::keys::KeyRing;
use crate::shell::exit::CommandError;
use crate::shell::keys::DirectoryKey;
use crate::shell::process::say;
use crate::wire::programme::ProgrammeFile;

pub(super) fn members(config: &Config, file: &Path) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let keys = KeyRing::load(&config.data_dir, &*store).map_err(keys_failed)?;
    let newest = store.read().and_then(|mut tx| tx.newest_programme());
    let newest = newest.map_err(|error| failed(&error))?.ok_or_else(|| {
        CommandError::usage(
            "an import needs a programme, which says the currency and the kinds of vouchers: \
             `tillward-hub programme publish FILE` first",
        )
    })?;
    let programme = ProgrammeFile::check_kept(&newest.text).map_err(|_| {
        CommandError::failed(format!("the published programme {} cannot be read", newest.version))
    })?;
    let directory = DirectoryKey::from_bytes(&keys.directory);
    let importer = Importer { store: &*store, directory: &directory, programme: &programme };
    let imported = import(&importer, || File::open(file).map(BufReader::new));
    let imported = imported.map_err(|error| refused(file, &error))?;
    say(&format!(
        "imported {} members with {} points and {} vouchers: {} changed",
        imported.members, imported.points, imported.vouchers, imported.changed,
    ));
    Ok(())
}

fn refused(file: &Path, error: &ImportError) -> CommandError {
    match error {
        ImportError::Faults { faults } => {
            let lines: BTreeSet<usize> = faults.iter().map(|fault| fault.line).collect();
            let told: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
            CommandError::data(format!(
                "{}: {} lines are wrong, nothing was imported{told}",
                file.display(),
                lines.len()
            ))
        }
        ImportError::CodeTaken { .. } | ImportError::Io(_) => {
            let told = crate::shell::process::chain(error);
            CommandError::data(format!("{}: {told}", file.display()))
        }
        ImportError::Key(error) => failed(error),
        ImportError::Store(error) => failed(error),
    }
}
