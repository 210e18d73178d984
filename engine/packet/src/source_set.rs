//! Which addresses a session may send from (CIP-1003, CIP-1004).

use crate::address::{Address, Prefix};

/// A session's assigned prefixes, usually one to four.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceSet {
    prefixes: Vec<Prefix>,
}

impl SourceSet {
    /// The set of `prefixes`.
    pub fn new(prefixes: impl IntoIterator<Item = Prefix>) -> Self {
        Self {
            prefixes: prefixes.into_iter().collect(),
        }
    }

    /// Whether `address` is assigned.
    #[inline]
    pub fn contains(&self, address: Address) -> bool {
        self.prefixes.iter().any(|prefix| prefix.contains(address))
    }

    /// The prefixes, in the order given.
    pub fn prefixes(&self) -> &[Prefix] {
        &self.prefixes
    }
}
