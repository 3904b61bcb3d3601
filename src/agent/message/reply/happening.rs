//! What displays and back offices hear.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::agent::till::event::{Happened, TillEvent};
use crate::loyalty::ShownTo;
use crate::wire::wording::Language;

/// The data of one server-sent event; its name is `type`, its id is `number`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EventMessage {
    /// Counts up; send the last one heard as `Last-Event-ID` to go on from there.
    pub(crate) number: u64,
    /// When.
    pub(crate) at: String,
    /// What.
    #[serde(flatten)]
    pub(crate) what: HappenedMessage,
}

/// What happened. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum HappenedMessage {
    /// A member was identified.
    Identified {
        /// 32 hexadecimal digits.
        member: String,
        /// Points.
        balance: i64,
        /// What the display says to the member, in the store's language.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        greetings: Vec<String>,
    },
    /// A basket was priced.
    Quoted {
        /// Where.
        till: String,
        /// What the customer would pay.
        payable: i64,
        /// What the customer would save.
        discount: i64,
        /// Points that it would earn.
        earns: i64,
    },
    /// A receipt was recorded.
    Committed {
        /// Where.
        till: String,
        /// The receipt.
        receipt_uid: String,
        /// What the customer paid.
        payable: i64,
        /// Points earned.
        earned: i64,
    },
    /// A receipt or a part of it was taken back.
    TakenBack {
        /// Where.
        till: String,
        /// The receipt.
        receipt_uid: String,
        /// Money paid back.
        refund: i64,
    },
    /// Another programme is in force.
    ProgrammeChanged {
        /// Its version.
        version: u32,
    },
}

impl EventMessage {
    /// Renders an event in the store's language.
    pub(crate) fn of(event: &TillEvent, language: Language) -> Self {
        let what = match &event.what {
            Happened::Identified { member, balance, greetings } => HappenedMessage::Identified {
                member: member.to_string(),
                balance: balance.value(),
                greetings: greetings
                    .iter()
                    .filter(|greeting| greeting.shown_to != ShownTo::Cashier)
                    .map(|greeting| greeting.texts.in_language(language.code()).to_owned())
                    .collect(),
            },
            Happened::Quoted { till, payable, discount, earns } => HappenedMessage::Quoted {
                till: till.to_string(),
                payable: payable.value(),
                discount: discount.value(),
                earns: earns.value(),
            },
            Happened::Committed { till, uid, payable, earned } => HappenedMessage::Committed {
                till: till.to_string(),
                receipt_uid: uid.to_string(),
                payable: payable.value(),
                earned: earned.value(),
            },
            Happened::TakenBack { till, uid, refund } => HappenedMessage::TakenBack {
                till: till.to_string(),
                receipt_uid: uid.to_string(),
                refund: refund.value(),
            },
            Happened::ProgrammeChanged { version } => {
                HappenedMessage::ProgrammeChanged { version: *version }
            }
        };
        Self { number: event.number, at: time::utc(event.at), what }
    }

    /// The name of the event.
    pub(crate) const fn name(&self) -> &'static str {
        match self.what {
            HappenedMessage::Identified { .. } => "identified",
            HappenedMessage::Quoted { .. } => "quoted",
            HappenedMessage::Committed { .. } => "committed",
            HappenedMessage::TakenBack { .. } => "taken_back",
            HappenedMessage::ProgrammeChanged { .. } => "programme_changed",
        }
    }

    /// Till that it is about; `None` where it concerns every till.
    pub(crate) fn till(&self) -> Option<&str> {
        match &self.what {
            HappenedMessage::Quoted { till, .. }
            | HappenedMessage::Committed { till, .. }
            | HappenedMessage::TakenBack { till, .. } => Some(till),
            HappenedMessage::Identified { .. } | HappenedMessage::ProgrammeChanged { .. } => None,
        }
    }
}
