use super::*;
use crate::address::Address;
use crate::rules::{RemoteMatch, Rule};
use crate::{parse, vectors};
use Direction::{FromPeer, ToPeer};
use Meaning::{Answer, End, Error, Ordinary, Segment, Syn};
use proptest::prelude::*;
use std::collections::HashMap;

const REMOTE: Address = Address::V4(0xc633_6407);

fn rule(opened: Direction, allows: bool) -> Rule {
    Rule { id: 7, allows, opened, remote: RemoteMatch::Any, protocol: 0, ports: Vec::new() }
}

/// Whoever the peer asks may answer; nobody else may begin.
fn outgoing() -> RuleSet {
    RuleSet::new([rule(FromPeer, true)])
}

fn ask(rules: &RuleSet, direction: Direction, now: u32) -> Question<'_> {
    let remote = Remote::Outside(REMOTE);
    Question { direction, remote, rules: Some(rules), generation: 1, limit: 100, now }
}

fn key(protocol: u8, port: u16) -> FlowKey {
    FlowKey { local_port: port, remote_port: 443, ..FlowKey::new(Address::V4(0x0a00_0002), REMOTE, protocol) }
}

fn table() -> FlowTable {
    FlowTable::new(0x1234_5678_9abc_def1, 0)
}

const ALLOWED: Verdict = Verdict { allowed: true, rule: Some(7) };
const REFUSED: Admission = Admission::Refused(Verdict::NO_RULE);

#[test]
fn answers_pass_and_strangers_do_not() {
    let (rules, mut table) = (outgoing(), table());
    let mut admit = |protocol, port, meaning, direction, now| {
        table.admit_traced(Trace { key: key(protocol, port), meaning }, &ask(&rules, direction, now)).0
    };
    assert_eq!(admit(UDP, 1, Ordinary, ToPeer, 0), REFUSED);
    assert_eq!(admit(UDP, 1, Ordinary, FromPeer, 0), Admission::New(ALLOWED));
    assert_eq!(admit(UDP, 1, Ordinary, ToPeer, 30), Admission::Known);
    assert_eq!(admit(UDP, 1, Ordinary, ToPeer, 210), Admission::Known);
    assert_eq!(admit(UDP, 1, Error, ToPeer, 390), Admission::Known);
    assert_eq!(admit(UDP, 1, Ordinary, ToPeer, 391), REFUSED);
    assert_eq!(admit(UDP, 2, Ordinary, ToPeer, 0), REFUSED);
    assert_eq!(admit(UDP, 2, Error, ToPeer, 0), REFUSED);
    assert_eq!(admit(UDP, 2, Error, FromPeer, 0), REFUSED);
    assert_eq!(admit(ICMP, 2, Answer, FromPeer, 0), REFUSED);
}

#[test]
fn tcp_connections_are_opened_by_one_side_and_outlive_silence() {
    let (rules, mut table) = (outgoing(), table());
    let mut admit = |port, meaning, direction, now| {
        table.admit_traced(Trace { key: key(TCP, port), meaning }, &ask(&rules, direction, now)).0
    };
    assert_eq!(admit(1, Syn, FromPeer, 0), Admission::New(ALLOWED));
    assert_eq!(admit(1, Syn, ToPeer, 0), REFUSED);
    assert_eq!(admit(1, Answer, ToPeer, 1), Admission::Known);
    assert_eq!(admit(1, Segment, ToPeer, 7441), Admission::Known);
    assert_eq!(admit(1, End, ToPeer, 7441), Admission::Known);
    assert_eq!(admit(1, Segment, FromPeer, 7500), Admission::Known);
    assert_eq!(admit(1, Segment, ToPeer, 7741), REFUSED);
}

#[test]
fn downloads_of_an_earlier_session_go_on_for_a_while() {
    let (rules, mut table) = (outgoing(), table());
    let mut admit = |port, meaning, now| {
        table.admit_traced(Trace { key: key(TCP, port), meaning }, &ask(&rules, ToPeer, now)).0
    };
    assert_eq!(admit(1, Syn, 10), REFUSED);
    assert_eq!(admit(1, Segment, 10), Admission::New(ALLOWED));
    assert_eq!(admit(1, Segment, 11), Admission::Known);
    assert_eq!(admit(2, Segment, 180), REFUSED);
}

