//! What a value of a record is likely to be, from what is known already: of the record before, of
//! the goods, of the sums of a receipt.
//!
//! A wrong guess costs bytes and nothing else, so nothing here follows the rules of the programme.

use std::collections::BTreeMap;

use ciborium::Value;

use super::walk::{ITEM, TUPLE};
use crate::journal::RecordHash;
use crate::money::{Amount, Quantity};

/// What is likely.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expected {
    /// Just this.
    Value(Value),
    /// An integer about this: the difference is written.
    Near(i128),
}

// Keys of a record (`journal/codec`).
const EPOCH: u32 = 3;
const SEQUENCE: u32 = 4;
const PREVIOUS: u32 = 5;
const CLOCK: u32 = 6;
const WALL: u32 = 1;
const MONOTONIC: u32 = 3;
const PROGRAMME: u32 = 10;
const CHECKPOINT: u32 = 12;
const TOTALS: u32 = 13;
const BODY: u32 = 23;
// Keys of a sale.
const RECEIPT_NUMBER: u32 = 2;
const CLOSED_AT: u32 = 3;
const WAITED: u32 = 4;
const LINES: u32 = 6;
const APPLIED: u32 = 7;
const REFUSED: u32 = 8;
const PAYMENTS: u32 = 9;
const ROUNDING: u32 = 10;
const PAYABLE: u32 = 11;
const MEMBER: u32 = 12;
// Keys of a line.
const LINE_ID: u32 = 1;
const SKU: u32 = 2;
const QUANTITY: u32 = 4;
const UNIT_PRICE: u32 = 5;
const AMOUNT: u32 = 6;
const DISCOUNT: u32 = 10;
const REDEEMED: u32 = 11;
// Keys of a member's part.
const WHO: u32 = 1;
const ACCOUNT: u32 = 2;
const INPUTS: u32 = 4;
const INPUT_TIER: u32 = 3;
const EARNED: u32 = 5;
const EARNED_BY: u32 = 6;
const SPENT: u32 = 8;
const SPENT_FROM: u32 = 9;
const TIER_AFTER: u32 = 10;
const COUNTED: u32 = 12;

/// Whether an array's items are all of one kind.
pub(super) fn is_list(path: &[u32]) -> bool {
    matches!(
        path,
        [BODY, LINES | APPLIED | REFUSED | PAYMENTS]
            | [BODY, MEMBER, EARNED_BY | SPENT_FROM | COUNTED]
    )
}

/// Whether what comes later says what comes before: the body comes before the header, whose totals
/// it moves, and the parts of a benefit before their sum.
pub(super) fn is_read_backwards(path: &[u32]) -> bool {
    matches!(path, [] | [BODY, APPLIED, ITEM])
}

/// What is known of the records before and of this one so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The hash of the record before, where it is in the batch.
    pub(super) previous: Option<RecordHash>,
    last: BTreeMap<Vec<u32>, i128>,
    number: Option<String>,
    goods: BTreeMap<(Vec<u8>, u32), Value>,
    accounts: BTreeMap<Vec<u8>, Value>,
    receipt: Receipt,
}

#[derive(Clone, Debug, Default)]
struct Receipt {
    lines: Vec<Line>,
    is_sale: bool,
    closed_at: Option<i128>,
    waited: i128,
    wall_before: i128,
    wall: i128,
    gross: i128,
    discount: i128,
    redeemed: i128,
    rounding: i128,
    parts_sum: i128,
    parts_line: Option<usize>,
    paid: i128,
    who: Vec<u8>,
    tier: Option<Value>,
    earned: i128,
    spent: i128,
}

#[derive(Clone, Debug, Default)]
struct Line {
    sku: Vec<u8>,
    quantity: i128,
    unit_price: i128,
    discount_left: i128,
    redeemed_left: i128,
}

impl Facts {
    pub(super) fn begin_record(&mut self) {
        self.receipt = Receipt::default();
    }

