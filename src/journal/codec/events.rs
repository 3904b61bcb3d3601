//! What happens around the sales.

use crate::journal::cbor::cbor_map;
use crate::journal::events::{
    BaseChange, ClockJump, DailyClosing, Event, Gap, Import, KeyChange, LeaseChange, OutageBegin,
    OutageEnd, ProgrammeChange, SoftwareChange, TakenBack,
};

cbor_map!(Event {
    1 event_type required,
    2 event_uid required,
    3 member optional,
    4 attributes or_default,
});

cbor_map!(Import {
    1 source_hash required,
    2 members required,
    3 points required,
    4 cursor required,
});

cbor_map!(BaseChange {
    1 cursor required,
    2 hash required,
});

cbor_map!(ProgrammeChange {
    1 id required,
    2 version required,
    3 hash required,
});

cbor_map!(LeaseChange {
    1 reason required,
    2 dropped_holds or_default,
    3 dropped_leases or_default,
});

cbor_map!(OutageBegin {
    1 cause required,
    2 since required,
});

cbor_map!(OutageEnd {
    1 cause required,
    2 begun required,
});

cbor_map!(ClockJump {
    1 from required,
    2 to required,
});

cbor_map!(SoftwareChange {
    1 from optional,
    2 to required,
    3 engine required,
});

cbor_map!(KeyChange {
    1 public_key required,
    2 reason required,
});

cbor_map!(Gap {
    1 epoch required,
    2 first_sequence required,
    3 last_sequence required,
    4 hash optional,
    5 reason required,
});

cbor_map!(DailyClosing {
    1 day required,
    2 day_totals required,
    3 perpetual required,
    4 identified_receipts or_default,
    5 identified_value or_default,
    6 taken_back or_default,
    7 closed_before or_default,
});

cbor_map!(TakenBack {
    1 voids or_default,
    2 returns or_default,
    3 refunded or_default,
    4 points_clawed_back or_default,
    5 points_restored or_default,
    6 cashback_clawed_back or_default,
    7 cashback_restored or_default,
});
