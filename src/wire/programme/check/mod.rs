//! From the tables of the file to the programme, telling everything that is wrong with them.
//!
//! `value` reads single values, `terms` conditions, `policies` and `prices` what a programme has
//! once, `benefits` what it has many of, `rewards` what an offer gives, `triggers` what makes it
//! come, `catalogue` what points buy, `conversions` what they become by themselves, `cycles`
//! whether what they buy brings them back, `free_receipts` whether a free receipt pays for the
//! next, `grants` what rules hand out, `cashback` the balance in money and what is pending,
//! `messages` what is said unasked, `offline` what is spent without the hub, `cost` how long a basket could take.

mod benefits;
mod cashback;
mod catalogue;
mod conversions;
mod cost;
mod cycles;
mod earn;
mod free_receipts;
mod grants;
mod messages;
mod offline;
mod policies;
mod prices;
mod redemption;
mod rewards;
mod shared_limits;
mod terms;
mod triggers;
mod value;

use std::collections::BTreeSet;

use chrono_tz::{TZ_VARIANTS, Tz};

use self::offline::{Spendable, Written};
use super::document::{Document, SyntaxFault};
use super::fault::{FAULTS_MAX, FaultCode, Faults, ProgrammeFault};
use super::file::ProgrammeFile;
use super::limits::{
    EVENT_TYPES_MAX, FILE_BYTES_MAX, FORMAT, LATE_MEMBER_DAYS, LATE_MEMBER_DAYS_MAX,
};
use super::place::Place;
use super::repair::{FileParts, nearest, read_parts};
use crate::loyalty::{CategoryId, EventTypeId, Programme, ProgrammeId, TierId, VoucherTypeId};
use crate::money::{Currency, PointDecimals};

impl ProgrammeFile {
    /// Reads a programme file and checks everything in it.
    ///
    /// # Errors
    /// Every fault that was found, in the order of the file: at most [`FAULTS_MAX`], and a note
    /// where there are more.
    pub fn check(text: &str) -> Result<Programme, Vec<ProgrammeFault>> {
        Self::read(text, |_| false)
    }

    /// Reads a file that was put in force before, maybe by a version with a milder judgement: a till
    /// goes on with it, and what was decided under it can be told.
    ///
    /// # Errors
    /// As of [`ProgrammeFile::check`], but for [`FaultCode::is_judgement`].
    pub fn check_kept(text: &str) -> Result<Programme, Vec<ProgrammeFault>> {
        Self::read(text, FaultCode::is_judgement)
    }

    fn read(
        text: &str,
        is_tolerated: impl Fn(FaultCode) -> bool,
    ) -> Result<Programme, Vec<ProgrammeFault>> {
        if text.len() > FILE_BYTES_MAX {
            return Err(vec![ProgrammeFault {
                path: String::new(),
                line: None,
                code: FaultCode::FileTooLarge,
                reason: format!("the file is larger than {FILE_BYTES_MAX} bytes"),
            }]);
        }
        let (table, document) = Document::parse(text).map_err(syntax_faults)?;
        let mut faults = Faults::new(&document);
        let parts = read_parts(table, &mut faults);
        if let Some(other) = parts.file.format.filter(|format| *format != FORMAT) {
            // In another format every key may mean something else: nothing more is worth telling.
            let mut faults = Faults::new(&document);
            let reason = format!("this version reads format {FORMAT}, the file is in {other}");
            faults.add(&Place::Root.key("format"), FaultCode::FormatUnsupported, reason);
            return Err(faults.into_list());
        }
        let programme = Check::new(&parts.file, &mut faults).programme(&parts);
        let mut faults = faults.into_list();
        faults.retain(|fault| !is_tolerated(fault.code));
        match programme {
            Some(programme) if faults.is_empty() => Ok(programme),
            _ => Err(faults),
        }
    }
}

fn syntax_faults(faults: Vec<SyntaxFault>) -> Vec<ProgrammeFault> {
    let told = |fault: SyntaxFault| ProgrammeFault {
        path: String::new(),
        line: fault.line,
        code: FaultCode::Syntax,
        reason: format!("not TOML: {}", fault.reason),
    };
    faults.into_iter().take(FAULTS_MAX).map(told).collect()
}

/// One pass over a file: what is known by now, and the faults so far.
struct Check<'c, 'd> {
    faults: &'c mut Faults<'d>,
    /// The currency, where it could be read.
    currency: Option<Currency>,
    /// The decimals of points.
    point_decimals: PointDecimals,
    /// The tiers that conditions may name, where they could all be read.
    tiers: Option<BTreeSet<TierId>>,
    /// The voucher types that may be handed out, where they could all be read; filled before the
    /// earning rules are read.
    voucher_types: Option<BTreeSet<VoucherTypeId>>,
    /// What nobody may discount; filled before the offers are read.
    excluded: BTreeSet<CategoryId>,
}

impl<'c, 'd> Check<'c, 'd> {
    /// A check that knows what others refer to.
    fn new(file: &ProgrammeFile, faults: &'c mut Faults<'d>) -> Self {
        let steps_unread = faults.has_unread_under(&Place::Root.key("tiers"));
        let steps = file.tiers.as_ref().and_then(|tiers| tiers.steps.as_ref());
        let ids = steps.into_iter().flatten().map(|tier| {
            let id = tier.id.as_deref()?;
            TierId::parse(id).ok()
        });
        Self {
            tiers: ids.collect::<Option<_>>().filter(|_| !steps_unread),
            excluded: BTreeSet::new(),
            point_decimals: PointDecimals::WHOLE,
            voucher_types: None,
            currency: file.currency.as_deref().and_then(|code| Currency::from_code(code).ok()),
            faults,
        }
    }

