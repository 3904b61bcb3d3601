//! What changes an account after a sale.

use crate::journal::cbor::cbor_map;
use crate::journal::record::RecordRef;
use crate::journal::undo::{AccountPart, Adjustment, Assign, Undo};
use crate::loyalty::Undone;
use crate::money::Amount;

cbor_map!(RecordRef {
    1 device required,
    2 epoch required,
    3 sequence required,
    4 uid required,
});

cbor_map!(Undo {
    1 undo_uid required,
    2 of required,
    3 lines required,
    4 refund required,
    5 account optional,
    6 vouchers_freed or_default,
    7 closed_at required,
    8 reason optional,
    9 flags or_default,
    10 of_kind or_default,
    12 cash_rounding or_default,
    13 taxes or_default,
    14 codes_cancelled or_default,
    17 shared or_default,
    18 shared_on optional,
    21 rewards or_default,
    22 gifts_back or_default,
});

cbor_map!(AccountPart {
    1 member required,
    2 account required,
    3 sale_day required,
    4 remaining required,
    5 clawed_back or_default,
    6 expires required,
    7 restored or_default,
    8 spend or_default,
    9 terms required,
    10 counted or_default,
    15 forgiven or_default,
    16 pending or_default,
    17 cashback or_default,
    18 taken_from or_default,
});

type UndoneCashback = Undone<Amount>;

cbor_map!(UndoneCashback {
    1 clawed_back or_default,
    2 forgiven or_default,
    3 expires required,
    4 pending or_default,
    5 restored or_default,
    6 taken_from or_default,
});

cbor_map!(Assign {
    1 of required,
    2 member required,
    3 account required,
    4 earned or_default,
    5 earned_by or_default,
    6 expires required,
    7 spend or_default,
    8 terms required,
    9 sale_at required,
    10 tier optional,
    11 flags or_default,
    12 counted or_default,
    13 average_basket optional,
    14 issued or_default,
    15 converted or_default,
    16 shared or_default,
    18 draws or_default,
    19 debt or_default,
    20 cashback optional,
    22 referral optional,
    23 standing or_default,
});

cbor_map!(Adjustment {
    1 uid required,
    2 member required,
    3 account required,
    4 points required,
    5 expires required,
    6 terms required,
    7 reason required,
    8 counted or_default,
    9 counted_on optional,
    10 of optional,
    16 cashback or_default,
    17 cashback_expires or_default,
});
