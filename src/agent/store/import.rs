//! Builds the next base from an import file: a copy of the base in use with the file's members
//! added or replaced, beside it, complete or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use rusqlite::{Connection, OpenFlags};

use super::base::{Base, BaseAbout, BaseRows, BaseVoucher, BaseWallet, MemberRow};
use super::base_files::{self, PENDING_BASE_FILE};
use super::error::StoreError;
use super::ledger::{BASE_APPLICATION_ID, BASE_MIGRATIONS};
use super::open::{FileLock, OpenError};
use crate::agent::till::CodeSettings;
use crate::loyalty::{AccountRef, MemberRef, Programme, Reach};
use crate::member_code::{self, Code, Scan, WalletId};
use crate::money::Points;
use crate::shell::durable_file;
use crate::shell::keys::DirectoryKey;
use crate::shell::migrate::{self, MigrateError};
use crate::wire::members::{ImportFault, ImportLine, ImportedMember, ImportedVoucher, parse_line};
use crate::wire::personal_offers;

/// A base that is being built.
pub(super) const BUILDING_FILE: &str = "base.building.db";

/// Faults told before the rest of a file is not looked at any more.
pub(crate) const FAULTS_TOLD_MAX: usize = 100;

/// What an import brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    pub(crate) members: u64,
    pub(crate) vouchers: u64,
    /// The sum of the members' points, to compare with where they came from.
    pub(crate) points: Points,
}

/// Why nothing was imported; the base in use stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// Lines that are wrong.
    #[error("{} lines are wrong, nothing was imported; the first: {}", faults.len(), faults[0])]
    Faults {
        /// Each with its line.
        faults: Vec<LineFault>,
    },
    /// Another import builds a base in the same folder.
    #[error("another import is under way in {folder}: wait for its end, then import again")]
    UnderWay {
        /// The data folder.
        folder: PathBuf,
    },
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(OpenError),
    /// A file could not be read or written.
    #[error("could not {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The base could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The base in use cannot be copied.
    #[error("the base in use cannot be read")]
    Base(#[from] base_files::BaseFileError),
    /// The new base has no tables.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

/// A line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub(crate) struct LineFault {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl From<ImportFault> for LineFault {
    fn from(fault: ImportFault) -> Self {
        Self { line: fault.line, reason: fault.to_string() }
    }
}

impl From<rusqlite::Error> for ImportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What an import needs to know.
pub(crate) struct Importer<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) directory: &'a DirectoryKey,
    pub(crate) codes: &'a CodeSettings,
    pub(crate) programme: &'a Programme,
}

impl Importer<'_> {
    /// Reads a file and leaves the next base where the agent takes it up. One import at a time.
    pub(crate) fn import(&self, source: impl BufRead) -> Result<Imported, ImportError> {
        let building = self.folder.join(BUILDING_FILE);
        // Until the new base is in place: a second import builds on it, not beside it.
        let _lock = FileLock::acquire(&building).map_err(|error| match error {
            OpenError::AlreadyRunning { .. } => {
                ImportError::UnderWay { folder: self.folder.to_owned() }
            }
            error => ImportError::Folder(error),
        })?;
        remove_if_there(&building)?;
        let latest = base_files::latest(self.folder);
        if let Some(path) = &latest {
            std::fs::copy(path, &building).map_err(failed("copy the base in use"))?;
        }
        let mut connection = open_building(&building)?;
        migrate::migrate(&mut connection, BASE_MIGRATIONS)?;
        let before = match latest {
            Some(_) => Some(Base::of(&connection)?.about()?),
            None => None,
        };
        let transaction = connection.transaction()?;
        let mut intake = Intake::new(self, &transaction);
        let source_hash = intake.read(source)?;
        let imported = intake.imported;
        let mut content = Context::new(&SHA256);
        content.update(&before.map_or([0; 32], |about| about.content));
        content.update(&source_hash);
        let content = content.finish();
        let rows = BaseRows::of(&transaction);
        rows.put_about(&BaseAbout {
            cursor: before.map_or(1, |about| about.cursor + 1),
            content: content.as_ref().try_into().expect("a SHA-256 has 32 bytes"),
            source: source_hash,
            members: rows.members()?,
            imported: imported.members,
            points: imported.points,
            hub_cursor: before.and_then(|about| about.hub_cursor),
            contained: before.map_or(0, |about| about.contained),
        })?;
        transaction.commit()?;
        drop(connection);
        put_in_place(self.folder, &building)?;
        Ok(imported)
    }
}

