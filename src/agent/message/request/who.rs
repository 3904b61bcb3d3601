//! Who buys, as a body says it.

use super::super::fault::Faults;
use super::fields;
use crate::agent::till::request::Who;
use crate::loyalty::MemberRef;

/// Longer than any identification that we give.
pub(crate) const IDENTIFICATION_BYTES_MAX: usize = 256;

/// Reads `identification_id` and `member`, of which one at most is sent.
pub(super) fn who(
    faults: &mut Faults,
    identification_id: Option<String>,
    member: Option<&str>,
) -> Option<Who> {
    match (identification_id, member) {
        (Some(_), Some(_)) => {
            let message = "send identification_id or member, not both";
            faults.add("/member", "member_named_twice", message);
            None
        }
        (Some(text), None) if text.is_empty() || text.len() > IDENTIFICATION_BYTES_MAX => {
            let message = "expected the identification_id that identify gave";
            faults.add("/identification_id", "identification_malformed", message);
            None
        }
        (Some(identification_id), None) => Some(Who::Identified(identification_id)),
        (None, Some(member)) => {
            let pointer = || "/member".to_owned();
            fields::id(faults, member, MemberRef::parse, pointer).map(Who::Named)
        }
        (None, None) => Some(Who::Nobody),
    }
}

/// Like [`who`], but somebody has to be named.
pub(super) fn somebody(
    faults: &mut Faults,
    identification_id: Option<String>,
    member: Option<&str>,
) -> Option<Who> {
    let who = who(faults, identification_id, member);
    if who == Some(Who::Nobody) {
        faults.add("/identification_id", "missing", "send identification_id or member");
        return None;
    }
    who
}
