//! Ordered access rules: the first that matches a flow's first packet decides, none denies.

use crate::address::{Address, Prefix};
use crate::flow::{Direction, FlowKey};
use crate::prefix_table::PrefixTable;
use std::collections::HashMap;

/// What a rule says of the other side of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteMatch {
    /// Every host outside.
    Any,
    /// Hosts outside within these prefixes.
    Prefixes(Vec<Prefix>),
    /// Sessions that carry one of these labels.
    Labels(Vec<u32>),
}

/// One rule as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Named by samples.
    pub id: u32,
    /// Allow or deny.
    pub allows: bool,
    /// Which way the flow's first packet goes.
    pub opened: Direction,
    /// The flow's other side.
    pub remote: RemoteMatch,
    /// IP protocol; 0 is all.
    pub protocol: u8,
    /// Inclusive ranges of destination ports; empty is all.
    pub ports: Vec<(u16, u16)>,
}

/// The other side of a flow, as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote<'a> {
    /// A host that is no session's.
    Outside(Address),
    /// A session with these labels.
    Session(&'a [u32]),
    /// An address that only sessions may have, and none has: nothing matches it.
    Nobody,
}

/// What the rules say, and which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the flow may be.
    pub allowed: bool,
    /// The rule that decided.
    pub rule: Option<u32>,
}

impl Verdict {
    /// No rule matched.
    pub const NO_RULE: Self = Self { allowed: false, rule: None };
}

/// Rules compiled so that a flow is compared only with those that match its remote: by prefix, by label,
/// or always.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    by_peer: Index,
    towards_peer: Index,
}

/// Rules of one direction. Lists hold positions in `rules`, ascending.
#[derive(Debug, Clone, Default)]
struct Index {
    rules: Vec<Rule>,
    any: Vec<u32>,
    by_prefix: PrefixTable<u32>,
    by_label: HashMap<u32, u32>,
    lists: Vec<Vec<u32>>,
}

impl RuleSet {
    /// Compiles the rules. O(n).
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        let mut set = Self::default();
        for rule in rules {
            match rule.opened {
                Direction::FromPeer => set.by_peer.push(rule),
                Direction::ToPeer => set.towards_peer.push(rule),
            }
        }
        set
    }

    /// Judges a flow by the packet that opens it.
    pub fn judge(&self, opened: Direction, remote: Remote<'_>, key: &FlowKey) -> Verdict {
        match opened {
            Direction::FromPeer => self.by_peer.judge(remote, key.protocol, key.remote_port),
            Direction::ToPeer => self.towards_peer.judge(remote, key.protocol, key.local_port),
        }
    }
}

impl Index {
    fn push(&mut self, rule: Rule) {
        let position = self.rules.len() as u32;
        let Self { any, by_prefix, by_label, lists, .. } = self;
        // A rule may name the same prefix or label twice.
        let mut add = |list: Option<u32>| {
            let at = list.map_or(lists.len(), |at| at as usize);
            if at == lists.len() {
                lists.push(Vec::new());
            }
            lists[at].push(position);
            at as u32
        };
        match &rule.remote {
            RemoteMatch::Any => any.push(position),
            RemoteMatch::Prefixes(prefixes) => {
                for prefix in prefixes {
                    let list = add(by_prefix.get(*prefix));
                    by_prefix.insert(*prefix, list);
                }
            }
            RemoteMatch::Labels(labels) => {
                for label in labels {
                    let list = add(by_label.get(label).copied());
                    by_label.insert(*label, list);
                }
            }
        }
        self.rules.push(rule);
    }

    fn judge(&self, remote: Remote<'_>, protocol: u8, port: u16) -> Verdict {
        let mut best = self.rules.len();
        match remote {
            Remote::Outside(address) => {
                self.earliest(&self.any, protocol, port, &mut best);
                for list in self.by_prefix.matches(address) {
                    self.earliest(&self.lists[list as usize], protocol, port, &mut best);
                }
            }
            Remote::Session(labels) => {
                for list in labels.iter().filter_map(|label| self.by_label.get(label)) {
                    self.earliest(&self.lists[*list as usize], protocol, port, &mut best);
                }
            }
            Remote::Nobody => {}
        }
        let decided = self.rules.get(best);
        decided.map_or(Verdict::NO_RULE, |rule| Verdict { allowed: rule.allows, rule: Some(rule.id) })
    }

