//! The files and messages that agent and hub share. Pure: text in, checked values out; whoever
//! calls reads the file.
//!
//! `programme` is the programme file that authors write, `members` the import file, `wording`
//! what people read at the till, `sync` what agent and hub say to one another, `account_facts` and
//! `personal_offers` how accounts and carried offers are stored on both sides.

pub(crate) mod account_facts;
pub mod members;
pub(crate) mod personal_offers;
pub mod programme;
pub mod sync;
mod table;
pub mod wording;
