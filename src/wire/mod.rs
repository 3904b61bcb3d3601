//! The files and messages that agent and hub share. Pure: text in, checked values out; whoever
//! calls reads the file.
//!
//! `programme` is the programme file that authors write, `members` the import file, `wording`
//! what people read at the till.

pub mod members;
pub mod programme;
mod table;
pub mod wording;
