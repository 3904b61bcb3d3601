//! Codes of vouchers and contest entries that a receipt hands out. They are an HMAC of the receipt,
//! what hands them out and a number: nobody guesses one without the key, and a receipt that is
//! committed again gets the same ones.

use ring::hmac;

use crate::loyalty::{
    DeviceId, Issue, Issued, IssuedBy, IssuedKind, ReceiptUid, TillId, VoucherId,
};
use crate::member_code::crockford;

/// What [`DirectoryKey::derive_key`](crate::shell::keys::DirectoryKey::derive_key) is told.
pub(crate) const ISSUED_CODES_LABEL: &str = "codes of vouchers and contest entries";

/// Characters between dashes: what people read aloud in one breath.
const GROUP_CHARS: usize = 4;

/// Makes codes.
#[derive(Clone, Debug)]
pub(crate) struct IssuedCodes {
    key: hmac::Key,
    device: DeviceId,
}

impl IssuedCodes {
    /// Uses a key of the agent's own. Two devices never make one code, even if they share the key.
    pub(crate) fn new(key: [u8; 32], device: DeviceId) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), device }
    }

    /// Hands out what is due on a receipt, which is unique in its till for ever.
    pub(crate) fn hand_out(
        &self,
        issues: &[Issue],
        till: &TillId,
        uid: &ReceiptUid,
    ) -> Vec<Issued> {
        let code = |issue: &Issue, number: u32| self.code(issue, number, till, uid);
        issues.iter().flat_map(|issue| issue.hand_out(code)).collect()
    }

    fn code(&self, issue: &Issue, number: u32, till: &TillId, uid: &ReceiptUid) -> VoucherId {
        // A rule, a conversion and a reward may have one id.
        let (by, kind): (&str, &[u8]) = match (&issue.by, &issue.what) {
            (IssuedBy::Rule(rule), IssuedKind::Voucher { .. }) => (rule.as_str(), b"voucher"),
            (IssuedBy::Rule(rule), IssuedKind::Entry) => (rule.as_str(), b"entry"),
            (IssuedBy::Conversion(id), _) => (id.as_str(), b"converted"),
            (IssuedBy::Reward(id), _) => (id.as_str(), b"chosen"),
        };
        let mut signing = hmac::Context::with_key(&self.key);
        let parts: [&[u8]; 6] = [
            self.device.as_bytes(),
            till.as_str().as_bytes(),
            uid.as_str().as_bytes(),
            by.as_bytes(),
            kind,
            &number.to_be_bytes(),
        ];
        for part in parts {
            signing.update(&(part.len() as u64).to_be_bytes());
            signing.update(part);
        }
        let tag = signing.sign();
        let bytes = tag.as_ref()[..crockford::BYTES]
            .try_into()
            .expect("an HMAC-SHA-256 is longer than its kept part");
        let digits = crockford::encode(bytes);
        let mut text = String::with_capacity(digits.len() + digits.len() / GROUP_CHARS);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && at % GROUP_CHARS == 0 {
                text.push('-');
            }
            text.push(digit);
        }
        VoucherId::parse(&text).expect("digits, letters and dashes are a plain id")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::loyalty::RuleId;

    fn codes(key: u8, device: u8, till: &str, uid: &str, rule: &str) -> Vec<String> {
        let by = IssuedBy::Rule(RuleId::parse(rule).expect("an id"));
        let issues = [Issue { by, what: IssuedKind::Entry, count: 3 }];
        let till = TillId::parse(till).expect("an id");
        let uid = ReceiptUid::parse(uid).expect("an id");
        let codes = IssuedCodes::new([key; 32], DeviceId::from_bytes([device; 16]));
        let issued = codes.hand_out(&issues, &till, &uid);
        issued.iter().map(|issued| issued.code.to_string()).collect()
    }

    #[test]
    fn a_code_is_of_its_receipt_rule_number_device_and_key_alone() {
        assert_eq!(codes(1, 1, "1", "A", "r"), codes(1, 1, "1", "A", "r"), "asked again");
        let all = [
            codes(1, 1, "1", "A", "r"),
            codes(2, 1, "1", "A", "r"),
            codes(1, 2, "1", "A", "r"),
            codes(1, 1, "2", "A", "r"),
            codes(1, 1, "1", "B", "r"),
            codes(1, 1, "1", "A", "s"),
            codes(1, 1, "1A", "1", "r"),
        ];
        let distinct: BTreeSet<&String> = all.iter().flatten().collect();
        assert_eq!(distinct.len(), all.len() * 3);
        for code in distinct {
            let groups: Vec<usize> = code.split('-').map(str::len).collect();
            assert_eq!(groups, [4, 4, 4, 4], "{code}");
        }
    }
}
