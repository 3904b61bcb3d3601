use serde_json::{Value, json};

use super::fields::parse_decimal;
use super::identify::SymbologyName;
use super::receipt::PaymentBody;
use super::*;
use crate::agent::message::fault::FieldFault;
use crate::agent::message::fingerprint::fingerprint;
use crate::agent::message::presentation::Presentation;
use crate::agent::till::request::{CommitMode, Who};
use crate::loyalty::{Explain, ReceiptUid, RequestedSpend};
use crate::money::{Currency, Points};
use crate::wire::wording::Language;

fn currency() -> Currency {
    Currency::from_code("CZK").expect("a code")
}

fn uid() -> ReceiptUid {
    ReceiptUid::parse("r-1").expect("an id")
}

fn line() -> Value {
    json!({
        "line_id": "1", "sku": "bread", "name": "Bread", "category": "food/bakery",
        "quantity": "2.000", "unit": "pcs", "unit_price": 3990, "amount": 7980,
        "tax_rate": "12", "flags": ["no_points", "age_restricted"], "shelf": {"x": 1.5}
    })
}

fn quote() -> Value {
    json!({"till": "till-3", "currency": "CZK", "lines": [line()], "spend_points": 100})
}

fn receipt() -> Value {
    json!({
        "till": "till-3", "closed_at": "2026-02-28T10:30:15+01:00", "currency": "CZK",
        "lines": [line()], "payable": 7980, "payments": [{"type": "card", "amount": 7980}],
        "line_discounts": [{"line_id": "1", "amount": 0}], "mode": "training"
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    body.pointer_mut(parent).expect("a parent")[field] = value;
    body
}

fn told(faults: Vec<FieldFault>) -> Vec<(String, &'static str)> {
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn quote_faults(body: Value) -> Vec<(String, &'static str)> {
    let body: QuoteBody = serde_json::from_value(body).expect("the types fit");
    told(body.into_request(currency(), Presentation::default()).expect_err("a wrong body"))
}

fn receipt_faults(body: Value) -> Vec<(String, &'static str)> {
    let body: ReceiptBody = serde_json::from_value(body).expect("the types fit");
    told(body.into_request(uid(), currency(), Presentation::default()).expect_err("a wrong body"))
}

#[test]
fn a_sound_quote_is_read() {
    let body = with(quote(), "/identification_id", json!("abc"));
    let body = with(body, "/explain", json!("everything"));
    let body: QuoteBody = serde_json::from_value(body).expect("the types fit");
    let (request, presentation) =
        body.into_request(currency(), Presentation::default()).expect("a sound body");
    assert_eq!(request.who, Who::Identified("abc".to_owned()));
    assert_eq!(request.explain, Explain::Everything);
    assert_eq!(request.basket.benefits().spend, RequestedSpend::Exactly(Points::new(100)));
    assert_eq!(request.basket.lines()[0].quantity.value(), 2_000);
    assert_eq!(request.basket.lines()[0].flags.len(), 1);
    assert_eq!((presentation.columns, presentation.language), (42, Language::English));
}

#[test]
fn the_language_is_read_and_no_part_of_what_a_request_says() {
    let plain: ReceiptBody = serde_json::from_value(receipt()).expect("the types fit");
    let said = fingerprint("/v1/receipts/r", &plain, 0);
    for (tag, language) in [("cs-CZ", Language::Czech), ("xx", Language::Polish)] {
        let body = with(receipt(), "/language", json!(tag));
        let body: ReceiptBody = serde_json::from_value(body).expect("the types fit");
        assert_eq!(fingerprint("/v1/receipts/r", &body, 0), said, "{tag}");
        let usual = Presentation::default().speaking(Some("pl"));
        let (_, presentation) = body.into_request(uid(), currency(), usual).expect("a sound body");
        assert_eq!(presentation.language, language, "{tag}");
    }
}

#[test]
fn a_sound_receipt_is_read() {
    let body: ReceiptBody = serde_json::from_value(receipt()).expect("the types fit");
    let (request, _) =
        body.into_request(uid(), currency(), Presentation::default()).expect("a sound body");
    assert_eq!(request.closed_at.to_rfc3339(), "2026-02-28T09:30:15+00:00");
    assert_eq!(request.mode, CommitMode::Training);
    assert_eq!(request.payments[0].kind.as_str(), "card");
    assert_eq!(request.line_discounts.map(|given| given.len()), Some(1));
}

#[test]
fn each_wrong_field_of_a_quote_is_told_with_its_place() {
    let long = "x".repeat(65);
    let cases = [
        ("/till", json!(""), "/till", "id_empty"),
        ("/till", json!(long), "/till", "id_too_long"),
        ("/till", json!("a\nb"), "/till", "id_not_plain"),
        ("/currency", json!("EUR"), "/currency", "other_currency"),
        ("/member", json!("Jan"), "/member", "id_not_hexadecimal"),
        ("/identification_id", json!(""), "/identification_id", "identification_malformed"),
        ("/vouchers", json!(["a", "a"]), "/vouchers/1", "voucher_twice"),
        ("/spend_points", json!(-1), "/spend_points", "spend_out_of_range"),
        ("/columns", json!(19), "/columns", "columns_out_of_range"),
        ("/lines/0/quantity", json!("1,5"), "/lines/0/quantity", "quantity_malformed"),
        ("/lines/0/quantity", json!("1.2345"), "/lines/0/quantity", "quantity_malformed"),
        ("/lines/0/quantity", json!("NaN"), "/lines/0/quantity", "quantity_malformed"),
        ("/lines/0/quantity", json!("-2"), "/lines/0/quantity", "quantity_out_of_range"),
        ("/lines/0/quantity", json!("0"), "/lines/0/quantity", "quantity_out_of_range"),
        (
            "/lines/0/quantity",
            json!("9223372036854775807"),
            "/lines/0/quantity",
            "quantity_malformed",
        ),
        ("/lines/0/amount", json!(-1), "/lines/0/amount", "amount_out_of_range"),
        ("/lines/0/amount", json!(i64::MAX), "/lines/0/amount", "amount_out_of_range"),
        ("/lines/0/amount", json!(7978), "/lines/0/amount", "not_quantity_times_price"),
        ("/lines/0/tax_rate", json!("101"), "/lines/0/tax_rate", "tax_rate_out_of_range"),
        ("/lines/0/tax_rate", json!("high"), "/lines/0/tax_rate", "tax_rate_malformed"),
        ("/lines/0/unit_price_min", json!(-5), "/lines/0/unit_price_min", "amount_out_of_range"),
        (
            "/lines/0/lowest_30d_price",
            json!(-5),
            "/lines/0/lowest_30d_price",
            "amount_out_of_range",
        ),
        ("/lines/0/cost", json!(-5), "/lines/0/cost", "amount_out_of_range"),
        ("/lines/0/sku", json!(" x"), "/lines/0/sku", "id_not_plain"),
    ];
    for (pointer, value, place, code) in cases {
        let faults = quote_faults(with(quote(), pointer, value.clone()));
        assert_eq!(faults, [(place.to_owned(), code)], "{pointer} {value}");
    }
}

#[test]
fn each_wrong_field_of_a_receipt_is_told_with_its_place() {
    let many: Vec<Value> = (0..101).map(|_| json!({"type": "cash", "amount": 1})).collect();
    let cases = [
        ("/closed_at", json!("2026-02-28T10:30:15"), "/closed_at", "not_a_time"),
        ("/payable", json!(-1), "/payable", "amount_out_of_range"),
        ("/payments", json!(many), "/payments", "too_many_payments"),
        ("/payments/0/type", json!("a\tb"), "/payments/0/type", "text_has_control_characters"),
        ("/payments/0/amount", json!(i64::MIN), "/payments/0/amount", "amount_out_of_range"),
        ("/rounding", json!(i64::MAX), "/rounding", "amount_out_of_range"),
        ("/line_discounts/0/line_id", json!("9"), "/line_discounts/0/line_id", "no_such_line"),
        ("/line_discounts/0/amount", json!(7981), "/line_discounts/0/amount", "more_than_line"),
        ("/quote_id", json!(""), "/quote_id", "quote_malformed"),
        ("/reservation", json!(""), "/reservation", "id_empty"),
        ("/operator", json!(""), "/operator", "id_empty"),
    ];
    for (pointer, value, place, code) in cases {
        let faults = receipt_faults(with(receipt(), pointer, value.clone()));
        assert_eq!(faults, [(place.to_owned(), code)], "{pointer} {value}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let body = with(quote(), "/till", json!(""));
    let body = with(body, "/currency", json!("EUR"));
    let body = with(body, "/lines/0/quantity", json!("x"));
    assert_eq!(quote_faults(body).len(), 3);
}

#[test]
fn too_many_lines_and_repeated_ids_are_refused() {
    let many: Vec<Value> = (0..10_001).map(|_| line()).collect();
    let body = with(quote(), "/lines", json!(many));
    assert_eq!(quote_faults(body), [("/lines".to_owned(), "too_many_lines")]);
    let body = with(quote(), "/lines", json!([line(), line()]));
    assert_eq!(quote_faults(body), [("/lines/1/line_id".to_owned(), "line_id_twice")]);
    let body =
        with(quote(), "/vouchers", json!((0..51).map(|n| n.to_string()).collect::<Vec<_>>()));
    assert_eq!(quote_faults(body), [("/vouchers".to_owned(), "too_many_vouchers")]);
}

#[test]
fn money_is_whole_minor_units_and_nothing_else() {
    for wrong in [json!(1.0), json!(1.5), json!("1"), json!(null), json!(true), json!(1e3)] {
        let body = with(quote(), "/lines/0/amount", wrong.clone());
        assert!(serde_json::from_value::<QuoteBody>(body).is_err(), "{wrong}");
    }
    for text in ["NaN", "Infinity", "1.0", "1e2", "9223372036854775808"] {
        let body = format!(r#"{{"type":"card","amount":{text}}}"#);
        assert!(serde_json::from_str::<PaymentBody>(&body).is_err(), "{text}");
    }
}

#[test]
fn decimals_have_at_most_three_places() {
    let cases = [
        ("1", Some(1_000)),
        ("1.000", Some(1_000)),
        ("0.235", Some(235)),
        ("1.5", Some(1_500)),
        ("-2", Some(-2_000)),
        ("", None),
        (".5", None),
        ("1.", None),
        ("1.0000", None),
        ("+1", None),
        ("1e3", None),
        ("--1", None),
        ("99999999999999999999", None),
    ];
    for (text, milli) in cases {
        assert_eq!(parse_decimal(text), milli, "{text:?}");
    }
}

#[test]
fn a_late_member_and_a_reservation_need_somebody() {
    let body: MemberBody = serde_json::from_value(json!({"till": "1"})).expect("the types fit");
    let faults = told(body.into_request(uid()).expect_err("nobody"));
    assert_eq!(faults, [("/identification_id".to_owned(), "missing")]);
    let body = json!({"till": "1", "reservation_uid": "a", "points": -1, "member": "00",
        "identification_id": "x"});
    let body: ReservationBody = serde_json::from_value(body).expect("the types fit");
    let faults = told(body.into_request().expect_err("two and a negative"));
    let expected = [
        ("/member".to_owned(), "member_named_twice"),
        ("/points".to_owned(), "points_out_of_range"),
    ];
    assert_eq!(faults, expected);
}

#[test]
fn an_event_has_few_short_attributes() {
    let body = |attributes: Value| -> EventBody {
        let body = json!({"event_uid": "e", "type": "survey", "attributes": attributes});
        serde_json::from_value(body).expect("the types fit")
    };
    assert!(body(json!({"stars": "5"})).into_request().is_ok());
    let faults = told(body(json!({"a/b": "\u{7}"})).into_request().expect_err("a bell"));
    assert_eq!(faults, [("/attributes/a~1b".to_owned(), "text_has_control_characters")]);
    let many: serde_json::Map<_, _> = (0..33).map(|n| (n.to_string(), json!("x"))).collect();
    let faults = told(body(Value::Object(many)).into_request().expect_err("too many"));
    assert_eq!(faults, [("/attributes".to_owned(), "too_many_attributes")]);
}

#[test]
fn symbols_that_are_not_known_are_other_ones() {
    let cases = [("ean13", SymbologyName::Ean13), ("gs1_128", SymbologyName::Gs1_128)];
    for (text, name) in cases.into_iter().chain([("maxicode", SymbologyName::Other)]) {
        assert_eq!(serde_json::from_value::<SymbologyName>(json!(text)).ok(), Some(name), "{text}");
    }
}
