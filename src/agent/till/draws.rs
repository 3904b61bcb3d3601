//! The draw of surprises (BQ-19): an HMAC of the receipt and the rule under a key of the device's
//! own. Without the key nobody knows a number beforehand; with it, it can be shown afterwards that
//! none was picked. A receipt that is committed again is drawn the same.

use ring::hmac;

use crate::loyalty::{DeviceId, DrawnNumber, Draws, Programme, ReceiptUid, RuleId, TillId};

/// What [`DirectoryKey::derive_key`](crate::shell::keys::DirectoryKey::derive_key) is told.
pub(crate) const DRAWS_LABEL: &str = "draws of surprises";

/// Draws numbers.
#[derive(Clone, Debug)]
pub(crate) struct DrawKey {
    key: hmac::Key,
    device: DeviceId,
}

impl DrawKey {
    /// Uses a key of the agent's own.
    pub(crate) fn new(key: [u8; 32], device: DeviceId) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), device }
    }

    /// Draws for every rule with a chance, for a receipt, which is unique in its till for ever.
    pub(crate) fn draws(&self, programme: &Programme, till: &TillId, uid: &ReceiptUid) -> Draws {
        let surprises = programme.earn.iter().filter(|rule| rule.chance.is_some());
        surprises.map(|rule| (rule.id.clone(), self.draw(&rule.id, till, uid))).collect()
    }

    fn draw(&self, rule: &RuleId, till: &TillId, uid: &ReceiptUid) -> DrawnNumber {
        let mut signing = hmac::Context::with_key(&self.key);
        let device = self.device.as_bytes();
        for part in [device.as_slice(), till.as_str().as_bytes(), uid.as_str().as_bytes()] {
            signing.update(&(part.len() as u64).to_be_bytes());
            signing.update(part);
        }
        signing.update(rule.as_str().as_bytes());
        let tag = signing.sign();
        let bits = tag.as_ref().first_chunk().expect("an HMAC-SHA-256 is longer than 8 bytes");
        DrawnNumber::of_bits(u64::from_be_bytes(*bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(key: u8, device: u8, till: &str, uid: &str, rule: &str) -> u16 {
        let till = TillId::parse(till).expect("an id");
        let uid = ReceiptUid::parse(uid).expect("an id");
        let rule = RuleId::parse(rule).expect("an id");
        let key = DrawKey::new([key; 32], DeviceId::from_bytes([device; 16]));
        key.draw(&rule, &till, &uid).value()
    }

    #[test]
    fn bq_19_a_draw_is_of_its_receipt_rule_device_and_key_alone() {
        let first = drawn(1, 1, "1", "A", "r");
        assert_eq!(drawn(1, 1, "1", "A", "r"), first, "asked again");
        let others = [
            drawn(2, 1, "1", "A", "r"),
            drawn(1, 2, "1", "A", "r"),
            drawn(1, 1, "2", "A", "r"),
            drawn(1, 1, "1", "B", "r"),
            drawn(1, 1, "1", "A", "s"),
            drawn(1, 1, "1A", "1", "r"),
        ];
        assert!(others.iter().all(|other| *other != first), "{first} {others:?}");
    }

    #[test]
    fn bq_19_receipts_are_drawn_evenly() {
        let numbers = (0..4_000).map(|n| drawn(1, 1, "1", &format!("R{n}"), "r"));
        let tenths = numbers.fold([0_u32; 10], |mut tenths, number| {
            tenths[usize::from(number / 1_000)] += 1;
            tenths
        });
        // Five standard deviations of 4,000 draws of one tenth are 95.
        assert!(tenths.iter().all(|count| (305..=495).contains(count)), "{tenths:?}");
    }
}
