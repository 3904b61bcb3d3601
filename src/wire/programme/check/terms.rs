//! Conditions: audience, window, stores, scope, minimum.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::super::fault::FaultCode;
use super::super::file::{
    AccountKindWord, AudienceTable, BirthdayTable, CompanyRoleWord, ConditionTables,
    MembershipWord, MinimumOfWord, MinimumTable, PointsRangeTable, ScopeTable, WEEKDAYS,
    WindowTable,
};
use super::super::limits::{LIST_ENTRIES_MAX, POINTS_MAX};
use super::super::place::Place;
use super::super::repair::nearest;
use super::Check;
use crate::loyalty::{
    AccountKind, Audience, BIRTHDAY_DAYS_MAX, BirthdayWindow, CategoryId, CompanyRole, Conditions,
    FlagId, IdError, Membership, Minimum, MinimumOf, PointsRange, Scope, Sku, StoreId, TierId,
    Window,
};
use crate::money::Points;

impl Check<'_, '_> {
    /// The conditions of an element. Where something is wrong with them the value does not
    /// matter: it is told, and no programme comes of the file.
    pub(super) fn conditions(
        &mut self,
        element: &Place<'_>,
        tables: ConditionTables<'_>,
    ) -> Conditions {
        Conditions {
            audience: tables
                .audience
                .map(|table| self.audience(&element.key("audience"), table))
                .unwrap_or_default(),
            window: tables
                .window
                .map(|table| self.window(&element.key("window"), table))
                .unwrap_or_default(),
            stores: self.choice(&element.key("stores"), tables.stores, StoreId::parse),
            scope: tables
                .scope
                .map(|table| self.scope(&element.key("scope"), table))
                .unwrap_or_default(),
            minimum: tables
                .minimum
                .map(|table| self.minimum(&element.key("minimum"), table))
                .unwrap_or_default(),
        }
    }

    fn audience(&mut self, at: &Place<'_>, table: &AudienceTable) -> Audience {
        let membership = match table.members {
            Some(MembershipWord::Everyone) => Membership::Everyone,
            Some(MembershipWord::Members) | None => Membership::Members,
        };
        let of_members = table.tiers.is_some()
            || table.flags.is_some()
            || table.birthday.is_some()
            || table.account_kinds.is_some()
            || table.roles.is_some()
            || table.points.is_some();
        if membership == Membership::Everyone && of_members {
            let reason = "\"everyone\" contradicts tiers, flags, birthdays, points, kinds and roles, which only \
                 members have";
            self.faults.add(&at.key("members"), FaultCode::Contradiction, reason);
        }
        let tiers_at = at.key("tiers");
        let tiers = self.choice(&tiers_at, table.tiers.as_deref(), TierId::parse);
        for (index, text) in table.tiers.iter().flatten().enumerate().take(LIST_ENTRIES_MAX) {
            self.known_tier(&tiers_at.index(index), text);
        }
        let birthday = table.birthday.as_deref();
        let account_kinds = table.account_kinds.as_deref();
        let account_kinds =
            account_kinds.map(|kinds| self.account_kinds(&at.key("account_kinds"), kinds));
        let roles = table.roles.as_deref();
        let roles = roles.map(|roles| self.roles(&at.key("roles"), roles));
        let points = table.points.as_deref();
        let points = points.and_then(|table| self.points_range(&at.key("points"), table));
        let flags = self.choice(&at.key("flags"), table.flags.as_deref(), FlagId::parse);
        let excluded = table.excluded_flags.as_deref();
        let excluded = self.choice(&at.key("excluded_flags"), excluded, FlagId::parse);
        let excluded_flags = excluded.unwrap_or_default();
        for flag in flags.iter().flatten().filter(|flag| excluded_flags.contains(*flag)) {
            let reason = format!("\"{flag}\" is both asked for and excluded");
            self.faults.add(&at.key("excluded_flags"), FaultCode::Contradiction, reason);
        }
        Audience {
            points,
            account_kinds,
            roles,
            membership,
            tiers,
            flags,
            excluded_flags,
            birthday: birthday.and_then(|table| self.birthday(&at.key("birthday"), table)),
        }
    }

    fn account_kinds(
        &mut self,
        at: &Place<'_>,
        words: &[AccountKindWord],
    ) -> BTreeSet<AccountKind> {
        self.some_of(at, words.len());
        let kind = |word: &AccountKindWord| match word {
            AccountKindWord::Person => AccountKind::Person,
            AccountKindWord::Household => AccountKind::Household,
            AccountKindWord::Company => AccountKind::Company,
        };
        words.iter().map(kind).collect()
    }

    /// What people are in a company.
    pub(super) fn roles(
        &mut self,
        at: &Place<'_>,
        words: &[CompanyRoleWord],
    ) -> BTreeSet<CompanyRole> {
        self.some_of(at, words.len());
        let role = |word: &CompanyRoleWord| match word {
            CompanyRoleWord::DecisionMaker => CompanyRole::DecisionMaker,
            CompanyRoleWord::Buyer => CompanyRole::Buyer,
        };
        words.iter().map(role).collect()
    }

