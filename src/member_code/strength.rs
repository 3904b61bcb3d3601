use std::fmt;

/// How much a member code proves, weakest first: the programme sets the least strength per amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// A number that never changes: whoever saw the card once can show it.
    Static,
    /// A rotating code: somebody held the phone a moment ago, but every till that can check it
    /// could also have made it.
    Totp,
    /// A token that the hub signed: no till can make one.
    Token,
}

impl Strength {
    /// Every strength, weakest first.
    pub const ALL: [Self; 3] = [Self::Static, Self::Totp, Self::Token];

    /// The stable name used in files, records and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Totp => "totp",
            Self::Token => "signed_token",
        }
    }

    /// The strength with that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strength| strength.name() == name)
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Strength;

    #[test]
    fn a_signed_token_outranks_totp_outranks_a_static_card() {
        assert!(Strength::Static < Strength::Totp && Strength::Totp < Strength::Token);
    }

    #[test]
    fn every_strength_is_found_by_its_name() {
        for strength in Strength::ALL {
            assert_eq!(Strength::from_name(strength.name()), Some(strength));
        }
        assert_eq!(Strength::from_name("strong"), None);
    }
}
