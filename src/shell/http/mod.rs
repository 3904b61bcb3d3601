//! What every HTTP server of ours does: bounds its connections, names its requests, gives problems
//! their form.

pub(crate) mod connections;
pub(crate) mod front;
pub(crate) mod problem_kind;
pub(crate) mod request_id;