    fn some_of(&mut self, at: &Place<'_>, count: usize) {
        if count == 0 {
            let reason = "the list is empty, so it means nobody; leave it out to mean everybody";
            self.faults.add(at, FaultCode::EmptyList, reason);
        }
    }

    fn birthday(&mut self, at: &Place<'_>, table: &BirthdayTable) -> Option<BirthdayWindow> {
        let mut days = |key, days: Option<i64>| {
            self.whole(&at.key(key), days.unwrap_or_default(), 0..=BIRTHDAY_DAYS_MAX)
        };
        let days_before = days("days_before", table.days_before);
        let days_after = days("days_after", table.days_after);
        Some(BirthdayWindow { days_before: days_before?, days_after: days_after? })
    }

    fn points_range(&mut self, at: &Place<'_>, table: &PointsRangeTable) -> Option<PointsRange> {
        let min = table.min.as_ref().map(|min| self.points(&at.key("min"), min));
        let all = Points::ZERO..=Points::new(POINTS_MAX);
        let max = table.max.as_ref().map(|max| self.points_up_to(&at.key("max"), max, all));
        if min.is_none() && max.is_none() && !self.faults.has_unread_under(at) {
            let reason = "it asks for nothing; expected `min`, `max` or both";
            self.faults.add(at, FaultCode::MissingKey, reason);
        }
        let range = PointsRange { min: min.flatten(), max: max.flatten() };
        if let (Some(min), Some(max)) = (range.min, range.max) {
            if min > max {
                let [min, max] = [min, max].map(|points| self.point_decimals.format(points));
                let reason = format!("no balance is at least {min} and at most {max}");
                self.faults.add(&at.key("max"), FaultCode::Contradiction, reason);
            }
        }
        Some(range)
    }

    fn known_tier(&mut self, at: &Place<'_>, text: &str) {
        let Some(known) = &self.tiers else { return };
        if known.contains(text) {
            return;
        }
        let reason = match nearest(text, known.iter().map(TierId::as_str)) {
            Some(near) => format!("the programme has no such tier; did you mean \"{near}\"?"),
            None => "the programme has no such tier".to_owned(),
        };
        self.faults.add(at, FaultCode::UnknownTier, reason);
    }

    fn window(&mut self, at: &Place<'_>, table: &WindowTable) -> Window {
        let from = table.from.as_deref();
        let from = from.and_then(|text| self.date(&at.key("from"), text));
        let until = table.until.as_deref();
        let until = until.and_then(|text| self.date(&at.key("until"), text));
        let weekdays = table.weekdays.as_deref();
        let weekdays = weekdays.map(|texts| self.weekdays(&at.key("weekdays"), texts));
        let hours = table.hours.as_deref();
        let hours = hours.and_then(|text| self.hours(&at.key("hours"), text));
        if let (Some(from), Some(until)) = (from, until) {
            if until < from {
                self.faults.add(
                    &at.key("until"),
                    FaultCode::WindowNeverOpens,
                    format!("the last day {until} is before the first day {from}"),
                );
            } else if let Some(weekdays) = weekdays.as_ref().filter(|set| !set.is_empty()) {
                self.some_weekday(&at.key("weekdays"), weekdays, from, until);
            }
        }
        Window { from, until, weekdays, hours }
    }

    fn some_weekday(
        &mut self,
        at: &Place<'_>,
        weekdays: &BTreeSet<u8>,
        from: NaiveDate,
        until: NaiveDate,
    ) {
        let mut days = from.iter_days().take_while(|day| *day <= until).take(7);
        if !days.any(|day| weekdays.contains(&(day.weekday().number_from_monday() as u8))) {
            let reason = format!("none of these days is from {from} until {until}");
            self.faults.add(at, FaultCode::WindowNeverOpens, reason);
        }
    }

    pub(super) fn date(&mut self, at: &Place<'_>, text: &str) -> Option<NaiveDate> {
        let date = parse_date(text);
        if date.is_none() {
            let reason = "expected a day of the calendar like \"2026-03-01\"";
            self.faults.add(at, FaultCode::BadDate, reason);
        }
        date
    }

    fn weekdays(&mut self, at: &Place<'_>, texts: &[String]) -> BTreeSet<u8> {
        if texts.is_empty() {
            let reason = "no day of the week is in it; leave it out to mean every day";
            self.faults.add(at, FaultCode::WindowNeverOpens, reason);
        }
        self.count(at, texts.len(), WEEKDAYS.len());
        let mut numbers = BTreeSet::new();
        for (index, text) in texts.iter().enumerate() {
            match (1..).zip(WEEKDAYS).find(|(_, day)| day == text) {
                Some((number, _)) => {
                    numbers.insert(number);
                }
                None => {
                    let reason = format!("expected one of {}", WEEKDAYS.join(", "));
                    self.faults.add(&at.index(index), FaultCode::BadWeekday, reason);
                }
            }
        }
        numbers
    }