    /// The programme. `None` only where something is wrong with it.
    fn programme(&mut self, parts: &FileParts) -> Option<Programme> {
        let file = &parts.file;
        let root = Place::Root;
        self.required(&root, "format", file.format.as_ref());
        let id = self.required_id(&root, "id", file.id.as_deref(), ProgrammeId::parse);
        let version = self
            .required(&root, "version", file.version.as_ref())
            .and_then(|version| self.whole(&root.key("version"), *version, 1..=u32::MAX));
        let name = self.name(&root, file.name.as_deref());
        let currency = self.currency(file);
        let zone = self.zone(file);
        let late_member_days = match file.late_member_days {
            Some(days) => self.whole(&root.key("late_member_days"), days, 0..=LATE_MEMBER_DAYS_MAX),
            None => Some(LATE_MEMBER_DAYS),
        };
        let event_types = self.id_set(
            &root.key("event_types"),
            file.event_types.as_deref().unwrap_or_default(),
            EVENT_TYPES_MAX,
            EventTypeId::parse,
        );
        // Whatever counts points is read after it.
        self.point_decimals = self.points_policy(file.points.as_deref());
        let accrual = self.accrual(file.accrual.as_deref());
        let accrual_table = file.accrual.as_deref();
        let pending = accrual_table.and_then(|table| table.pending.as_deref());
        let pending_days = self.pending_days(&root.key("accrual"), pending);
        let expiry = self.expiry(&root.key("expiry"), file.expiry.as_deref());
        let tiers = self.tiers(file.tiers.as_deref());
        let redemption = self.redemption(file.redemption.as_deref());
        let cashback = self.cashback(file.cashback.as_deref());
        let spendable = Spendable {
            redemption: Written::of(file.redemption.as_ref(), redemption.as_ref()),
            cashback: Written::of(file.cashback.as_ref(), cashback.as_ref()),
            rewards: parts.rewards.len(),
        };
        let offline = self.offline(file.offline.as_deref(), &spendable);
        let discounts = self.discounts(file.discounts.as_deref());
        let prices = self.price_policy(file.prices.as_deref());
        self.excluded = discounts.excluded_categories.clone();
        self.voucher_types = self.known_voucher_types(parts);
        let earn = self.earn_rules(&parts.earn, pending_days);
        let rewards = self.catalogue(&parts.rewards);
        let conversions = self.conversions(&parts.conversions);
        let offers = self.offers(&parts.offers);
        let greetings = self.greetings(file.greetings.as_deref());
        let messages = self.messages(file.messages.as_deref(), &greetings);
        let personal = self.personal_policy(file.personal.as_deref(), &offers);
        self.count_shared_limits(&earn, &offers);
        let voucher_types = self.voucher_types(&parts.voucher_types);
        let programme = Programme {
            id: id?,
            version: version?,
            name: name?,
            currency: currency?,
            zone: zone?,
            accrual,
            expiry: expiry?,
            tiers,
            redemption,
            cashback,
            rewards,
            conversions,
            earn,
            offers,
            discounts,
            prices,
            personal,
            greetings,
            messages,
            offline,
            claw_back: policies::claw_back(file.returns.as_deref()),
            used_points_back: policies::used_points_back(file.returns.as_deref()),
            point_decimals: self.point_decimals,
            discount_method: policies::discount_method(file.discounts.as_deref()),
            gifts_back: policies::gifts_back(file.returns.as_deref()),
            voucher_types,
            event_types,
            late_member_days: late_member_days?,
        };
        self.cycles(&programme, parts);
        self.line_cost(&programme);
        self.gains(&programme, &parts.earn);
        Some(programme)
    }

    fn known_voucher_types(&self, parts: &FileParts) -> Option<BTreeSet<VoucherTypeId>> {
        if self.faults.has_unread_under(&Place::Root.key("voucher_types")) {
            return None;
        }
        let types = parts.voucher_types.iter();
        types.map(|(_, table)| VoucherTypeId::parse(table.id.as_deref()?).ok()).collect()
    }

    fn currency(&mut self, file: &ProgrammeFile) -> Option<Currency> {
        let code = self.required(&Place::Root, "currency", file.currency.as_ref())?;
        let at = Place::Root.key("currency");
        Currency::from_code(code)
            .map_err(|error| self.faults.add(&at, FaultCode::BadCurrency, error.to_string()))
            .ok()
    }

    fn zone(&mut self, file: &ProgrammeFile) -> Option<Tz> {
        let name = self.required(&Place::Root, "zone", file.zone.as_ref())?;
        if let Ok(zone) = name.parse() {
            return Some(zone);
        }
        let known = TZ_VARIANTS.iter().map(|zone| zone.name());
        let reason = match nearest(name, known) {
            Some(near) => format!("no such time zone; did you mean \"{near}\"?"),
            None => "no such time zone; expected an IANA name like \"Europe/Prague\"".to_owned(),
        };
        self.faults.add(&Place::Root.key("zone"), FaultCode::BadZone, reason);
        None
    }
}