    /// Lowers `best` to the first position in `list` whose rule matches protocol and port.
    fn earliest(&self, list: &[u32], protocol: u8, port: u16, best: &mut usize) {
        let mut earlier = list.iter().map(|at| *at as usize).take_while(|at| *at < *best);
        let found = earlier.find(|at| self.rules[*at].covers(protocol, port));
        *best = found.unwrap_or(*best);
    }
}

impl Rule {
    fn covers(&self, protocol: u8, port: u16) -> bool {
        let within = |&(first, last): &(u16, u16)| first <= port && port <= last;
        (self.protocol == 0 || self.protocol == protocol)
            && (self.ports.is_empty() || (has_ports(protocol) && self.ports.iter().any(within)))
    }
}

/// Whether the protocol's header begins with two ports: TCP, UDP, DCCP, SCTP, UDP-Lite.
pub const fn has_ports(protocol: u8) -> bool {
    matches!(protocol, 6 | 17 | 33 | 132 | 136)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, rule by rule.
    fn naive(rules: &[Rule], opened: Direction, remote: Remote<'_>, key: &FlowKey) -> Verdict {
        let port = if opened == Direction::FromPeer { key.remote_port } else { key.local_port };
        let matches = |rule: &&Rule| {
            rule.opened == opened
                && match (&rule.remote, remote) {
                    (RemoteMatch::Any, Remote::Outside(_)) => true,
                    (RemoteMatch::Prefixes(p), Remote::Outside(a)) => p.iter().any(|p| p.contains(a)),
                    (RemoteMatch::Labels(l), Remote::Session(own)) => own.iter().any(|o| l.contains(o)),
                    _ => false,
                }
                && (rule.protocol == 0 || rule.protocol == key.protocol)
                && (rule.ports.is_empty()
                    || has_ports(key.protocol)
                        && rule.ports.iter().any(|(first, last)| (*first..=*last).contains(&port)))
        };
        let found = rules.iter().find(matches);
        found.map_or(Verdict::NO_RULE, |r| Verdict { allowed: r.allows, rule: Some(r.id) })
    }

    fn direction(from_peer: bool) -> Direction {
        if from_peer { Direction::FromPeer } else { Direction::ToPeer }
    }

    fn prefix(bits: u8, length: u8) -> Prefix {
        let length = length % 9;
        let high = u32::from(bits) << 24 & u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
        Prefix::new(Address::V4(high), length).expect("masked")
    }

    prop_compose! {
        fn any_rule()(
            kind in 0..3_u8, allows: bool, from_peer: bool, protocol in 0..4_usize,
            list in prop::collection::vec((any::<u8>(), any::<u8>()), 0..4),
            ports in prop::collection::vec((0..40_u16, 0..20_u16), 0..3),
        ) -> Rule {
            Rule {
                id: 0,
                allows,
                opened: direction(from_peer),
                remote: match kind {
                    0 => RemoteMatch::Any,
                    1 => RemoteMatch::Prefixes(list.iter().map(|(a, b)| prefix(*a, *b)).collect()),
                    _ => RemoteMatch::Labels(list.iter().map(|(label, _)| u32::from(label % 6)).collect()),
                },
                protocol: [0, 1, 6, 17][protocol],
                ports: ports.into_iter().map(|(first, more)| (first, first + more)).collect(),
            }
        }
    }

    proptest! {
        #[test]
        fn decides_as_the_first_matching_rule_does(
            mut rules in prop::collection::vec(any_rule(), 0..40),
            asked in prop::collection::vec((0..3_u8, any::<u8>(), any::<bool>(), 0..4_usize, 0..60_u16), 20),
            labels in prop::collection::vec(0..8_u32, 0..3),
        ) {
            for (id, rule) in rules.iter_mut().enumerate() {
                rule.id = id as u32;
            }
            let compiled = RuleSet::new(rules.clone());
            for (kind, high, from_peer, protocol, port) in asked {
                let address = Address::V4(u32::from(high) << 24 | 7);
                let remote = match kind {
                    0 => Remote::Nobody,
                    1 => Remote::Outside(address),
                    _ => Remote::Session(&labels),
                };
                let mut key = FlowKey::new(Address::V4(1), address, [1, 6, 17, 50][protocol]);
                (key.local_port, key.remote_port) = if from_peer { (9, port) } else { (port, 9) };
                let opened = direction(from_peer);
                let verdict = compiled.judge(opened, remote, &key);
                prop_assert_eq!(verdict, naive(&rules, opened, remote, &key));
            }
        }
    }
}
