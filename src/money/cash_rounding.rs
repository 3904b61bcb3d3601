//! What a sum comes to in coins (BC-24). A country without small coins rounds what is paid in
//! cash; cards, vouchers and accounts are paid to the minor unit. The difference belongs to the
//! payment alone: it is no discount, earns nothing and is in no tax base.

use super::amount::Amount;
use super::currency::Currency;

/// How sums paid in cash are rounded: to the nearest multiple of a coin, a half away from nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CashRounding {
    /// The smallest coin in minor units; more than nothing.
    coin: i64,
    small_sums: SmallSums,
}

/// What becomes of a sum that is nearer to nothing than to the smallest coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SmallSums {
    /// Nothing, as of any other sum.
    Nothing,
    /// One coin: nobody is given anything for nothing.
    OneCoin,
}

/// A country with its currency and its rule.
struct Country {
    code: &'static str,
    currency: &'static str,
    rule: CashRounding,
}

const TO_THE_CENT: CashRounding = CashRounding { coin: 1, small_sums: SmallSums::Nothing };
const FIVE_CENTS: CashRounding = CashRounding { coin: 5, small_sums: SmallSums::Nothing };

/// ISO 3166 codes with their rules. Slovakia: Act 18/1996, section 3 (4), as of 1 July 2022.
/// Czechia has no coins below a crown; Poland and Germany use theirs of one.
const COUNTRIES: [Country; 11] = [
    Country { code: "BE", currency: "EUR", rule: FIVE_CENTS },
    Country {
        code: "CZ",
        currency: "CZK",
        rule: CashRounding { coin: 100, small_sums: SmallSums::Nothing },
    },
    Country { code: "DE", currency: "EUR", rule: TO_THE_CENT },
    Country { code: "EE", currency: "EUR", rule: FIVE_CENTS },
    Country { code: "FI", currency: "EUR", rule: FIVE_CENTS },
    Country { code: "IE", currency: "EUR", rule: FIVE_CENTS },
    Country { code: "IT", currency: "EUR", rule: FIVE_CENTS },
    Country { code: "LT", currency: "EUR", rule: FIVE_CENTS },
    Country { code: "NL", currency: "EUR", rule: FIVE_CENTS },
    Country { code: "PL", currency: "PLN", rule: TO_THE_CENT },
    Country {
        code: "SK",
        currency: "EUR",
        rule: CashRounding { coin: 5, small_sums: SmallSums::OneCoin },
    },
];

impl CashRounding {
    /// Every minor unit is paid.
    pub const NONE: Self = TO_THE_CENT;

    /// The rule of a country by its ISO 3166 code, with the currency that it is for.
    #[must_use]
    pub fn of_country(code: &str) -> Option<(Self, &'static str)> {
        let country = COUNTRIES.iter().find(|country| country.code == code)?;
        Some((country.rule, country.currency))
    }

    /// The rule where a programme names none: that of the currency's country where it has only
    /// one, else [`CashRounding::NONE`].
    #[must_use]
    pub fn usual_in(currency: Currency) -> Self {
        let mut countries = COUNTRIES.iter().filter(|one| one.currency == currency.code());
        match (countries.next(), countries.next()) {
            (Some(only), None) => only.rule,
            _ => Self::NONE,
        }
    }

    /// What a sum comes to in cash; of money paid back the same.
    #[must_use]
    pub fn in_cash(self, sum: Amount) -> Amount {
        let (units, coin) = (sum.value(), self.coin);
        let (whole, rest) = (units.abs() / coin, units.abs() % coin);
        let mut coins = if rest >= coin - rest { whole + 1 } else { whole };
        if coins == 0 && rest > 0 && self.small_sums == SmallSums::OneCoin {
            coins = 1;
        }
        Amount::new(coins * coin * units.signum())
    }

    /// What is added to a sum that is paid in cash; below nothing where it is lowered.
    #[must_use]
    pub fn difference(self, sum: Amount) -> Amount {
        self.in_cash(sum) - sum
    }
}

impl Default for CashRounding {
    fn default() -> Self {
        Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bc_24_sums_in_cash_are_rounded_as_the_country_does() {
        let cases = [
            ("CZ", 12_849, 12_800),
            ("CZ", 12_850, 12_900),
            ("CZ", 12_800, 12_800),
            ("CZ", 49, 0),
            ("CZ", -12_850, -12_900),
            ("SK", 1_242, 1_240),
            ("SK", 1_243, 1_245),
            ("SK", 1_247, 1_245),
            ("SK", 1_248, 1_250),
            ("SK", 2, 5),
            ("SK", 1, 5),
            ("SK", 0, 0),
            ("SK", -1_243, -1_245),
            ("FI", 1_242, 1_240),
            ("FI", 2, 0),
            ("PL", 1_243, 1_243),
            ("DE", 1, 1),
        ];
        for (country, sum, expected) in cases {
            let (rule, _) = CashRounding::of_country(country).expect("a listed country");
            let sum = Amount::new(sum);
            assert_eq!(rule.in_cash(sum).value(), expected, "{country} {sum}");
            assert_eq!(rule.difference(sum) + sum, rule.in_cash(sum), "{country} {sum}");
        }
        assert_eq!(CashRounding::of_country("XX"), None);
    }

    #[test]
    fn bc_24_a_currency_of_one_country_has_its_rule_and_others_none() {
        let usual = |code| CashRounding::usual_in(Currency::from_code(code).expect("a code"));
        assert_eq!(usual("CZK"), CashRounding::of_country("CZ").expect("listed").0);
        for code in ["EUR", "PLN", "USD"] {
            assert_eq!(usual(code), CashRounding::NONE, "{code}");
        }
    }
}
