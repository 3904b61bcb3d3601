//! What the agent and the oracle are both asked, so that their answers can be compared.

use std::collections::BTreeMap;
use std::fmt;

/// A customer of the log, by the number there.
pub(crate) type Customer = u32;

/// Where a member stands at the end. Money in cents, days as the log writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) balance: i64,
    pub(crate) debt: i64,
    pub(crate) issued: i64,
    pub(crate) spent: i64,
    pub(crate) restored: i64,
    pub(crate) clawed_back: i64,
    pub(crate) expired: i64,
    /// Money paid, net of returns.
    pub(crate) spend: i64,
    pub(crate) visits: i64,
    pub(crate) tier: String,
    pub(crate) last_purchase: Option<String>,
    /// The last day of the points, where there are any.
    pub(crate) expires: Option<String>,
}

/// Sums over all receipts. Money in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) receipts: i64,
    pub(crate) gross: i64,
    pub(crate) discount: i64,
    pub(crate) redeemed: i64,
    pub(crate) paid: i64,
    /// Receipts with a member when they were paid.
    pub(crate) identified: i64,
    pub(crate) identified_paid: i64,
    /// Receipts of which something came back, voids included.
    pub(crate) undone: i64,
    pub(crate) refund: i64,
}

/// Everything that is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) standings: BTreeMap<Customer, Standing>,
    pub(crate) sums: Sums,
}

/// Two answers that should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The member, or nobody where it is a sum.
    pub(crate) customer: Option<Customer>,
    pub(crate) what: &'static str,
    pub(crate) agent: String,
    pub(crate) oracle: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.customer {
            Some(customer) => write!(f, "customer {customer:05}, ")?,
            None => write!(f, "all receipts, ")?,
        }
        write!(f, "{}: agent {}, oracle {}", self.what, self.agent, self.oracle)
    }
}

impl Standing {
    fn cells(&self) -> [(&'static str, String); 12] {
        let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "none".to_owned());
        [
            ("balance", self.balance.to_string()),
            ("debt", self.debt.to_string()),
            ("points issued", self.issued.to_string()),
            ("points spent", self.spent.to_string()),
            ("points given back", self.restored.to_string()),
            ("points taken back", self.clawed_back.to_string()),
            ("points expired", self.expired.to_string()),
            ("money paid", self.spend.to_string()),
            ("visits", self.visits.to_string()),
            ("tier", self.tier.clone()),
            ("last purchase", day(&self.last_purchase)),
            ("expiry", day(&self.expires)),
        ]
    }
}

impl Sums {
    /// Adds other sums to these.
    pub(crate) fn add(&mut self, other: &Self) {
        let Self { receipts, gross, discount, redeemed, paid, .. } = other;
        self.receipts += receipts;
        self.gross += gross;
        self.discount += discount;
        self.redeemed += redeemed;
        self.paid += paid;
        self.identified += other.identified;
        self.identified_paid += other.identified_paid;
        self.undone += other.undone;
        self.refund += other.refund;
    }

    fn cells(&self) -> [(&'static str, String); 9] {
        [
            ("receipts", self.receipts.to_string()),
            ("sold", self.gross.to_string()),
            ("discounts", self.discount.to_string()),
            ("paid with points", self.redeemed.to_string()),
            ("paid", self.paid.to_string()),
            ("identified receipts", self.identified.to_string()),
            ("paid by identified members", self.identified_paid.to_string()),
            ("returns and voids", self.undone.to_string()),
            ("paid back", self.refund.to_string()),
        ]
    }
}

impl Figures {
    /// Every difference between the agent's figures and the oracle's.
    pub(crate) fn differences(&self, oracle: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut note =
            |customer, agent: Vec<(&'static str, String)>, other: Vec<_>| {
                let pairs = agent.into_iter().zip(other);
                found.extend(pairs.filter(|(agent, oracle)| agent != oracle).map(
                    |((what, agent), (_, oracle))| Difference { customer, what, agent, oracle },
                ));
            };
        note(None, self.sums.cells().to_vec(), oracle.sums.cells().to_vec());
        for (customer, standing) in &self.standings {
            let expected = oracle.standings.get(customer).cloned().unwrap_or_default();
            note(Some(*customer), standing.cells().to_vec(), expected.cells().to_vec());
        }
        for customer in oracle.standings.keys().filter(|c| !self.standings.contains_key(c)) {
            let (agent, oracle) = ("missing".to_owned(), "known".to_owned());
            found.push(Difference { customer: Some(*customer), what: "member", agent, oracle });
        }
        found
    }

    /// A sum over all members.
    pub(crate) fn total(&self, of: impl Fn(&Standing) -> i64) -> i64 {
        self.standings.values().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_that_differs_is_told_with_both_values() {
        let standing = Standing { balance: 5, ..Standing::default() };
        let agent = Figures {
            standings: [(1, standing.clone()), (2, standing.clone())].into(),
            sums: Sums::default(),
        };
        assert_eq!(agent.differences(&agent), []);
        let other = Standing { balance: 6, ..standing.clone() };
        let oracle = Figures {
            standings: [(1, other), (2, standing.clone()), (3, standing)].into(),
            sums: Sums { paid: 7, ..Sums::default() },
        };
        let told: Vec<String> =
            agent.differences(&oracle).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "all receipts, paid: agent 0, oracle 7",
                "customer 00001, balance: agent 5, oracle 6",
                "customer 00003, member: agent missing, oracle known",
            ]
        );
    }
}