    /// What a value is likely to be; `place` is where it is in the innermost array.
    pub(super) fn expected(&self, path: &[u32], place: usize) -> Option<Expected> {
        let receipt = &self.receipt;
        let last = || self.last.get(path).copied();
        let same = |value: &Value| Some(Expected::Value(value.clone()));
        match path {
            [SEQUENCE] => last().map(|last| Expected::Near(last + 1)),
            [PREVIOUS] => {
                let hash = self.previous?;
                Some(Expected::Value(Value::Bytes(hash.as_bytes().to_vec())))
            }
            [EPOCH | PROGRAMME..=CHECKPOINT] => last().map(Expected::Near),
            [CLOCK, WALL] => match receipt.closed_at {
                Some(closed_at) => Some(Expected::Near(closed_at + receipt.waited)),
                None => last().map(Expected::Near),
            },
            [CLOCK, MONOTONIC] => {
                last().map(|last| Expected::Near(last + receipt.wall - receipt.wall_before))
            }
            [TOTALS, which] => {
                let more = match which - TUPLE {
                    0 => i128::from(receipt.is_sale),
                    1 => receipt.gross,
                    2 => receipt.discount,
                    3 => receipt.redeemed,
                    4 => receipt.earned,
                    5 => receipt.spent,
                    _ => 0,
                };
                last().map(|last| Expected::Near(last + more))
            }
            [BODY, RECEIPT_NUMBER] => {
                let next = counted_on(self.number.as_deref()?)?;
                Some(Expected::Value(Value::Text(next)))
            }
            [BODY, CLOSED_AT] => {
                let last = self.last.get(&[CLOCK, WALL][..]).copied();
                last.map(Expected::Near)
            }
            [BODY, LINES, ITEM, LINE_ID] => {
                Some(Expected::Value(Value::Text((place + 1).to_string())))
            }
            [BODY, LINES, ITEM, AMOUNT] => Some(Expected::Near(receipt.lines.last()?.amount()?)),
            [BODY, LINES, ITEM, key] if !matches!(*key, SKU | QUANTITY | DISCOUNT | REDEEMED) => {
                let sku = receipt.lines.last()?.sku.clone();
                same(self.goods.get(&(sku, *key))?)
            }
            [BODY, APPLIED, ITEM, part, _] if *part == TUPLE + 2 => {
                if place % 2 == 0 {
                    // The next line that something was taken off.
                    let from = receipt.parts_line.map_or(0, |line| line + 1);
                    let lines = receipt.lines.iter().enumerate().skip(from);
                    let (line, _) = lines.into_iter().find(|(_, line)| line.left() > 0)?;
                    Some(Expected::Value(Value::Integer((line as u64).into())))
                } else {
                    Some(Expected::Near(receipt.lines.get(receipt.parts_line?)?.left()))
                }
            }
            [BODY, APPLIED, ITEM, part] if *part == TUPLE + 1 => {
                Some(Expected::Near(receipt.parts_sum))
            }
            [BODY, PAYMENTS, ITEM, 2] => Some(Expected::Near(receipt.net() - receipt.paid)),
            [BODY, PAYABLE] => Some(Expected::Near(receipt.net() + receipt.rounding)),
            [BODY, MEMBER, ACCOUNT] => same(self.accounts.get(&receipt.who)?),
            [BODY, MEMBER, TIER_AFTER] => same(receipt.tier.as_ref()?),
            [BODY, MEMBER, EARNED_BY, ITEM, part] if *part == TUPLE + 1 => {
                Some(Expected::Near(receipt.earned))
            }
            [BODY, MEMBER, SPENT] => Some(Expected::Near(receipt.redeemed)),
            _ => None,
        }
    }

