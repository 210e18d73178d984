//! Who owns a destination: longest-prefix lookup over both families.

use crate::address::{Address, Prefix};
use std::marker::PhantomData;

/// Prefixes and a value each. Host routes, the usual case, cost one hash lookup.
#[derive(Debug, Clone)]
pub struct PrefixTable<T: Copy>(PhantomData<T>);

impl<T: Copy> PrefixTable<T> {
    /// An empty table.
    pub fn new() -> Self {
        Self(PhantomData)
    }

    /// Sets the value of `prefix`; returns the one it replaces.
    pub fn insert(&mut self, _prefix: Prefix, _value: T) -> Option<T> {
        todo!()
    }

    /// Removes exactly `prefix`.
    pub fn remove(&mut self, _prefix: Prefix) -> Option<T> {
        todo!()
    }

    /// The value of exactly `prefix`.
    pub fn get(&self, _prefix: Prefix) -> Option<T> {
        todo!()
    }

    /// The value of the longest prefix that contains `address`.
    #[inline]
    pub fn lookup(&self, _address: Address) -> Option<T> {
        todo!()
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        todo!()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Copy> Default for PrefixTable<T> {
    fn default() -> Self {
        Self::new()
    }
}
