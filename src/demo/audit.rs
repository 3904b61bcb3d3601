//! What the agent says and stored in the end, read for the comparison with the oracle.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::error::DemoError;
use super::figures::{Customer, Standing};
use super::habits::member_ref;
use super::till_client::{Member, TillClient};
use crate::agent::start::LEDGER_FILE;
use crate::agent::store::base::{OpenBase, Pulls};
use crate::agent::store::ledger::accounts;
use crate::agent::store::verify::{self, JournalReport};
use crate::agent::store::{base_files, open};
use crate::loyalty::{MemberRef, Programme, PurseTotals};
use crate::money::Points;
use crate::shell::keys;

/// Members that are asked for at the same time.
const SIDE_BY_SIDE: usize = 32;

/// Where every member stands: as the API tells tills, and where the points went, from the ledger.
pub(crate) async fn standings(
    client: &TillClient,
    folder: &Path,
    programme: &Programme,
    customers: &[Customer],
    today: NaiveDate,
) -> Result<BTreeMap<Customer, Standing>, DemoError> {
    let asked = customers.iter().map(|customer| async move {
        Ok::<_, DemoError>((*customer, client.member(*customer).await?))
    });
    let told: Vec<(Customer, Member)> =
        stream::iter(asked).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    let totals = point_totals(folder, programme, customers, today)?;
    let standing = |(customer, member): (Customer, Member)| {
        let points = totals.get(&customer).copied().unwrap_or_default();
        (customer, standing(member, points))
    };
    Ok(told.into_iter().map(standing).collect())
}

fn standing(member: Member, points: PurseTotals<Points>) -> Standing {
    Standing {
        balance: member.balance,
        debt: member.debt,
        issued: points.issued.value(),
        spent: points.spent.value(),
        restored: points.restored.value(),
        clawed_back: points.clawed_back.value(),
        expired: points.expired.value(),
        spend: member.lifetime_spend,
        visits: member.lifetime_visits,
        tier: member.tier.map(|tier| tier.tier).unwrap_or_default(),
        last_purchase: member.last_purchase,
        expires: member.next_expiry.map(|expiry| expiry.date),
    }
}

/// Where each account's points came from and went, lapsed ones counted up to `today`.
fn point_totals(
    folder: &Path,
    programme: &Programme,
    customers: &[Customer],
    today: NaiveDate,
) -> Result<BTreeMap<Customer, PurseTotals<Points>>, DemoError> {
    let doing = "read the ledger";
    let ledger = open::open_reader(&folder.join(LEDGER_FILE)).map_err(DemoError::part(doing))?;
    let (_, base) = base_files::newest(folder).ok_or("no base").map_err(DemoError::part(doing))?;
    let base = open::open_reader(&base).map_err(DemoError::part(doing))?;
    let base = OpenBase::of(base).map_err(DemoError::part(doing))?;
    let damage = Pulls::default();
    let mut totals = BTreeMap::new();
    for customer in customers {
        let member = MemberRef::parse(&member_ref(*customer)).map_err(DemoError::part(doing))?;
        let known = base.view().member(member).map_err(DemoError::part(doing))?;
        let known = known.ok_or("a member is missing").map_err(DemoError::part(doing))?;
        // What the hub said since lies over the base.
        let known_now = base.view().under(&ledger, &damage);
        let mut account = accounts::load(&ledger, Some(known_now), known.account)
            .map_err(DemoError::part(doing))?;
        account.settle_expiry(today, programme.expiries());
        totals.insert(*customer, account.points().totals);
    }
    Ok(totals)
}

/// What the check of the journal found.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub(crate) report: JournalReport,
    /// Bytes of all records.
    pub(crate) bytes: u64,
}

/// Checks every signature and every link of the journal.
pub(crate) fn verify(folder: &Path) -> Result<Verified, DemoError> {
    let doing = "verify the journal";
    let (key, _) = keys::load_or_create_device_key(folder).map_err(DemoError::part(doing))?;
    let ledger = open::open_reader(&folder.join(LEDGER_FILE)).map_err(DemoError::part(doing))?;
    let report = verify::verify(&ledger, key.public_key()).map_err(DemoError::part(doing))?;
    let bytes: i64 = ledger
        .query_row("SELECT coalesce(sum(length(bytes)), 0) FROM journal", [], |row| row.get(0))
        .map_err(DemoError::part(doing))?;
    Ok(Verified { report, bytes: bytes.unsigned_abs() })
}
