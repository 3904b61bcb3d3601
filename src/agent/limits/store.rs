//! What the ledger takes and how commands bound themselves.

use super::limit::Beyond::{Refused, Then};
use super::limit::Unit::{Bytes, Ms, Of};
use super::limit::{Limit, limit};
use crate::agent::command;
use crate::agent::store::{checkpoint, open, readers, writer};
use crate::journal;
use crate::loyalty;
use crate::recompute;

#[rustfmt::skip]
pub(super) fn store() -> Vec<Limit> {
    vec![
        limit!(Most "writes that wait", writer::QUEUE_JOBS_MAX, Of("writes"), "four whole batches; more is an overload", Refused("busy")),
        limit!(Most "writes that share a commit", writer::BATCH_JOBS_MAX, Of("writes"), "as many as there are connections", Then("the next commit")),
        limit!(Most "wait of a batch's first write for its commit", writer::BATCH_TIME_MS_MAX, Ms, "a cashier does not notice", Then("the commit begins")),
        limit!(Most "reads at once", readers::READERS, Of("reads"), "one per core of a small till", Then("the others wait")),
        limit!(Most "time of a read", readers::READ_MS_MAX, Ms, "an older snapshot keeps the WAL from starting again", Refused("internal")),
        limit!(Most "WAL that all readers together can keep, and one batch", checkpoint::WAL_HARD_BYTES, Bytes, "a start after a power cut stays quick", Then("readers are waited for")),
        limit!(Most "SQLite's memory before it reuses pages", open::SQLITE_MEMORY_BYTES_MAX, Bytes, "a till's footprint", Then("pages are reused")),
        limit!(Least "SQLite, as 3,051,003 for 3.51.3", open::SQLITE_VERSION_MIN, Of("(version)"), "older ones can lose committed pages", Then("the agent does not start")),
        limit!(Most "a record", journal::RECORD_BYTES_MAX, Bytes, "10,000 lines with the longest ids are 3 MiB", Then("no sound receipt gets there")),
        limit!(Most "lines of one receipt's benefits, each with all that it is spread over", loyalty::ALLOCATIONS_MAX, Of("lines"), "2,000 offers on 100 lines, 20 on 10,000; bounds record and answer", Then("`allocation_limit`; what else is on the receipt stays")),
        limit!(Most "looks at goods before a basket is decided anew for a group", loyalty::LOOKS_ANEW_MAX, Of("looks"), "thousands of lines or hundreds of winners that fail", Then("such a group gives nothing")),
        limit!(Most "refused offers in a record", recompute::REFUSALS_KEPT_MAX, Of("offers"), "what a cashier was told", Then("the others are left out")),
        limit!(Least "free space that `doctor` asks for", command::FREE_MIB_MIN, Of("MiB"), "a busy store fills less in a day", Then("`doctor` says so")),
        limit!(Most "tries of one receipt by `replay`", command::TRIES_MAX, Of("tries"), "then the agent is gone", Then("`replay` ends")),
        limit!(Most "wait between two tries", command::WAIT_MS_MAX, Ms, "about as long as a start takes", Then("the next try")),
        limit!(Most "time of one try", command::REQUEST_TIME_MAX = command::REQUEST_TIME_MAX.as_millis(), Ms, "the agent answers within seconds or not at all", Then("the next try")),
    ]
}
