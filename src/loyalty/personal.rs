//! Offers that single members carry: each with a window of its own (LD-51) and a score that says how
//! much it is likely to interest the member (LD-57). Who carries what comes with the members' base;
//! what such an offer gives is the programme's.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::decision::Reason;
use super::ids::{OfferId, VariantId};

/// The most offers that one member carries: more than anybody was ever sent at once. It bounds what
/// a quote ranks.
pub const PERSONAL_OFFERS_MAX: usize = 100;

/// The highest score.
pub const SCORE_MAX: u16 = 1_000;

/// What a member carries, by offer.
pub type PersonalOffers = BTreeMap<OfferId, PersonalOffer>;

/// Of members who carry nothing.
pub static NOTHING_PERSONAL: PersonalOffers = PersonalOffers::new();

/// An offer as one member carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonalOffer {
    /// When it is the member's, within the offer's own window.
    pub window: PersonalWindow,
    /// How much it is likely to interest the member.
    pub score: Score,
    /// Which variant the member got, where that is not the offer's own.
    pub variant: Option<VariantId>,
}

/// From when until when, by the clock of the programme's zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersonalWindow {
    /// The first instant that counts.
    pub from: Option<NaiveDateTime>,
    /// The first instant that counts no more.
    pub until: Option<NaiveDateTime>,
}

/// How much an offer is likely to interest a member: 0 to [`SCORE_MAX`]. Whoever made the list
/// says; the more, the better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(u16);

/// What a decision read of an offer that a member carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedOffer {
    /// The offer.
    pub offer: OfferId,
    /// As the member carries it.
    pub as_carried: PersonalOffer,
}

/// Whom an offer is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Everybody whom its conditions let in. The default.
    #[default]
    Open,
    /// Of those, members who carry it.
    Personal,
}

/// How personal offers are handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersonalPolicy {
    /// Of the offers that a member carries and that are open now, so many count: the best by score,
    /// ties by id. Which they are does not depend on the basket, so that what a customer was shown
    /// stays while goods are scanned. All of them where `None`.
    pub shown_max: Option<u32>,
}

impl Score {
    /// A score within the scale.
    #[must_use]
    pub const fn new(value: u16) -> Option<Self> {
        if value <= SCORE_MAX { Some(Self(value)) } else { None }
    }

    /// 0 to [`SCORE_MAX`].
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }
}

impl PersonalWindow {
    /// Why it is not open at this local time, if not.
    pub(crate) fn refuse(self, local: NaiveDateTime) -> Option<Reason> {
        if let Some(from) = self.from.filter(|from| local < *from) {
            return Some(Reason::OwnNotYet { from });
        }
        self.until.filter(|until| local >= *until).map(|until| Reason::OwnOver { until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("a local time")
    }

    #[test]
    fn ld_51_a_members_window_opens_and_closes_to_the_second() {
        let window = PersonalWindow {
            from: Some(at("2026-03-10T14:00:00")),
            until: Some(at("2026-03-12T00:00:00")),
        };
        let from = at("2026-03-10T14:00:00");
        let until = at("2026-03-12T00:00:00");
        let cases = [
            ("2026-03-10T13:59:59", Some(Reason::OwnNotYet { from })),
            ("2026-03-10T14:00:00", None),
            ("2026-03-11T23:59:59", None),
            ("2026-03-12T00:00:00", Some(Reason::OwnOver { until })),
        ];
        for (local, expected) in cases {
            assert_eq!(window.refuse(at(local)), expected, "{local}");
        }
        assert_eq!(PersonalWindow::default().refuse(from), None, "a window without ends");
    }

    #[test]
    fn ld_57_a_score_has_a_scale() {
        let cases = [(0, Some(0)), (1_000, Some(1_000)), (1_001, None)];
        for (value, expected) in cases {
            assert_eq!(Score::new(value).map(Score::value), expected, "{value}");
        }
    }
}
