//! Who owns a destination: longest-prefix lookup over both families.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::address::{Address, Prefix, masked};

/// Prefixes and a value each. Host routes, the usual case, cost one hash lookup; every other prefix
/// length in use costs one more.
#[derive(Debug, Clone)]
pub struct PrefixTable<T: Copy> {
    v4: Vec<Level<T>>,
    v6: Vec<Level<T>>,
}

/// All prefixes of one family and length. Levels are never empty and sorted longest first.
#[derive(Debug, Clone)]
struct Level<T> {
    length: u8,
    values: HashMap<u128, T, BuildHasherDefault<AddressHasher>>,
}

impl<T: Copy> PrefixTable<T> {
    /// An empty table.
    pub fn new() -> Self {
        Self { v4: Vec::new(), v6: Vec::new() }
    }

    /// Sets the value of `prefix`; returns the one it replaces.
    pub fn insert(&mut self, prefix: Prefix, value: T) -> Option<T> {
        let length = prefix.length();
        let levels = if prefix.address().is_v6() { &mut self.v6 } else { &mut self.v4 };
        let index = levels.partition_point(|level| level.length > length);
        if levels.get(index).is_none_or(|level| level.length != length) {
            levels.insert(index, Level { length, values: HashMap::default() });
        }
        levels[index].values.insert(prefix.address().bits(), value)
    }

    /// Removes exactly `prefix`.
    pub fn remove(&mut self, prefix: Prefix) -> Option<T> {
        let levels = if prefix.address().is_v6() { &mut self.v6 } else { &mut self.v4 };
        let index = levels.iter().position(|level| level.length == prefix.length())?;
        let removed = levels[index].values.remove(&prefix.address().bits());
        if levels[index].values.is_empty() {
            levels.remove(index);
        }
        removed
    }

    /// The value of exactly `prefix`.
    pub fn get(&self, prefix: Prefix) -> Option<T> {
        let level = self.levels(prefix.address()).iter().find(|level| level.length == prefix.length())?;
        level.values.get(&prefix.address().bits()).copied()
    }

    /// The value of the longest prefix that contains `address`.
    #[inline]
    pub fn lookup(&self, address: Address) -> Option<T> {
        self.levels(address)
            .iter()
            .find_map(|level| level.values.get(&masked(address, level.length).bits()).copied())
    }

    /// The values of all prefixes that contain `address`, longest first.
    pub fn matches(&self, address: Address) -> impl Iterator<Item = T> + '_ {
        let levels = self.levels(address).iter();
        levels.filter_map(move |level| level.values.get(&masked(address, level.length).bits()).copied())
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.v4.iter().chain(&self.v6).map(|level| level.values.len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    #[inline]
    fn levels(&self, address: Address) -> &[Level<T>] {
        if address.is_v6() { &self.v6 } else { &self.v4 }
    }
}

impl<T: Copy> Default for PrefixTable<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A map by numbers that the embedder chose.
pub type IdMap<T> = HashMap<u32, T, BuildHasherDefault<AddressHasher>>;

/// One multiplication instead of SipHash. Safe here: what an attacker can choose is only what is
/// looked up; keys are inserted by whoever assigns addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u128(u128::from(*byte));
        }
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.write_u128(number.into());
    }

    #[inline]
    fn write_u128(&mut self, bits: u128) {
        let folded = self.0 ^ bits as u64 ^ ((bits >> 64) as u64).rotate_left(29);
        let product = u128::from(folded ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn prefix(text: &str) -> Prefix {
        text.parse().expect("prefix")
    }

    fn address(text: &str) -> Address {
        text.parse().expect("address")
    }

    #[test]
    fn finds_the_longest_prefix_of_the_same_family() {
        let mut table = PrefixTable::new();
        assert_eq!(table.lookup(address("10.0.0.1")), None);
        for (index, text) in
            ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.1/32", "2001:db8::/32"].iter().enumerate()
        {
            assert_eq!(table.insert(prefix(text), index), None);
        }
        assert_eq!(table.lookup(address("10.0.0.1")), Some(3));
        assert_eq!(table.lookup(address("10.0.0.2")), Some(2));
        assert_eq!(table.lookup(address("10.1.0.1")), Some(1));
        assert_eq!(table.lookup(address("11.0.0.1")), Some(0));
        assert_eq!(table.lookup(address("2001:db8::1")), Some(4));
        assert_eq!(table.lookup(address("::10.0.0.1")), None);
    }

    #[test]
    fn replaces_and_removes_exactly_one_prefix() {
        let mut table = PrefixTable::new();
        table.insert(prefix("10.0.0.1/32"), 1);
        assert_eq!(table.insert(prefix("10.0.0.1/32"), 2), Some(1));
        assert_eq!(table.get(prefix("10.0.0.1/32")), Some(2));
        assert_eq!(table.remove(prefix("10.0.0.0/31")), None);
        assert_eq!(table.len(), 1);
        assert_eq!(table.remove(prefix("10.0.0.1/32")), Some(2));
        assert!(table.is_empty());
    }

    #[test]
    fn hashes_neighbouring_hosts_apart() {
        let hash = |bits: u128| {
            let mut hasher = AddressHasher::default();
            hasher.write_u128(bits);
            hasher.finish()
        };
        let hosts = (0..65_536_u128).flat_map(|host| [0x0a00_0000 + host, (0xfd4d << 112) + host]);
        let low_bits: HashSet<u64> = hosts.map(|host| hash(host) & 0xf_ffff).collect();
        // A random function leaves about 123,000 of 2^20 values for 131,072 keys.
        assert!(low_bits.len() > 115_000, "{}", low_bits.len());
    }

    proptest! {
        #[test]
        fn equals_a_linear_search(
            entries in prop::collection::vec((0..256_u32, 0..=32_u8), 0..20),
            asked in 0..256_u32,
        ) {
            let spread = |bits: u32| Address::V4(bits.reverse_bits() | bits);
            let mut table = PrefixTable::new();
            let mut list: Vec<Prefix> = Vec::new();
            for (bits, length) in entries {
                let prefix = Prefix::new(masked(spread(bits), length), length).expect("masked");
                table.insert(prefix, prefix);
                list.push(prefix);
            }
            let longest = list.into_iter().filter(|prefix| prefix.contains(spread(asked)));
            prop_assert_eq!(table.lookup(spread(asked)), longest.max_by_key(|prefix| prefix.length()));
        }
    }
}
