//! `[codes]`: framing, card rules, rotating codes and the keys of member tokens.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::defaults;
use super::raw::{RawCardRule, RawCodes, RawTokenKey, RawTotp};
use super::settings::CodeSettings;
use crate::member_code::token::TokenKeys;
use crate::member_code::totp::TotpPolicy;
use crate::member_code::{
    Alphabet, CardKind, CardRule, CardRules, CheckDigit, Framing, Symbologies, Symbology,
};
use crate::shell::config::{Resolver, hex, named};

/// The barcodes by name. UPC-A is not among them: the card rules see it as the EAN-13 it stands for.
const SYMBOLOGIES: [(&str, Symbology); 14] = [
    ("ean13", Symbology::Ean13),
    ("ean8", Symbology::Ean8),
    ("code128", Symbology::Code128),
    ("gs1_128", Symbology::Gs1128),
    ("gs1_databar", Symbology::Gs1DataBar),
    ("data_matrix", Symbology::DataMatrix),
    ("gs1_data_matrix", Symbology::Gs1DataMatrix),
    ("qr", Symbology::Qr),
    ("gs1_qr", Symbology::Gs1Qr),
    ("gs1_dotcode", Symbology::Gs1DotCode),
    ("code39", Symbology::Code39),
    ("itf", Symbology::Itf),
    ("pdf417", Symbology::Pdf417),
    ("aztec", Symbology::Aztec),
];
const ALPHABETS: [(&str, Alphabet); 2] =
    [("digits", Alphabet::Digits), ("alphanumeric", Alphabet::Alphanumeric)];
const CHECKS: [(&str, CheckDigit); 3] =
    [("none", CheckDigit::None), ("gs1", CheckDigit::Gs1), ("luhn", CheckDigit::Luhn)];
const KINDS: [(&str, CardKind); 4] = [
    ("member", CardKind::Member),
    ("coupon", CardKind::Coupon),
    ("product", CardKind::Product),
    ("refund_receipt", CardKind::RefundReceipt),
];

/// What any card number's length fits; the card rules know the narrower limit.
const LENGTH_RANGE: RangeInclusive<u16> = 0..=u16::MAX;
/// What any number of the rotating codes fits; their policy knows the narrower limits.
const TOTP_RANGE: RangeInclusive<u32> = 0..=u32::MAX;

impl Resolver {
    pub(super) fn codes(&mut self, raw: RawCodes) -> CodeSettings {
        let framing = raw.group_separators.map_or_else(Framing::default, |stand_ins| {
            self.parsed("codes.group_separators", Framing::new(stand_ins)).unwrap_or_default()
        });
        CodeSettings {
            framing,
            card_rules: raw.rules.map_or_else(CardRules::default, |rules| self.rules(rules)),
            totp: self.totp(&raw.totp),
            token_keys: self.token_keys(raw.token_keys.unwrap_or_default()),
        }
    }

    fn rules(&mut self, raw: Vec<RawCardRule>) -> CardRules {
        let mut rules = Vec::with_capacity(raw.len());
        for (index, raw) in raw.into_iter().enumerate() {
            let path = format!("codes.rules[{index}]");
            let faults_before = self.faults.len();
            let Some(rule) = self.rule(&path, raw) else { continue };
            if self.faults.len() > faults_before {
                continue;
            }
            // One by one, so that every contradiction is told, not the first alone.
            if self.parsed(&path, CardRules::new(vec![rule.clone()])).is_some() {
                rules.push(rule);
            }
        }
        CardRules::new(rules).expect("each rule was checked by itself")
    }

    fn rule(&mut self, path: &str, raw: RawCardRule) -> Option<CardRule> {
        let name = self.needed(path, "name", raw.name);
        let kind = self.needed(path, "kind", raw.kind);
        let least = self.needed(path, "length_min", raw.length_min);
        let most = self.needed(path, "length_max", raw.length_max);
        let place = |key: &str| format!("{path}.{key}");
        let symbologies = match raw.symbologies {
            None => Symbologies::Any,
            Some(names) => self.symbologies(&place("symbologies"), &names),
        };
        let alphabet = raw.alphabet.as_deref();
        let alphabet = self.one_of(&place("alphabet"), alphabet, &ALPHABETS, Alphabet::Digits);
        let check = raw.check.as_deref();
        let check = self.one_of(&place("check"), check, &CHECKS, CheckDigit::None);
        let kind = self.one_of(&place("kind"), Some(&kind?), &KINDS, CardKind::Member);
        let least = self.within(&place("length_min"), Some(least?), 0, &LENGTH_RANGE);
        let most = self.within(&place("length_max"), Some(most?), 0, &LENGTH_RANGE);
        Some(CardRule {
            name: name?,
            symbologies,
            prefix: raw.prefix.unwrap_or_default(),
            length: usize::from(least)..=usize::from(most),
            alphabet,
            check,
            kind,
        })
    }

    fn symbologies(&mut self, path: &str, names: &[String]) -> Symbologies {
        if names.is_empty() {
            self.fault(path, "no barcode fits an empty list: leave the key out for any");
        }
        let mut only = BTreeSet::new();
        for (index, name) in names.iter().enumerate() {
            let place = format!("{path}[{index}]");
            only.extend(self.parsed(&place, named(&SYMBOLOGIES, name)));
        }
        Symbologies::Only(only)
    }

    fn totp(&mut self, raw: &RawTotp) -> TotpPolicy {
        let mut number = |key: &str, value, default| {
            self.within(&format!("codes.totp.{key}"), value, default, &TOTP_RANGE)
        };
        let period_ms = number("period_ms", raw.period_ms, defaults::TOTP_PERIOD_MS);
        let back = number("steps_back", raw.steps_back, defaults::TOTP_STEPS_BACK);
        let ahead = number("steps_ahead", raw.steps_ahead, defaults::TOTP_STEPS_AHEAD);
        let untrusted =
            number("steps_untrusted", raw.steps_untrusted, defaults::TOTP_STEPS_UNTRUSTED);
        let digits = raw.digits.map_or(Ok(defaults::TOTP_DIGITS), usize::try_from);
        // A negative number of digits is one that the policy refuses.
        let policy = TotpPolicy::new(period_ms, digits.unwrap_or(0));
        let policy = self.parsed("codes.totp", policy).unwrap_or_default();
        let policy = policy.with_window(back, ahead, untrusted);
        self.parsed("codes.totp", policy).unwrap_or_default()
    }

    fn token_keys(&mut self, raw: Vec<RawTokenKey>) -> TokenKeys {
        let mut keys = TokenKeys::default();
        for (index, raw) in raw.into_iter().enumerate() {
            let path = format!("codes.token_keys[{index}]");
            let key_id = self.needed(&path, "key_id", raw.key_id);
            let public_key = self.needed(&path, "public_key", raw.public_key);
            let (Some(key_id), Some(public_key)) = (key_id, public_key) else { continue };
            let key_id = hex(&key_id).ok_or("expected pairs of hexadecimal digits");
            let key_id = self.parsed(&format!("{path}.key_id"), key_id);
            let public_key = hex(&public_key).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let public_key = public_key.ok_or("expected 64 hexadecimal digits");
            let public_key = self.parsed(&format!("{path}.public_key"), public_key);
            if let (Some(key_id), Some(public_key)) = (key_id, public_key) {
                self.parsed(&path, keys.insert(&key_id, public_key));
            }
        }
        keys
    }
}