/// Leaves a base that is complete where the agent takes it up, durably.
pub(super) fn put_in_place(folder: &Path, building: &Path) -> Result<(), ImportError> {
    let file = std::fs::File::open(building).map_err(failed("open the new base"))?;
    file.sync_all().map_err(failed("make the new base durable"))?;
    let pending = folder.join(PENDING_BASE_FILE);
    std::fs::rename(building, &pending).map_err(failed("put the new base in place"))?;
    durable_file::sync_folder_of(&pending).map_err(failed("make the new base durable"))
}

/// Lines on their way into the base.
struct Intake<'a> {
    importer: &'a Importer<'a>,
    rows: BaseRows<'a>,
    imported: Imported,
    /// Holder of each code of this file, so that two members never share one.
    codes: BTreeMap<i64, MemberRef>,
    /// Accounts that a line of this file gave something to begin with: the lines of others of the
    /// account need not say it again.
    begun: BTreeSet<AccountRef>,
    faults: Vec<LineFault>,
}

impl<'a> Intake<'a> {
    fn new(importer: &'a Importer<'a>, connection: &'a Connection) -> Self {
        let (imported, codes, begun, faults) = Default::default();
        let rows = BaseRows::of(connection);
        Self { importer, rows, imported, codes, begun, faults }
    }

