//! Decides a basket on paper: the programme author's try-out. The same code and the same answer as
//! a till's quote; the member is taken as identified by a signed token.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::programme::checked;
use crate::agent::cli::{CommandError, Explain as ExplainArg, QuoteArgs};
use crate::agent::clock::Clock;
use crate::agent::message::fault::FieldFault;
use crate::agent::message::presentation::Presentation;
use crate::agent::message::reply::QuoteReply;
use crate::agent::message::reply::TaxRates;
use crate::agent::message::request::QuoteBody;
use crate::agent::start::ZONE_BEFORE_PROGRAMME;
use crate::agent::till::answer::Quoted;
use crate::loyalty::{
    Account, Counters, Draws, Evaluator, Explain, Occasion, Programme, Referral, SharedUses,
    Shopper, SpendingCap, StoreId, VoucherId, VoucherStanding, VoucherState,
};
use crate::member_code::Strength;
use crate::money::{Amount, Points};
use crate::wire::members::{ImportLine, ImportedMember, parse_line};

/// The store of a try-out that names none.
pub(super) const STORE_DEFAULT: &str = "S1";

pub(super) fn quote(args: &QuoteArgs) -> Result<(), CommandError> {
    let (_, programme) = checked(&args.programme)?;
    let member = args.member.as_deref().map(|path| member(path, &programme)).transpose()?;
    let text = read(&args.basket)?;
    let body: QuoteBody = serde_json::from_str(&text)
        .map_err(|error| CommandError::data(format!("{}: {error}", args.basket.display())))?;
    let (request, presentation) = body
        .into_request(programme.currency, Presentation::default())
        .map_err(|faults| told(&args.basket, &faults))?;
    let now: DateTime<Utc> = args.at.map_or_else(
        || Clock::system(ZONE_BEFORE_PROGRAMME).now().wall,
        |at| at.with_timezone(&Utc),
    );
    let store = match &args.store {
        Some(store) => store.clone(),
        None => StoreId::parse(STORE_DEFAULT).expect("a plain text is an id"),
    };
    let account = member.as_ref().map(|member| Account::from_facts(member.facts.clone()));
    let vouchers = member.as_ref().map(vouchers).unwrap_or_default();
    let shopper = member.as_ref().zip(account.as_ref()).map(|(member, account)| Shopper {
        member: member.member,
        flags: &member.flags,
        birthday: member.birthday,
        kind: member.standing.kind,
        role: member.standing.role,
        account,
        strength: Some(Strength::Token),
        held: Points::ZERO,
        held_cashback: Amount::ZERO,
        offline_cap: SpendingCap::NONE,
        // On paper nobody else is known.
        referral: request.referral.as_ref().map(|_| Referral::Unknown),
        personal: &member.offers,
    });
    let explain = match args.explain {
        ExplainArg::Relevant => request.explain,
        ExplainArg::Everything => Explain::Everything,
    };
    // On paper nothing was used before.
    let (vouchers, coupons_used) = (&vouchers, &BTreeSet::new());
    let nothing_used = Counters::default();
    let shared_uses = SharedUses::Within(&nothing_used);
    let (store, draws) = (&store, &Draws::new());
    let occasion =
        Occasion { now, store, shopper, vouchers, coupons_used, shared_uses, draws, explain };
    let evaluator = Evaluator::new(programme);
    let quoted = Quoted {
        quote_id: String::new(),
        decided_at: now,
        expires_at: now + TimeDelta::zero(),
        programme_version: evaluator.programme().version,
        member: member.as_ref().map(|member| member.member),
        decision: evaluator.decide(&request.basket, &occasion),
        mismatches: request.basket.mismatches().to_vec(),
    };
    let rates: TaxRates = request.basket.lines().iter().collect();
    let reply = QuoteReply::of(&quoted, &rates, evaluator.programme(), presentation);
    let mut value = serde_json::to_value(&reply).map_err(CommandError::failed)?;
    if let Some(object) = value.as_object_mut() {
        // A quote on paper cannot be committed.
        object.remove("quote_id");
        object.remove("expires_at");
    }
    super::say(&serde_json::to_string_pretty(&value).map_err(CommandError::failed)?);
    Ok(())
}

/// A member as a line of an import file tells one.
fn member(path: &Path, programme: &Programme) -> Result<ImportedMember, CommandError> {
    let text = read(path)?;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match parse_line(1, &one_line, programme.currency) {
        Ok(ImportLine::Member(member)) => Ok(*member),
        Ok(ImportLine::Voucher(_)) => {
            Err(CommandError::data(format!("{}: a voucher is no member", path.display())))
        }
        Err(fault) => Err(CommandError::data(format!("{}: {fault}", path.display()))),
    }
}

fn vouchers(member: &ImportedMember) -> BTreeMap<VoucherId, VoucherState> {
    let state = |voucher: &crate::wire::members::ImportedVoucher| VoucherState {
        voucher_type: voucher.voucher_type.clone(),
        standing: VoucherStanding::Usable,
        valid_from: voucher.valid_from,
        valid_until: voucher.valid_until,
    };
    member.vouchers.iter().map(|voucher| (voucher.code.clone(), state(voucher))).collect()
}

fn read(path: &Path) -> Result<String, CommandError> {
    fs::read_to_string(path).map_err(|error| {
        CommandError::failed(format!("could not read {}: {error}", path.display()))
    })
}

fn told(path: &Path, faults: &[FieldFault]) -> CommandError {
    let lines: Vec<String> =
        faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect();
    CommandError::data(format!("{} is wrong:\n{}", path.display(), lines.join("\n")))
}
