//! A record: a header and what is recorded.

use super::events::{
    BaseChange, ClockJump, DailyClosing, Event, Gap, Import, KeyChange, LeaseChange, OutageBegin,
    OutageEnd, ProgrammeChange, SoftwareChange,
};
use super::header::Header;
use super::numbered::numbered;
use super::sale::Sale;
use super::undo::{Adjustment, Assign, Undo};
use crate::loyalty::{DeviceId, ReceiptUid};

/// One entry of a device's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where and when.
    pub header: Header,
    /// What.
    pub body: Body,
}

/// Names a sale in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRef {
    /// Whose journal.
    pub device: DeviceId,
    /// Its epoch.
    pub epoch: u32,
    /// Number in the epoch.
    pub sequence: u64,
    /// The receipt.
    pub uid: ReceiptUid,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A paid receipt.
    Sale(Box<Sale>),
    /// A receipt taken back before the customer left.
    Void(Undo),
    /// Goods brought back.
    Return(Undo),
    /// A member named after the sale.
    Assign(Assign),
    /// Points given or taken by hand.
    Adjustment(Adjustment),
    /// A custom event.
    Event(Event),
    /// Members taken from a file.
    Import(Import),
    /// A new base.
    BaseChange(BaseChange),
    /// A new programme.
    ProgrammeChange(ProgrammeChange),
    /// Holds and leases that were dropped.
    LeaseChange(LeaseChange),
    /// A receipt of a till in training; never touches a balance.
    Training(Box<Sale>),
    /// Something stopped answering.
    OutageBegin(OutageBegin),
    /// It answers again.
    OutageEnd(OutageEnd),
    /// The wall clock jumped.
    ClockJump(ClockJump),
    /// Another version of the software.
    SoftwareChange(SoftwareChange),
    /// The device's key.
    KeyChange(KeyChange),
    /// Records that could not be proven.
    Gap(Gap),
    /// The end of a day.
    DailyClosing(DailyClosing),
}

impl Body {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Sale(_) => Kind::Sale,
            Self::Void(_) => Kind::Void,
            Self::Return(_) => Kind::Return,
            Self::Assign(_) => Kind::Assign,
            Self::Adjustment(_) => Kind::Adjustment,
            Self::Event(_) => Kind::Event,
            Self::Import(_) => Kind::Import,
            Self::BaseChange(_) => Kind::BaseChange,
            Self::ProgrammeChange(_) => Kind::ProgrammeChange,
            Self::LeaseChange(_) => Kind::LeaseChange,
            Self::Training(_) => Kind::Training,
            Self::OutageBegin(_) => Kind::OutageBegin,
            Self::OutageEnd(_) => Kind::OutageEnd,
            Self::ClockJump(_) => Kind::ClockJump,
            Self::SoftwareChange(_) => Kind::SoftwareChange,
            Self::KeyChange(_) => Kind::KeyChange,
            Self::Gap(_) => Kind::Gap,
            Self::DailyClosing(_) => Kind::DailyClosing,
        }
    }
}

numbered! {
    /// What a record is about.
    Kind {
        /// See [`Body::Sale`].
        Sale = 1 "sale",
        /// See [`Body::Void`].
        Void = 2 "void",
        /// See [`Body::Return`].
        Return = 3 "return",
        /// See [`Body::Assign`].
        Assign = 4 "assign",
        /// See [`Body::Adjustment`].
        Adjustment = 5 "adjustment",
        /// See [`Body::Event`].
        Event = 6 "event",
        /// See [`Body::Import`].
        Import = 7 "import",
        /// See [`Body::BaseChange`].
        BaseChange = 8 "base_change",
        /// See [`Body::ProgrammeChange`].
        ProgrammeChange = 9 "programme_change",
        /// See [`Body::LeaseChange`].
        LeaseChange = 10 "lease_change",
        /// See [`Body::Training`].
        Training = 11 "training",
        /// See [`Body::OutageBegin`].
        OutageBegin = 12 "outage_begin",
        /// See [`Body::OutageEnd`].
        OutageEnd = 13 "outage_end",
        /// See [`Body::ClockJump`].
        ClockJump = 14 "clock_jump",
        /// See [`Body::SoftwareChange`].
        SoftwareChange = 15 "software_change",
        /// See [`Body::KeyChange`].
        KeyChange = 16 "key_change",
        /// See [`Body::Gap`].
        Gap = 17 "gap",
        /// See [`Body::DailyClosing`].
        DailyClosing = 18 "daily_closing",
    }
}