    fn hours(&mut self, at: &Place<'_>, text: &str) -> Option<(NaiveTime, NaiveTime)> {
        let Some(hours) = parse_hours(text) else {
            let reason = "expected hours like \"08:00-10:00\"";
            self.faults.add(at, FaultCode::BadHours, reason);
            return None;
        };
        if hours.0 == hours.1 {
            let reason = "it ends when it begins; leave it out to mean the whole day";
            self.faults.add(at, FaultCode::WindowNeverOpens, reason);
        }
        Some(hours)
    }

    pub(super) fn scope(&mut self, at: &Place<'_>, table: &ScopeTable) -> Scope {
        let mut skus =
            |key, list: &Option<Vec<String>>| self.products(&at.key(key), list, Sku::parse);
        let (skus, excluded_skus) =
            (skus("skus", &table.skus), skus("excluded_skus", &table.excluded_skus));
        let mut categories = |key, list: &Option<Vec<String>>| self.categories(&at.key(key), list);
        let (categories, excluded_categories) = (
            categories("categories", &table.categories),
            categories("excluded_categories", &table.excluded_categories),
        );
        for sku in skus.intersection(&excluded_skus) {
            self.in_and_out(&at.key("excluded_skus"), sku.as_str());
        }
        for category in &categories {
            // What is excluded takes everything below it along.
            if category.is_within(&excluded_categories) {
                self.in_and_out(&at.key("excluded_categories"), category.as_str());
            }
        }
        Scope { skus, categories, excluded_skus, excluded_categories }
    }

    /// The scope of goods that become cheaper.
    pub(super) fn benefit_scope(&mut self, at: &Place<'_>, table: &ScopeTable) -> Scope {
        let scope = self.scope(at, table);
        self.discountable(at, &scope);
        scope
    }

    /// Tells the categories of a scope that nobody may discount.
    pub(super) fn discountable(&mut self, at: &Place<'_>, scope: &Scope) {
        for category in &scope.categories {
            if category.is_within(&self.excluded) {
                let reason = format!(
                    "\"{category}\" is never discounted: see discounts.excluded_categories"
                );
                self.faults.add(&at.key("categories"), FaultCode::Contradiction, reason);
            }
        }
    }

    fn products<T: Ord>(
        &mut self,
        at: &Place<'_>,
        list: &Option<Vec<String>>,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> BTreeSet<T> {
        let texts = list.as_deref().unwrap_or_default();
        self.id_set(at, texts, LIST_ENTRIES_MAX, parse)
    }

    pub(super) fn categories(
        &mut self,
        at: &Place<'_>,
        list: &Option<Vec<String>>,
    ) -> BTreeSet<CategoryId> {
        for (index, text) in list.iter().flatten().enumerate().take(LIST_ENTRIES_MAX) {
            // No line could match it.
            if !text.is_empty() && text.split('/').any(|part| part.trim().is_empty()) {
                let reason = "a part of the path is empty; expected a path like \"food/dairy\"";
                self.faults.add(&at.index(index), FaultCode::BadId, reason);
            }
        }
        self.products(at, list, CategoryId::parse)
    }

    fn in_and_out(&mut self, at: &Place<'_>, id: &str) {
        let reason = format!("\"{id}\" is both in the scope and excluded from it");
        self.faults.add(at, FaultCode::Contradiction, reason);
    }

    fn minimum(&mut self, at: &Place<'_>, table: &MinimumTable) -> Minimum {
        let amount = table.amount.as_ref();
        let quantity = table.quantity.as_ref();
        let unit_price = table.unit_price.as_ref();
        let of = match table.of {
            None | Some(MinimumOfWord::Eligible) => MinimumOf::Eligible,
            Some(MinimumOfWord::Basket) => MinimumOf::Basket,
        };
        if table.of.is_some() && amount.is_none() && quantity.is_none() {
            let reason = "it says of what `amount` and `quantity` are, and neither is there";
            self.faults.add(&at.key("of"), FaultCode::UnusedKey, reason);
        }
        Minimum {
            of,
            amount: amount.and_then(|text| self.amount(&at.key("amount"), text)),
            quantity: quantity.and_then(|text| self.quantity(&at.key("quantity"), text)),
            unit_price: unit_price.and_then(|text| self.amount(&at.key("unit_price"), text)),
        }
    }
}

/// A day written "2026-03-01" and no other way.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let date: NaiveDate = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

/// Hours written "08:00-10:00"; "24:00" ends a day.
fn parse_hours(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = text.split_once('-')?;
    let to = if to == "24:00" { "00:00" } else { to };
    Some((parse_time(from)?, parse_time(to)?))
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    NaiveTime::from_hms_opt(two_digits(hour)?, two_digits(minute)?, 0)
}
