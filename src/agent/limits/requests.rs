//! What one request, one connection and one scan may take.

use std::marker::PhantomData;

use super::limit::Beyond::{Refused, RefusedEither, Then, WrongConfiguration};
use super::limit::Unit::{Bytes, MinorUnits, Ms, Of, S, Thousandths};
use super::limit::{Limit, bytes_of, limit};
use crate::agent::{api, message, till};
use crate::journal::{AttributeName, AttributeValue, PaymentKind, ReceiptNumber, Remark};
use crate::{journal, loyalty, member_code, money};

#[rustfmt::skip]
pub(super) fn bodies() -> Vec<Limit> {
    vec![
        limit!(Most "body", api::limits::BODY_BYTES_MAX, Bytes, "10,000 lines of 400 bytes", Refused("body_too_large")),
        limit!(Most "nesting of the body", api::limits::BODY_DEPTH_MAX, Of("levels"), "no body of ours has more than three", Refused("too_deep")),
        limit!(Most "time of a request", api::limits::REQUEST_TIMEOUT = api::limits::REQUEST_TIMEOUT.as_millis(), Ms, "a till sells without us long before", Refused("timed_out")),
        limit!(Most "`Idempotency-Key`", api::limits::IDEMPOTENCY_KEY_BYTES_MAX, Bytes, "a UUID has 36", Refused("idempotency_key_malformed")),
        limit!(Most "faults told of one body", message::fault::FAULTS_TOLD_MAX, Of("faults"), "a body of wrong lines needs no longer answer", Then("the others are left out")),
        limit!(Most "lines of a receipt, quote or return", loyalty::LINES_MAX, Of("lines"), "a wholesale receipt has hundreds", Refused("too_many_lines")),
        limit!(Most "amount of a line or receipt", money::AMOUNT_MINOR_MAX, MinorUnits, "sums over all lines cannot overflow", Refused("amount_out_of_range")),
        limit!(Most "quantity of a line", money::QUANTITY_MILLI_MAX, Thousandths, "far beyond any till", Refused("quantity_out_of_range")),
        limit!(Most "vouchers of a basket or reservation", loyalty::VOUCHERS_MAX, Of("vouchers"), "more than anybody brings", Refused("too_many_vouchers")),
        limit!(Most "rewards of a basket", loyalty::REWARDS_CHOSEN_MAX, Of("rewards"), "a table of guests", Refused("too_many_rewards")),
        limit!(Most "`gifts` of a receipt", loyalty::GIFTS_GIVEN_MAX, Of("gifts"), "a gift with each unit of a pallet", Refused("too_many_gifts")),
        limit!(Most "`referral_code`", till::REFERRAL_CODE_BYTES_MAX, Bytes, "as long as any member code", Refused("referral_code_malformed")),
        limit!(Most "`offer_codes` of a basket", loyalty::OFFER_CODES_MAX, Of("codes and coupons"), "more than a leaflet has", Refused("too_many_offer_codes")),
        limit!(Most "`reactions` of a receipt", journal::REACTIONS_MAX, Of("reactions"), "two dozen offers, each shown and taken or not, and room", Refused("too_many_reactions")),
        limit!(Least "a code that calls for an offer", loyalty::OFFER_CODE_CHARS_MIN, Of("characters"), "shorter ones are hit by chance", Refused("offer_code_malformed")),
        limit!(Most "a code that calls for an offer", loyalty::OFFER_CODE_CHARS_MAX, Of("characters"), "more than anybody types", Refused("offer_code_malformed")),
        limit!(Most "payments of a receipt", message::request::PAYMENTS_MAX, Of("payments"), "more than anybody splits a bill into", Refused("too_many_payments")),
        limit!(Most "an id: receipt, till, line, sku, voucher, …", loyalty::ID_BYTES_MAX, Bytes, "a UUID with a prefix fits", Refused("id_too_long")),
        limit!(Most "`identification_id`", message::request::IDENTIFICATION_BYTES_MAX, Bytes, "longer than any that we give", Refused("identification_malformed")),
        limit!(Most "`quote_id`", message::request::QUOTE_ID_BYTES_MAX, Bytes, "longer than any that we give", Refused("quote_malformed")),
        limit!(Most "`payments[].type`", PaymentKind = bytes_of(PhantomData::<PaymentKind>), Bytes, "a word", Refused("text_too_long")),
        limit!(Most "`receipt_number`", ReceiptNumber = bytes_of(PhantomData::<ReceiptNumber>), Bytes, "what fits a printed line", Refused("text_too_long")),
        limit!(Most "`reason`", Remark = bytes_of(PhantomData::<Remark>), Bytes, "two sentences for a person", Refused("text_too_long")),
        limit!(Most "attributes of an event", journal::ATTRIBUTES_MAX, Of("attributes"), "a form has a dozen", Refused("too_many_attributes")),
        limit!(Most "name of an attribute", AttributeName = bytes_of(PhantomData::<AttributeName>), Bytes, "a key", Refused("text_too_long")),
        limit!(Most "value of an attribute", AttributeValue = bytes_of(PhantomData::<AttributeValue>), Bytes, "an answer, no document", Refused("text_too_long")),
        limit!(Least "`columns` of the receipt text", message::presentation::COLUMNS_MIN, Of("columns"), "labels still fit", Refused("columns_out_of_range")),
        limit!(Most "`columns` of the receipt text", message::presentation::COLUMNS_MAX, Of("columns"), "wider than any receipt printer", Refused("columns_out_of_range")),
        limit!(Most "vouchers and contest entries of one receipt", loyalty::ISSUED_PER_RECEIPT_MAX, Of("codes"), "a metre of paper", Then("the rest is not handed out")),
        limit!(Most "points that one receipt earns", loyalty::POINTS_PER_RECEIPT_MAX = loyalty::POINTS_PER_RECEIPT_MAX.value(), Of("points"), "keeps a hostile programme from overflowing a balance", Then("it earns so many")),
        limit!(Most "promotional messages of one answer (`promotional_max` may lower it)", loyalty::PROMOTIONS_TOLD_MAX, Of("messages"), "more than anybody reads", Then("the others are left out")),
        limit!(Most "vouchers listed of a member", till::VOUCHERS_LISTED_MAX, Of("vouchers"), "more than anybody wants to hear of", Then("the others are left out")),
    ]
}

