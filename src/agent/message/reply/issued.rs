//! What a receipt hands out beside points: vouchers and contest entries.

use serde::Serialize;
use utoipa::ToSchema;

use super::time::Day;
use crate::loyalty::{Issue, Issued, IssuedBy, IssuedKind, Programme};
use crate::money::Amount;
use crate::wire::wording::Sentence;

/// A voucher or a contest entry that is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct IssuedReply<'a> {
    /// What it is.
    pub(crate) kind: IssuedName,
    /// Its code, to be printed; of a voucher, what is presented later. A quote has none yet.
    #[schema(example = "7KQ2-9XWM-3DTC-V0PA")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'a str>,
    /// How many of it; 1 where it has a code.
    pub(crate) count: u32,
    /// The earning rule that hands it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_id: Option<&'a str>,
    /// Of a voucher that points were converted into by themselves, the conversion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conversion: Option<&'a str>,
    /// Of a voucher that was chosen for points, the reward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reward: Option<&'a str>,
    /// Of a voucher, its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) voucher_type: Option<&'a str>,
    /// What customers call the voucher or the contest.
    pub(crate) label: &'a str,
    /// Of a voucher, its first day.
    #[schema(value_type = Option<String>, example = "2026-03-03")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_from: Option<Day>,
    /// Of a voucher, its last day.
    #[schema(value_type = Option<String>, example = "2026-03-16")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<Day>,
    /// Of a voucher, what it will cost the shop when it is used, in minor units, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<i64>,
    /// Whether a voucher may be used on the day of the receipt already.
    #[serde(skip)]
    begins: Begins,
}

/// What is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IssuedName {
    /// A voucher for a later purchase.
    Voucher,
    /// An entry of a contest.
    ContestEntry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begins {
    Today,
    Later,
}

impl<'a> IssuedReply<'a> {
    /// What a quote says will be handed out.
    pub(super) fn of_issue(
        issue: &'a Issue,
        programme: &'a Programme,
        today: chrono::NaiveDate,
    ) -> Self {
        Self::new(&issue.by, &issue.what, programme, today).counting(issue.count)
    }

    /// What a record says was handed out.
    pub(super) fn of_issued(
        issued: &'a Issued,
        programme: &'a Programme,
        today: chrono::NaiveDate,
    ) -> Self {
        let reply = Self::new(&issued.by, &issued.what, programme, today);
        Self { code: Some(issued.code.as_str()), ..reply }
    }

    fn counting(self, count: u32) -> Self {
        Self { count, ..self }
    }

    fn new(
        by: &'a IssuedBy,
        what: &'a IssuedKind,
        programme: &'a Programme,
        today: chrono::NaiveDate,
    ) -> Self {
        let (rule_id, conversion, reward, label) = match by {
            IssuedBy::Rule(id) => {
                let known = programme.earn.iter().find(|known| known.id == *id);
                let label = known.map_or(id.as_str(), |known| &known.name);
                (Some(id.as_str()), None, None, label)
            }
            IssuedBy::Conversion(id) => (None, Some(id.as_str()), None, id.as_str()),
            IssuedBy::Reward(id) => (None, None, Some(id.as_str()), id.as_str()),
        };
        let entry = Self {
            kind: IssuedName::ContestEntry,
            code: None,
            count: 1,
            rule_id,
            conversion,
            reward,
            voucher_type: None,
            label,
            valid_from: None,
            valid_until: None,
            cost: None,
            begins: Begins::Today,
        };
        match what {
            IssuedKind::Entry => entry,
            IssuedKind::Voucher { voucher_type, valid_from, valid_until, cost } => Self {
                kind: IssuedName::Voucher,
                voucher_type: Some(voucher_type.as_str()),
                label: programme
                    .voucher_types
                    .get(voucher_type)
                    .map_or(voucher_type.as_str(), |known| &known.name),
                valid_from: Some(Day(*valid_from)),
                valid_until: Some(Day(*valid_until)),
                cost: cost.map(Amount::value),
                begins: if *valid_from > today { Begins::Later } else { Begins::Today },
                ..entry
            },
        }
    }

    /// What to say of it to customer and cashier.
    pub(crate) fn sentence(&self) -> Sentence<'a> {
        let label = self.label;
        match (self.valid_from, self.valid_until, self.begins) {
            (Some(from), Some(date), Begins::Later) => {
                Sentence::VoucherReceivedFrom { label, from: from.0, date: date.0 }
            }
            (_, Some(date), _) => Sentence::VoucherReceived { label, date: date.0 },
            _ => Sentence::ContestEntries { label, entries: i64::from(self.count) },
        }
    }
}
