//! What happens at the till, for displays and back offices that listen.

use chrono::{DateTime, Utc};

use crate::loyalty::{Greeting, MemberRef, ReceiptUid, TillId};
use crate::money::{Amount, Points};

/// Something that happened. Numbered so that a listener can resume.
#[derive(Clone, Debug)]
pub(crate) struct TillEvent {
    pub(crate) number: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: Happened,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// A member was identified, and is greeted so.
    Identified { member: MemberRef, balance: Points, greetings: Vec<Greeting> },
    /// A basket was priced.
    Quoted { till: TillId, payable: Amount, discount: Amount, earns: Points },
    /// A receipt was recorded.
    Committed { till: TillId, uid: ReceiptUid, payable: Amount, earned: Points },
    /// A receipt or a part of it was taken back.
    TakenBack { till: TillId, uid: ReceiptUid, refund: Amount },
    /// Another programme is in force.
    ProgrammeChanged { version: u32 },
}