    /// Takes every line in; the hash of the file.
    fn read(&mut self, mut source: impl BufRead) -> Result<[u8; 32], ImportError> {
        let mut hash = Context::new(&SHA256);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = source.read_until(b'\n', &mut line).map_err(failed("read the file"))?;
            if read == 0 || self.faults.len() >= FAULTS_TOLD_MAX {
                break;
            }
            hash.update(&line);
            match std::str::from_utf8(&line) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => self.take_line(number, text.trim_end())?,
                Err(_) => self.fault(number, "the line is not UTF-8"),
            }
        }
        if !self.faults.is_empty() {
            return Err(ImportError::Faults { faults: std::mem::take(&mut self.faults) });
        }
        let digest = hash.finish();
        Ok(digest.as_ref().try_into().expect("a SHA-256 has 32 bytes"))
    }

    fn take_line(&mut self, number: usize, text: &str) -> Result<(), ImportError> {
        match parse_line(number, text, self.importer.programme.currency) {
            Ok(ImportLine::Member(member)) => self.take_member(number, &member),
            Ok(ImportLine::Voucher(voucher)) => self.take_voucher(number, voucher, None),
            Err(fault) => {
                self.faults.push(fault.into());
                Ok(())
            }
        }
    }

    fn take_member(&mut self, number: usize, member: &ImportedMember) -> Result<(), ImportError> {
        let (id, account) = (member.member, member.account);
        let [kind, role, recruiter] = MemberRow::place(&member.standing);
        let row = MemberRow {
            member: *id.as_bytes(),
            account: *account.as_bytes(),
            flags: MemberRow::flags(&member.flags),
            birthday: member.birthday.map(|birthday| birthday.to_string()),
            kind,
            role,
            recruiter,
            offers: personal_offers::encode(&member.offers),
        };
        self.check_offers(number, member);
        self.rows.put_member(&row)?;
        self.take_codes(number, member)?;
        self.take_referral_codes(number, member)?;
        let brings_nothing = member.facts == Default::default();
        if brings_nothing && self.begun.contains(&account) {
            // Another member of the account brought all that it begins with.
        } else if brings_nothing {
            self.rows.forget_account(account)?;
        } else {
            self.rows.put_account(account, &member.facts)?;
            self.begun.insert(account);
        }
        for voucher in &member.vouchers {
            self.take_voucher(number, voucher.clone(), Some(account))?;
        }
        self.imported.members += 1;
        self.imported.points += member.facts.points.totals.adjusted;
        Ok(())
    }

    /// A list for another programme is found before a customer stands at the till with it.
    fn check_offers(&mut self, number: usize, member: &ImportedMember) {
        for offer in member.offers.keys() {
            match self.importer.programme.offer(offer).map(|offer| offer.reach) {
                Some(Reach::Personal) => {}
                Some(Reach::Open) => self.fault(number, "an offer of the member is not personal"),
                None => self.fault(number, "the programme has no such offer as the member has"),
            }
        }
    }

    fn take_codes(&mut self, number: usize, member: &ImportedMember) -> Result<(), ImportError> {
        for raw in &member.codes {
            let settings = self.importer.codes;
            let read = Scan::parse(raw, &settings.framing)
                .ok()
                .and_then(|scan| member_code::read(&scan, &settings.rules).ok());
            let Some(Code::Card { number: card, .. }) = read else {
                self.fault(number, "a code is none that the till would read as a member's card");
                continue;
            };
            let code = self.importer.directory.hash_code(card.as_str());
            self.take_code(number, code, member.member)?;
        }
        if let Some(wallet) = &member.wallet {
            let Some(id) = WalletId::parse(&wallet.wallet_id) else {
                self.fault(number, "the wallet id is not 16 characters of Crockford's base 32");
                return Ok(());
            };
            let sealed = self.importer.directory.seal(&wallet.secret, member.member.as_bytes());
            let Ok(sealed) = sealed else {
                self.fault(number, "the wallet's secret could not be sealed");
                return Ok(());
            };
            let row = BaseWallet { member: member.member, sealed_secret: sealed };
            self.rows.put_wallet(id.as_bytes(), &row)?;
        }
        Ok(())
    }

    /// They stand among the codes under hashes that no card has.
    fn take_referral_codes(
        &mut self,
        number: usize,
        member: &ImportedMember,
    ) -> Result<(), ImportError> {
        for text in &member.referral_codes {
            let code = self.importer.directory.hash_referral_code(text);
            self.take_code(number, code, member.member)?;
        }
        Ok(())
    }

    fn take_code(
        &mut self,
        number: usize,
        code: i64,
        member: MemberRef,
    ) -> Result<(), ImportError> {
        if self.codes.insert(code, member).is_some_and(|other| other != member) {
            self.fault(number, "a code belongs to an earlier member of the file");
            return Ok(());
        }
        self.rows.put_code(code, member)?;
        Ok(())
    }

    fn take_voucher(
        &mut self,
        number: usize,
        voucher: ImportedVoucher,
        account: Option<AccountRef>,
    ) -> Result<(), ImportError> {
        if !self.importer.programme.voucher_types.contains_key(&voucher.voucher_type) {
            self.fault(number, "the programme has no such kind of voucher");
            return Ok(());
        }
        let row = BaseVoucher {
            voucher: voucher.code,
            voucher_type: voucher.voucher_type,
            account,
            valid_from: voucher.valid_from,
            valid_until: voucher.valid_until,
        };
        self.rows.put_voucher(&row)?;
        self.imported.vouchers += 1;
        Ok(())
    }

    fn fault(&mut self, line: usize, reason: &str) {
        self.faults.push(LineFault { line, reason: reason.to_owned() });
    }
}

pub(super) fn open_building(path: &Path) -> Result<Connection, ImportError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open_with_flags(path, flags)?;
    // Nobody reads it before it is complete: it is made durable once, at the end. Without a WAL
    // it stays one file that can be renamed.
    connection.execute_batch(
        "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;",
    )?;
    connection.pragma_update(None, "application_id", BASE_APPLICATION_ID)?;
    Ok(connection)
}

pub(super) fn remove_if_there(path: &Path) -> Result<(), ImportError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("remove an unfinished base")(error))
        }
        _ => Ok(()),
    }
}

fn failed(doing: &'static str) -> impl FnOnce(io::Error) -> ImportError {
    move |source| ImportError::Io { doing, source }
}

#[cfg(test)]
mod tests;
