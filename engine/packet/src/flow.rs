//! Which flow a packet belongs to, and what it means for it.

use crate::address::Address;
use crate::extension;
use crate::packet::{Fragment, Packet};
use crate::protocol::{ICMP, ICMPV6, TCP};
use crate::rules::has_ports;

/// Which way a packet goes, seen from the session that the flow belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The session's peer sent it.
    FromPeer,
    /// It is for the session's peer.
    ToPeer,
}

/// A flow, the same for packets of both directions. `local` is the peer's side. Ports are 0 where the
/// protocol has none; both are the identifier of an ICMP query (RFC 792, RFC 4443 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowKey {
    pub(crate) local: u128,
    pub(crate) remote: u128,
    /// Port on the peer's side.
    pub local_port: u16,
    /// Port on the other side.
    pub remote_port: u16,
    /// IP protocol.
    pub protocol: u8,
}

impl FlowKey {
    /// A flow without ports.
    pub fn new(local: Address, remote: Address, protocol: u8) -> Self {
        Self { local: unified(local), remote: unified(remote), local_port: 0, remote_port: 0, protocol }
    }
}

/// IPv4-mapped addresses never cross the tunnel (CIP-1014), so their numbers are free for IPv4.
#[inline]
fn unified(address: Address) -> u128 {
    match address {
        Address::V4(bits) => 0xffff << 32 | u128::from(bits),
        Address::V6(bits) => bits,
    }
}

/// What a packet means for its flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// May open it and keeps it alive.
    Ordinary,
    /// TCP SYN without ACK: only whoever opened the flow may send it.
    Syn,
    /// TCP in the middle of a connection: no SYN.
    Segment,
    /// TCP FIN or RST.
    End,
    /// Opens nothing: an answer to an ICMP query, a TCP SYN with ACK.
    Answer,
    /// An ICMP error about a packet of the flow.
    Error,
}

/// A packet's flow and its meaning for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// The flow.
    pub key: FlowKey,
    /// The meaning.
    pub meaning: Meaning,
}

impl Trace {
    /// `None` when the packet does not say: a later fragment, or a header that is cut short.
    #[inline]
    pub fn of(packet: &Packet<'_>, direction: Direction) -> Option<Self> {
        if packet.fragment == Fragment::Later {
            return None;
        }
        let (local, remote) = match direction {
            Direction::FromPeer => (packet.source, packet.destination),
            Direction::ToPeer => (packet.destination, packet.source),
        };
        let mut key = FlowKey::new(local, remote, packet.protocol);
        let upper = packet.upper();
        let mut meaning = Meaning::Ordinary;
        if packet.is_icmp() {
            let kind = *upper.first()?;
            match query(packet.protocol, kind) {
                Query::Asks | Query::Answers => {
                    let identifier = u16::from_be_bytes([*upper.get(4)?, *upper.get(5)?]);
                    (key.local_port, key.remote_port) = (identifier, identifier);
                    if query(packet.protocol, kind) == Query::Answers {
                        meaning = Meaning::Answer;
                    }
                }
                Query::Fails => return quoted(upper.get(8..)?, direction),
                Query::Other => {}
            }
        } else if has_ports(packet.protocol) {
            key.set_ports(upper, direction)?;
            if packet.protocol == TCP {
                meaning = tcp(*upper.get(13)?);
            }
        }
        Some(Self { key, meaning })
    }
}

impl FlowKey {
    /// Reads source and destination port of a packet that goes in `direction`.
    #[inline]
    fn set_ports(&mut self, upper: &[u8], direction: Direction) -> Option<()> {
        let [s0, s1, d0, d1] = *upper.first_chunk()?;
        let (source, destination) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
        (self.local_port, self.remote_port) = match direction {
            Direction::FromPeer => (source, destination),
            Direction::ToPeer => (destination, source),
        };
        Some(())
    }
}

