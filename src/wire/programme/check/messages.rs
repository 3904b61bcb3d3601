//! What is said unasked, and how much of it.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::{ConditionTables, GreetingTable, MessagesTable, ShownToWord, TextTable};
use super::super::limits::{GREETINGS_MAX, TEXT_CHARS_MAX};
use super::super::place::Place;
use super::Check;
use crate::loyalty::{
    Greeting, GreetingId, MessagePolicy, PROMOTIONS_TOLD_MAX, ShownTo, Texts, VOUCHER_DAYS_BEFORE,
    WINDOW_DAYS_MAX,
};
use crate::wire::table::Table;

impl Check<'_, '_> {
    /// How much is said unasked. Whoever greets has the usual bounds.
    pub(super) fn messages(
        &mut self,
        table: Option<&MessagesTable>,
        greetings: &[Greeting],
    ) -> Option<MessagePolicy> {
        let at = Place::Root.key("messages");
        let Some(table) = table else {
            return (!greetings.is_empty()).then(MessagePolicy::default);
        };
        let most = table.promotional_max;
        let most = most
            .and_then(|most| self.whole(&at.key("promotional_max"), most, 0..=PROMOTIONS_TOLD_MAX));
        let frequency = self.use_limits(&at.key("frequency"), table.frequency.as_deref());
        let days = table.voucher_days_before.unwrap_or(VOUCHER_DAYS_BEFORE.into());
        let days = self.whole(&at.key("voucher_days_before"), days, 0..=WINDOW_DAYS_MAX);
        let voucher_days_before = days.unwrap_or_default();
        Some(MessagePolicy { promotional_max: most, frequency, voucher_days_before })
    }

    /// The greetings in the order of their ids.
    pub(super) fn greetings(&mut self, tables: Option<&[Table<GreetingTable>]>) -> Vec<Greeting> {
        let at = Place::Root.key("greetings");
        let tables = tables.unwrap_or_default();
        self.count(&at, tables.len(), GREETINGS_MAX);
        let mut ids = BTreeMap::new();
        let mut greetings = Vec::new();
        for (index, table) in tables.iter().take(GREETINGS_MAX).enumerate() {
            let greeting_at = at.index(index);
            self.distinct_id(&greeting_at, table.id.as_deref(), &mut ids);
            greetings.extend(self.greeting(&greeting_at, table));
        }
        greetings.sort_by(|left, right| left.id.cmp(&right.id));
        greetings
    }

    fn greeting(&mut self, at: &Place<'_>, table: &GreetingTable) -> Option<Greeting> {
        let id = self.required_id(at, "id", table.id.as_deref(), GreetingId::parse);
        let priority = table.priority.unwrap_or_default();
        let priority = self.whole(&at.key("priority"), priority, i32::MIN..=i32::MAX);
        let conditions = ConditionTables {
            audience: table.audience.as_deref(),
            window: table.window.as_deref(),
            stores: table.stores.as_deref(),
            scope: None,
            minimum: None,
        };
        let conditions = self.conditions(at, conditions);
        let frequency = self.use_limits(&at.key("frequency"), table.frequency.as_deref());
        let text = self.required(at, "text", table.text.as_deref());
        let texts = text.and_then(|text| self.texts(&at.key("text"), text));
        Some(Greeting {
            id: id?,
            priority: priority?,
            conditions,
            shown_to: match table.shown_to {
                Some(ShownToWord::Cashier) => ShownTo::Cashier,
                Some(ShownToWord::Display) => ShownTo::Display,
                Some(ShownToWord::Everybody) | None => ShownTo::Everybody,
            },
            texts: texts?,
            frequency,
        })
    }

    fn texts(&mut self, at: &Place<'_>, table: &TextTable) -> Option<Texts> {
        let TextTable { cs, sk, pl, de, en } = table;
        let written = [("cs", cs), ("sk", sk), ("pl", pl), ("de", de), ("en", en)];
        let mut texts = BTreeMap::new();
        for (code, text) in written {
            let Some(text) = text else { continue };
            let reason = if text.trim().is_empty() {
                "the text is empty".to_owned()
            } else if text.chars().count() > TEXT_CHARS_MAX {
                format!("the text is longer than {TEXT_CHARS_MAX} characters")
            } else if text.trim() != text || text.chars().any(char::is_control) {
                "the text has control characters or white space around it".to_owned()
            } else {
                texts.insert(code, text.clone());
                continue;
            };
            self.faults.add(&at.key(code), FaultCode::BadText, reason);
        }
        let is_empty = written.iter().all(|(_, text)| text.is_none());
        if is_empty && !self.faults.has_unread_under(at) {
            let reason = "there is no text in any language; write one like en = \"Welcome back\"";
            self.faults.add(at, FaultCode::MissingKey, reason);
        }
        Texts::new(texts)
    }
}
