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
        Self { prefixes: prefixes.into_iter().collect() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_assigned_addresses_and_prefixes_only_cip_1003() {
        let prefix = |text: &str| text.parse::<Prefix>().expect("prefix");
        let set = SourceSet::new([prefix("192.0.2.11/32"), prefix("2001:db8:1234::/64")]);
        let contains = |text: &str| set.contains(text.parse().expect("address"));
        assert!(contains("192.0.2.11"));
        assert!(!contains("192.0.2.12"));
        assert!(contains("2001:db8:1234::a"));
        assert!(!contains("2001:db8:1234:1::a"));
        assert!(!contains("::192.0.2.11"));
        assert!(!SourceSet::default().contains(Address::V4(0)));
    }
}