/// A number for a packet's flow in its direction, for telling flows apart where a mistake costs little:
/// different flows may have the same one. Fragments have that of a flow without ports.
#[inline]
pub fn hash(packet: &Packet<'_>) -> u32 {
    let fold = |bits: u128| (bits ^ (bits >> 64)) as u64;
    let mix = |state: u64, word: u64| (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    let whole = packet.fragment == Fragment::Whole && has_ports(packet.protocol);
    let ports = packet.upper().first_chunk().filter(|_| whole).map_or(0, |ports| u32::from_be_bytes(*ports));
    let ends = mix(mix(0, fold(unified(packet.source))), fold(unified(packet.destination)));
    (mix(ends, u64::from(packet.protocol) << 32 | u64::from(ports)) >> 16) as u32
}

#[inline]
fn tcp(flags: u8) -> Meaning {
    const FIN: u8 = 1;
    const SYN: u8 = 2;
    const RST: u8 = 4;
    const ACK: u8 = 16;
    match flags & (SYN | ACK) {
        _ if flags & (FIN | RST) != 0 => Meaning::End,
        SYN => Meaning::Syn,
        0 | ACK => Meaning::Segment,
        _ => Meaning::Answer,
    }
}

#[derive(PartialEq, Eq)]
enum Query {
    Asks,
    Answers,
    Fails,
    Other,
}

/// RFC 792, RFC 950, RFC 4443: echo, timestamp, information and address mask; errors.
fn query(protocol: u8, kind: u8) -> Query {
    match (protocol, kind) {
        (ICMP, 8 | 13 | 15 | 17) | (ICMPV6, 128) => Query::Asks,
        (ICMP, 0 | 14 | 16 | 18) | (ICMPV6, 129) => Query::Answers,
        (ICMP, 3 | 4 | 5 | 11 | 12) | (ICMPV6, 0..=127) => Query::Fails,
        _ => Query::Other,
    }
}

/// The flow of the packet that an ICMP error quotes, which went the other way. Quotes are cut short, so
/// lengths and checksums say nothing.
fn quoted(packet: &[u8], direction: Direction) -> Option<Trace> {
    let (source, destination, protocol, offset) = match packet.first()? >> 4 {
        4 => {
            let fixed = packet.first_chunk::<20>()?;
            // A later fragment has no ports to show.
            if u16::from_be_bytes([fixed[6], fixed[7]]) & 0x1fff != 0 {
                return None;
            }
            let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *fixed;
            let source = Address::from_v4_bytes([s0, s1, s2, s3]);
            let destination = Address::from_v4_bytes([d0, d1, d2, d3]);
            (source, destination, fixed[9], usize::from(fixed[0] & 0x0f) * 4)
        }
        6 => {
            let fixed = packet.first_chunk::<40>()?;
            let address = |at: usize| Some(Address::from_v6_bytes(*fixed.get(at..)?.first_chunk()?));
            let chain = extension::walk(packet, fixed[6], 40).ok()?;
            if chain.fragment == Fragment::Later {
                return None;
            }
            (address(8)?, address(24)?, chain.protocol, chain.upper_offset)
        }
        _ => return None,
    };
    let (local, remote, was) = match direction {
        Direction::FromPeer => (destination, source, Direction::ToPeer),
        Direction::ToPeer => (source, destination, Direction::FromPeer),
    };
    let mut key = FlowKey::new(local, remote, protocol);
    let upper = packet.get(offset..)?;
    if has_ports(protocol) {
        key.set_ports(upper, was)?;
    } else if matches!(protocol, ICMP | ICMPV6) && query(protocol, *upper.first()?) != Query::Other {
        let identifier = u16::from_be_bytes([*upper.get(4)?, *upper.get(5)?]);
        (key.local_port, key.remote_port) = (identifier, identifier);
    }
    Some(Trace { key, meaning: Meaning::Error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, vectors};
    use Direction::{FromPeer, ToPeer};
    use proptest::prelude::*;

    fn trace(bytes: &[u8], direction: Direction) -> Option<Trace> {
        Trace::of(&parse(bytes).expect("well-formed"), direction)
    }

    #[test]
    fn both_directions_are_one_flow() {
        let there = vectors::p_01();
        let mut back = there.clone();
        back[12..16].copy_from_slice(&there[16..20]);
        back[16..20].copy_from_slice(&there[12..16]);
        back[20..22].copy_from_slice(&there[22..24]);
        back[22..24].copy_from_slice(&there[20..22]);
        vectors::fix_v4_checksum(&mut back);
        let opened = trace(&there, FromPeer).expect("a flow");
        assert_eq!(trace(&back, ToPeer), Some(opened));
        assert_eq!((opened.key.local_port, opened.key.remote_port), (0x9c40, 53));
        assert_ne!(trace(&there, ToPeer), Some(opened));
    }

    #[test]
    fn an_icmp_error_belongs_to_the_flow_that_it_quotes() {
        let sent = [vectors::p_01(), vectors::p_06()];
        for (sent, error) in sent.iter().zip([vectors::p_05(), vectors::p_08()]) {
            let flow = trace(sent, FromPeer).expect("a flow").key;
            assert_eq!(trace(&error, ToPeer), Some(Trace { key: flow, meaning: Meaning::Error }));
            assert_ne!(trace(&error, FromPeer).map(|trace| trace.key), Some(flow));
        }
    }

    #[test]
    fn flows_hash_apart_and_their_packets_together() {
        let hash = |bytes: &[u8]| super::hash(&parse(bytes).expect("well-formed"));
        let packet = vectors::p_01();
        let (mut other_port, mut other_end, mut other_data) =
            (packet.clone(), packet.clone(), packet.clone());
        other_port[21] ^= 1;
        other_end[19] ^= 1;
        vectors::fix_v4_checksum(&mut other_end);
        *other_data.last_mut().expect("data") ^= 1;
        assert_eq!(hash(&packet), hash(&other_data));
        assert_ne!(hash(&packet), hash(&other_port));
        assert_ne!(hash(&packet), hash(&other_end));
        let [first, later] = [0x2000, 185].map(|flags| hash(&vectors::with_v4_flags(&packet, flags)));
        assert_eq!(first, later);
    }

    #[test]
    fn later_fragments_and_cut_headers_do_not_say() {
        assert_eq!(trace(&vectors::p_10(), FromPeer), None);
        let later = vectors::with_v4_flags(&vectors::p_01(), 185);
        assert_eq!(trace(&later, FromPeer), None);
        let mut cut = vectors::p_01();
        cut.truncate(23);
        cut[2..4].copy_from_slice(&23_u16.to_be_bytes());
        vectors::fix_v4_checksum(&mut cut);
        assert_eq!(trace(&cut, FromPeer), None);
    }

    #[test]
    fn echo_is_told_apart_by_its_identifier() {
        let mut ask = vectors::p_13();
        ask[24..40].copy_from_slice(&vectors::p_06()[24..40]);
        let asked = trace(&ask, FromPeer).expect("a flow");
        assert_eq!((asked.key.local_port, asked.key.remote_port, asked.meaning), (1, 1, Meaning::Ordinary));
        let mut answer = ask.clone();
        answer[8..24].copy_from_slice(&ask[24..40]);
        answer[24..40].copy_from_slice(&ask[8..24]);
        answer[40] = 129;
        let answer = trace(&answer, ToPeer).expect("a flow");
        assert_eq!((answer.key, answer.meaning), (asked.key, Meaning::Answer));
    }

    #[test]
    fn tcp_flags_say_what_a_segment_is() {
        let cases = [
            (0x02, Meaning::Syn),
            (0xc2, Meaning::Syn),
            (0x12, Meaning::Answer),
            (0x10, Meaning::Segment),
            (0x11, Meaning::End),
            (0x04, Meaning::End),
        ];
        for (flags, meaning) in cases {
            assert_eq!(tcp(flags), meaning, "{flags:#x}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_whatever_an_error_quotes(quoted: Vec<u8>, kind in 0..20_u8, v6: bool) {
            let mut bytes = if v6 { vectors::p_08() } else { vectors::p_05() };
            let upper = if v6 { 40 } else { 20 };
            bytes.truncate(upper + 8);
            bytes[upper] = kind;
            bytes.extend(quoted);
            let length = bytes.len() as u16;
            if v6 {
                bytes[4..6].copy_from_slice(&(length - 40).to_be_bytes());
            } else {
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                vectors::fix_v4_checksum(&mut bytes);
            }
            for direction in [FromPeer, ToPeer] {
                let _any = trace(&bytes, direction);
            }
        }
    }
}
