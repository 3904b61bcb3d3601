//! When points come back that were spent on what is returned.

/// When points come back that paid as money. What a reward cost comes back with the reward
/// whatever this says: it is that item's price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UsedPointsBack {
    /// In proportion to what they paid of what is returned. The default.
    #[default]
    ProRata,
    /// All at once when nothing remains of the sale; none before.
    FullReturnOnly,
}