#[rustfmt::skip]
pub(super) fn connections() -> Vec<Limit> {
    vec![
        limit!(Most "connections at once (`api.connections_max` may lower it)", api::limits::CONNECTIONS_MAX, Of("connections"), "two dozen tills with a few each", Refused("too_many_connections")),
        limit!(Most "connections that are told so at once", api::limits::REFUSALS_MAX, Of("connections"), "saying no must stay cheap", Then("closed without a word")),
        limit!(Most "silence of a connection", api::limits::IDLE_TIMEOUT = api::limits::IDLE_TIMEOUT.as_millis(), Ms, "clients that are gone make room", Then("closed")),
        limit!(Most "open requests after a stop", api::limits::DRAIN_TIMEOUT = api::limits::DRAIN_TIMEOUT.as_millis(), Ms, "a supervisor waits no longer", Then("closed")),
        limit!(Most "events kept for `Last-Event-ID`", api::limits::EVENTS_KEPT, Of("events"), "a busy store's last few minutes", Then("older ones are not sent")),
    ]
}

#[rustfmt::skip]
pub(super) fn codes() -> Vec<Limit> {
    vec![
        limit!(Most "a scan", member_code::MAX_SCAN_BYTES, Bytes, "more than the longest token", Refused("scan_too_long")),
        limit!(Most "a signed token", member_code::TOKEN_CHARS_MAX, Of("characters"), "the QR code fits a small phone", Refused("code_malformed")),
        limit!(Most "elements of a GS1 code", member_code::ELEMENTS_MAX, Of("elements"), "a code of goods has under ten", Refused("code_gs1_malformed")),
        limit!(Least "digits of a rotating code", member_code::DIGITS_MIN, Of("digits"), "RFC 4226 section 5.3", Refused("code_malformed")),
        limit!(Most "digits of a rotating code", member_code::DIGITS_MAX, Of("digits"), "what 31 bits fill", Refused("code_malformed")),
        limit!(Most "digits of its time", member_code::SECONDS_DIGITS_MAX, Of("digits"), "far past any clock", Refused("code_malformed")),
        limit!(Most "life of a token", member_code::token::LIFETIME_S_MAX, S, "a phone may be a day without a network", Refused("token_malformed")),
        limit!(Most "programme or voucher id in a token", member_code::token::ID_BYTES_MAX, Bytes, "the QR code still scans", Refused("token_malformed")),
        limit!(Most "a time in a token, in Unix seconds", member_code::token::TIME_S_MAX, Of("(the year 2200)"), "no arithmetic on it overflows", Refused("token_malformed")),
        limit!(Most "hub and till apart", member_code::token::SKEW_S, S, "two clocks that are right", RefusedEither("token_expired", "token_not_yet_valid")),
        limit!(Most "hub and till apart, clock in doubt", member_code::token::SKEW_UNTRUSTED_S, S, "as long as five rotating codes", RefusedEither("token_expired", "token_not_yet_valid")),
        limit!(Most "`codes.totp` steps either way", member_code::totp::STEPS_MAX, Of("steps"), "each is a guess for free", WrongConfiguration),
        limit!(Least "`codes.totp.period_ms`", member_code::totp::PERIOD_MS_MIN, Ms, "codes carry whole seconds", WrongConfiguration),
        limit!(Most "`codes.totp.period_ms`", member_code::totp::PERIOD_MS_MAX, Ms, "a day-old code proves no presence", WrongConfiguration),
        limit!(Most "a stand-in for the group separator", member_code::STAND_IN_BYTES_MAX, Bytes, "real ones are `{GS}` or `~1`", WrongConfiguration),
        limit!(Most "`codes.rules[].length_max`", member_code::CARD_CHARS_MAX, Of("characters"), "longer ones do not fit on a card", WrongConfiguration),
    ]
}
