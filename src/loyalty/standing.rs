//! What kind of account a member belongs to and what the member is in it: a company and its people
//! (LD-26), a family (LD-48), one person.

use super::ids::RecruiterRef;

/// What an account stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountKind {
    /// One person. The default.
    #[default]
    Person,
    /// People who share their points.
    Household,
    /// A company.
    Company,
}

/// What a person is in a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompanyRole {
    /// Decides what the company does.
    DecisionMaker,
    /// Buys for it.
    Buyer,
}

/// A member's place in the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the account stands for.
    pub kind: AccountKind,
    /// What the member is in a company.
    pub role: Option<CompanyRole>,
    /// Who won the account, opaque: a seller of the own sales force.
    pub recruiter: Option<RecruiterRef>,
}

impl AccountKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Person, Self::Household, Self::Company];

    /// As files and replies write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Household => "household",
            Self::Company => "company",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl CompanyRole {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::DecisionMaker, Self::Buyer];

    /// As files and replies write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DecisionMaker => "decision_maker",
            Self::Buyer => "buyer",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl Standing {
    /// Whether it says nothing but that somebody has an account of their own.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