#[test]
fn a_flow_is_judged_again_when_rules_or_its_other_side_changed() {
    let (rules, none, mut table) = (outgoing(), RuleSet::default(), table());
    let trace = Trace { key: key(UDP, 1), meaning: Ordinary };
    let first = ask(&rules, FromPeer, 0);
    assert_eq!(table.admit_traced(trace, &first).0, Admission::New(ALLOWED));
    // The answer is judged as what it answers.
    let later = Question { direction: ToPeer, generation: 2, ..first };
    assert_eq!(table.admit_traced(trace, &later).0, Admission::Known);
    let same = Question { rules: Some(&none), ..later };
    assert_eq!(table.admit_traced(trace, &same).0, Admission::Known);
    assert_eq!(table.admit_traced(trace, &Question { generation: 3, ..same }).0, REFUSED);
    assert!(table.is_empty());

    assert_eq!(table.admit_traced(trace, &first).0, Admission::New(ALLOWED));
    let inside = Question { remote: Remote::Session(&[]), ..first };
    assert_eq!(table.admit_traced(trace, &inside).0, REFUSED);
}

#[test]
fn a_full_table_gives_up_what_was_never_answered_and_nothing_else() {
    let (rules, mut table) = (outgoing(), table());
    let mut admit = |port, direction| {
        let trace = Trace { key: key(UDP, port), meaning: Ordinary };
        table.admit_traced(trace, &Question { limit: 32, ..ask(&rules, direction, 0) }).0
    };
    for port in 0..32 {
        assert_eq!(admit(port, FromPeer), Admission::New(ALLOWED));
        if port != 9 {
            assert_eq!(admit(port, ToPeer), Admission::Known);
        }
    }
    assert_eq!(admit(100, FromPeer), Admission::New(ALLOWED));
    assert_eq!(admit(9, ToPeer), REFUSED);
    assert_eq!(admit(100, ToPeer), Admission::Known);
    assert_eq!(admit(101, FromPeer), Admission::Full);
    assert_eq!(table.len(), 32);
    table.sweep(table.capacity(), 181);
    assert_eq!((table.len(), table.capacity()), (0, 0));
}

#[test]
fn later_fragments_follow_their_first() {
    let (rules, mut table) = (outgoing(), table());
    let mut admit = |bytes: &[u8], now| {
        let packet = parse(bytes).expect("well-formed");
        table.admit(&packet, Trace::of(&packet, FromPeer), &ask(&rules, FromPeer, now)).0
    };
    let first = vectors::with_v4_flags(&vectors::p_01(), 0x2000);
    let later = vectors::with_v4_flags(&vectors::p_01(), 185);
    assert_eq!(admit(&later, 0), REFUSED);
    assert_eq!(admit(&first, 0), Admission::New(ALLOWED));
    assert_eq!(admit(&later, 5), Admission::Known);
    assert_eq!(admit(&vectors::p_10(), 5), REFUSED);
    assert_eq!(admit(&later, 6), REFUSED);
    for id in 0..1000_u16 {
        let mut other = first.clone();
        other[4..6].copy_from_slice(&id.to_be_bytes());
        vectors::fix_v4_checksum(&mut other);
        assert_eq!(admit(&other, 6), Admission::Known);
    }
    assert_eq!(table.fragmented.len(), FRAGMENTED);
}

proptest! {
    /// With room for all, the table is a map from flow to when it was last seen.
    #[test]
    fn equals_a_map(steps in prop::collection::vec((0..60_u16, 0..4_u8, 0..20_u32), 1..400)) {
        let (rules, mut table, mut model) = (outgoing(), table(), HashMap::new());
        let mut now = 0;
        for (port, kind, waited) in steps {
            now += waited;
            let trace = Trace { key: key(UDP, port), meaning: Ordinary };
            let known = model.get(&port).is_some_and(|(seen, answered)| {
                now - seen <= if *answered { 180 } else { 30 }
            });
            let admission = match kind {
                0 | 1 => table.admit_traced(trace, &ask(&rules, FromPeer, now)).0,
                2 => table.admit_traced(trace, &ask(&rules, ToPeer, now)).0,
                _ => {
                    table.remove(&trace.key);
                    model.remove(&port);
                    continue;
                }
            };
            let expected = match (known, kind) {
                (true, _) => Admission::Known,
                (false, 2) => REFUSED,
                (false, _) => Admission::New(ALLOWED),
            };
            prop_assert_eq!(admission, expected);
            if admission != REFUSED {
                let answered = known && (kind == 2 || model[&port].1);
                model.insert(port, (now, answered));
            }
            prop_assert_eq!(table.slots.iter().flatten().count(), table.len());
        }
    }
}
