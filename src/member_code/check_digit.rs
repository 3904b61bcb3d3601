/// Which check digit a number ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckDigit {
    /// None: every number of the right shape is taken.
    None,
    /// GS1 modulo 10: weights 3, 1, 3, 1... from the right (EAN, UPC, GTIN, GSRN, GCN).
    Gs1,
    /// Luhn, ISO/IEC 7812: every second digit doubled from the right (card-like numbers).
    Luhn,
}

/// Why a number fails its check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckDigitError {
    /// There is no number in front of the check digit.
    #[error("too short to carry a check digit")]
    TooShort,
    /// Something else than digits.
    #[error("only digits can carry a check digit")]
    NotDigits,
    /// The last digit is not the one that the others ask for.
    #[error("the check digit is wrong")]
    Wrong {
        /// The digit, 0 to 9, that the others ask for.
        expected: u8,
    },
}

impl CheckDigit {
    /// Checks the last digit of `number` against the others.
    pub fn verify(self, number: &str) -> Result<(), CheckDigitError> {
        if self == Self::None {
            return Ok(());
        }
        let Some((last, body)) = number.as_bytes().split_last() else {
            return Err(CheckDigitError::TooShort);
        };
        if !last.is_ascii_digit() {
            return Err(CheckDigitError::NotDigits);
        }
        let expected = self.of(body)?;
        if last - b'0' == expected { Ok(()) } else { Err(CheckDigitError::Wrong { expected }) }
    }

    /// The digit to put behind `body`; `None` asks for no digit and says so by refusing.
    pub fn digit_for(self, body: &str) -> Result<u8, CheckDigitError> {
        self.of(body.as_bytes())
    }

    fn of(self, body: &[u8]) -> Result<u8, CheckDigitError> {
        if body.is_empty() || self == Self::None {
            return Err(CheckDigitError::TooShort);
        }
        let mut sum = 0_u32;
        let mut heavy = true;
        for &byte in body.iter().rev() {
            if !byte.is_ascii_digit() {
                return Err(CheckDigitError::NotDigits);
            }
            let digit = u32::from(byte - b'0');
            let weighed = match (self, heavy) {
                (Self::Luhn, true) => digit * 2 - if digit > 4 { 9 } else { 0 },
                (_, true) => digit * 3,
                (_, false) => digit,
            };
            sum = (sum + weighed) % 10;
            heavy = !heavy;
        }
        Ok(u8::try_from((10 - sum) % 10).expect("a remainder of ten fits"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn right_check_digits_pass() {
        for (check, number) in [
            (CheckDigit::Gs1, "9813765030011"),
            (CheckDigit::Gs1, "9828508010106"),
            (CheckDigit::Gs1, "5018374827715"),
            (CheckDigit::Gs1, "96385074"),
            (CheckDigit::Gs1, "036000291452"),
            (CheckDigit::Gs1, "0036000291452"),
            (CheckDigit::Gs1, "10614141000415"),
            (CheckDigit::Gs1, "950110153001000013"),
            (CheckDigit::Luhn, "79927398713"),
            (CheckDigit::Luhn, "4111111111111111"),
            (CheckDigit::None, "12"),
        ] {
            assert_eq!(check.verify(number), Ok(()), "{number}");
        }
    }

    #[test]
    fn a_wrong_one_names_the_digit_it_should_be() {
        let wrong = |expected| Err(CheckDigitError::Wrong { expected });
        for (check, number, answer) in [
            (CheckDigit::Gs1, "9813765030010", wrong(1)),
            (CheckDigit::Gs1, "9828508010100", wrong(6)),
            (CheckDigit::Luhn, "79927398710", wrong(3)),
            (CheckDigit::Gs1, "5", Err(CheckDigitError::TooShort)),
            (CheckDigit::Gs1, "", Err(CheckDigitError::TooShort)),
            (CheckDigit::Gs1, "50x5", Err(CheckDigitError::NotDigits)),
            (CheckDigit::Luhn, "505x", Err(CheckDigitError::NotDigits)),
        ] {
            assert_eq!(check.verify(number), answer, "{number}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in any::<String>()) {
            let _ = (CheckDigit::Gs1.verify(&text), CheckDigit::Luhn.verify(&text));
        }

        #[test]
        fn a_number_with_its_digit_passes_and_one_changed_digit_fails(
            body in "[0-9]{1,20}", at in any::<prop::sample::Index>(), by in 1_u8..10,
        ) {
            for check in [CheckDigit::Gs1, CheckDigit::Luhn] {
                let number = format!("{body}{}", check.digit_for(&body).unwrap());
                prop_assert_eq!(check.verify(&number), Ok(()));
                let mut bytes = number.into_bytes();
                let at = at.index(bytes.len());
                bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
                prop_assert!(check.verify(std::str::from_utf8(&bytes).unwrap()).is_err());
            }
        }
    }
}
