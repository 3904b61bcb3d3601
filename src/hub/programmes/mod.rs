//! Publishing a programme, and going back to an earlier one.
//!
//! Versions only rise: going back is publishing the old content under a new version.

#[cfg(test)]
mod tests;
mod version_line;

use chrono::{DateTime, Utc};

use self::version_line::with_version;
use super::store::error::StoreError;
use super::store::rows::ProgrammeRow;
use super::store::{Store, Tx};
use crate::journal::{ContentHash, EnvelopeError, SigningKey};
use crate::loyalty::{Programme, ProgrammeId};
use crate::money::Currency;
use crate::wire::programme::{ProgrammeFault, ProgrammeFile};
use crate::wire::sync::ProgrammeNotice;

/// Why a programme is not published; the one before stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// The file is wrong.
    #[error("the programme has {} faults:{}", faults.len(), listed(faults))]
    Wrong {
        /// Every one.
        faults: Vec<ProgrammeFault>,
    },
    /// Versions only rise.
    #[error(
        "version {version} is not above version {published}, which was published last: raise `version` in the file"
    )]
    NotNewer {
        /// Of the file.
        version: u32,
        /// The last.
        published: u32,
    },
    /// Points of two programmes do not mix.
    #[error(
        "the programme is `{id}`, but this hub's is `{published}`, and points of two programmes must not mix"
    )]
    OtherProgramme {
        /// Of the file.
        id: ProgrammeId,
        /// This hub's.
        published: ProgrammeId,
    },
    /// Sums of two currencies do not mix.
    #[error("the programme's currency is {currency}, but this hub's sums are in {published}")]
    OtherCurrency {
        /// Of the file.
        currency: Currency,
        /// This hub's.
        published: Currency,
    },
    /// There is no such version to go back to.
    #[error("no version {version} was ever published")]
    VersionUnknown {
        /// The version.
        version: u32,
    },
    /// Versions have an end.
    #[error("there is no version above {published}")]
    NoVersionLeft {
        /// The last.
        published: u32,
    },
    /// The old file's version cannot be raised.
    #[error(
        "the file of version {version} has no line `version = {version}` that could be raised: publish it by hand"
    )]
    NoVersionLine {
        /// The version.
        version: u32,
    },
    /// The notice cannot be signed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn listed(faults: &[ProgrammeFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

/// A programme whose text was checked.
pub(crate) struct Checked {
    /// The programme.
    pub(crate) programme: Programme,
    text: String,
}

impl Checked {
    /// Checks a text.
    ///
    /// # Errors
    /// [`PublishError::Wrong`] with every fault.
    pub(crate) fn of(text: String) -> Result<Self, PublishError> {
        let checked = ProgrammeFile::check(&text);
        let programme = checked.map_err(|faults| PublishError::Wrong { faults })?;
        Ok(Self { programme, text })
    }
}

/// Publishes a checked programme, in force from an instant.
///
/// # Errors
/// [`PublishError`]; the one before stays.
pub(crate) fn publish(
    store: &dyn Store,
    key: &SigningKey,
    checked: Checked,
    from: DateTime<Utc>,
) -> Result<ProgrammeRow, PublishError> {
    let mut tx = store.write()?;
    let row = publish_in(&mut *tx, key, checked, from)?;
    tx.commit()?;
    tracing::info!(version = row.version, from = %row.from, "programme published");
    Ok(row)
}

/// Publishes the content of an earlier version anew, under a version above every other.
///
/// # Errors
/// [`PublishError`]; the one before stays.
pub(crate) fn roll_back(
    store: &dyn Store,
    key: &SigningKey,
    version: u32,
    from: DateTime<Utc>,
) -> Result<ProgrammeRow, PublishError> {
    let mut tx = store.write()?;
    let old = tx.programme(version)?.ok_or(PublishError::VersionUnknown { version })?;
    let published = tx.newest_programme()?.map_or(version, |newest| newest.version);
    let next = published.checked_add(1).ok_or(PublishError::NoVersionLeft { published })?;
    let text = with_version(&old.text, version, next);
    let checked = Checked::of(text.ok_or(PublishError::NoVersionLine { version })?)?;
    if checked.programme.version != next {
        return Err(PublishError::NoVersionLine { version });
    }
    let row = publish_in(&mut *tx, key, checked, from)?;
    tx.commit()?;
    tracing::info!(version = row.version, as_of = version, "programme rolled back");
    Ok(row)
}

fn publish_in(
    tx: &mut dyn Tx,
    key: &SigningKey,
    checked: Checked,
    from: DateTime<Utc>,
) -> Result<ProgrammeRow, PublishError> {
    let Checked { programme, text } = checked;
    if let Some(newest) = tx.newest_programme()? {
        check_follows(&programme, &newest)?;
    }
    let hash = ContentHash::of(text.as_bytes());
    // What is stored and sent are whole milliseconds.
    let from = DateTime::from_timestamp_millis(from.timestamp_millis()).unwrap_or(from);
    let notice = ProgrammeNotice::seal(programme.version, hash, from, key)?;
    let row = ProgrammeRow {
        version: notice.version,
        hash,
        text,
        from: notice.from,
        sealed: notice.sealed.0,
    };
    let cursor = tx.next_cursor()?;
    tx.add_programme(&row, cursor)?;
    Ok(row)
}

fn check_follows(next: &Programme, newest: &ProgrammeRow) -> Result<(), PublishError> {
    if next.version <= newest.version {
        let (version, published) = (next.version, newest.version);
        return Err(PublishError::NotNewer { version, published });
    }
    let before = ProgrammeFile::check_kept(&newest.text);
    let before = before.map_err(|faults| PublishError::Wrong { faults })?;
    if next.id != before.id {
        let (id, published) = (next.id.clone(), before.id);
        return Err(PublishError::OtherProgramme { id, published });
    }
    if next.currency != before.currency {
        let (currency, published) = (next.currency, before.currency);
        return Err(PublishError::OtherCurrency { currency, published });
    }
    Ok(())
}