    /// A value is known.
    pub(super) fn note(&mut self, path: &[u32], place: usize, value: &Value) {
        let integer = match value {
            Value::Integer(integer) => i128::from(*integer),
            _ => 0,
        };
        let receipt = &mut self.receipt;
        match path {
            [CLOCK, WALL] => {
                receipt.wall = integer;
                receipt.wall_before = self.last.get(path).copied().unwrap_or(integer);
            }
            [BODY, RECEIPT_NUMBER] => self.number = value.as_text().map(str::to_owned),
            [BODY, CLOSED_AT] => receipt.closed_at = Some(integer),
            [BODY, WAITED] => receipt.waited = integer,
            [BODY, LINES, ITEM, key] => {
                receipt.is_sale = true;
                if *key == LINE_ID {
                    receipt.lines.push(Line::default());
                }
                let Some(line) = receipt.lines.last_mut() else { return };
                match *key {
                    SKU => line.sku = key_of(value),
                    QUANTITY => line.quantity = integer,
                    UNIT_PRICE => line.unit_price = integer,
                    AMOUNT => receipt.gross += integer,
                    DISCOUNT => {
                        line.discount_left = integer;
                        receipt.discount += integer;
                    }
                    REDEEMED => {
                        line.redeemed_left = integer;
                        receipt.redeemed += integer;
                    }
                    _ => {}
                }
                if *key != SKU {
                    let sku = line.sku.clone();
                    self.goods.insert((sku, *key), value.clone());
                }
            }
            [BODY, APPLIED, ITEM, part, _] if *part == TUPLE + 2 => {
                if place == 0 {
                    receipt.parts_sum = 0;
                }
                if place % 2 == 0 {
                    receipt.parts_line = usize::try_from(integer).ok();
                } else {
                    receipt.parts_sum += integer;
                    let line = receipt.parts_line.and_then(|line| receipt.lines.get_mut(line));
                    if let Some(line) = line {
                        line.take(integer);
                    }
                }
            }
            [BODY, APPLIED, ITEM, _] => receipt.parts_line = None,
            [BODY, PAYMENTS, ITEM, 2] => receipt.paid += integer,
            [BODY, ROUNDING] => receipt.rounding = integer,
            [BODY, MEMBER, WHO] => receipt.who = key_of(value),
            [BODY, MEMBER, ACCOUNT] => {
                self.accounts.insert(receipt.who.clone(), value.clone());
            }
            [BODY, MEMBER, INPUTS, INPUT_TIER] => receipt.tier = Some(value.clone()),
            [BODY, MEMBER, EARNED] => receipt.earned = integer,
            [BODY, MEMBER, SPENT] => receipt.spent = integer,
            _ => {}
        }
        let is_header = path.first().is_some_and(|key| *key != BODY);
        if is_header && matches!(value, Value::Integer(_)) {
            self.last.insert(path.to_vec(), integer);
        }
    }
}

impl Receipt {
    fn net(&self) -> i128 {
        self.gross - self.discount - self.redeemed
    }
}

impl Line {
    fn amount(&self) -> Option<i128> {
        let quantity = Quantity::new(i64::try_from(self.quantity).ok()?);
        let unit_price = Amount::new(i64::try_from(self.unit_price).ok()?);
        quantity.at(unit_price).map(|amount| amount.value().into())
    }

    fn left(&self) -> i128 {
        if self.discount_left > 0 { self.discount_left } else { self.redeemed_left }
    }

    fn take(&mut self, part: i128) {
        if self.discount_left > 0 {
            self.discount_left -= part;
        } else {
            self.redeemed_left -= part;
        }
    }
}

fn key_of(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.clone(),
        _ => Vec::new(),
    }
}

/// The number behind a numbered text: "2026-000123" is followed by "2026-000124".
fn counted_on(text: &str) -> Option<String> {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count().min(18);
    let (stem, digits) = text.split_at(text.len() - digits);
    let next = digits.parse::<u64>().ok()? + 1;
    Some(format!("{stem}{next:0width$}", width = digits.len()))
}
