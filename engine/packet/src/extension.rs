//! The IPv6 extension header chain (RFC 8200 §4, CIP-901 to 907).
//!
//! ```text
//! most headers: next header u8 | length u8, (n + 1) · 8 bytes | …
//! Routing:      … | … | routing type u8 | …
//! Fragment:     next header u8 | 0 | offset 13 bits, 2 reserved, more flag | identification u32
//! AH:           next header u8 | length u8, (n + 2) · 4 bytes | …
//! ```

use crate::packet::{Fragment, Malformed};
use crate::protocol::{AH, FRAGMENT, HOP_BY_HOP, ROUTING};

/// More headers than this are refused (CIP-903).
const MAX_HEADERS: usize = 8;

const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;

/// Where the walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) protocol: u8,
    pub(crate) upper_offset: usize,
    pub(crate) fragment: Fragment,
    pub(crate) fragment_id: u32,
    pub(crate) authenticated: bool,
}

/// Whether `protocol` is a header that the walk steps over. ESP is not: it ends the walk (CIP-904).
#[inline]
pub(crate) const fn is_extension(protocol: u8) -> bool {
    matches!(
        protocol,
        HOP_BY_HOP | ROUTING | FRAGMENT | AH | DESTINATION_OPTIONS | MOBILITY | HOST_IDENTITY | SHIM6
    )
}

/// Walks the chain of an IPv6 `packet` that starts at `offset` with header `protocol`.
pub(crate) fn walk(packet: &[u8], protocol: u8, offset: usize) -> Result<Chain, Malformed> {
    let mut chain = Chain {
        protocol,
        upper_offset: offset,
        fragment: Fragment::Whole,
        fragment_id: 0,
        authenticated: false,
    };
    for _ in 0..MAX_HEADERS {
        if !is_extension(chain.protocol) {
            return Ok(chain);
        }
        let rest = &packet[chain.upper_offset..];
        let start = rest.first_chunk::<8>().ok_or(Malformed::ExtensionHeaders)?;
        let size = match chain.protocol {
            FRAGMENT => 8,
            AH => (usize::from(start[1]) + 2) * 4,
            _ => (usize::from(start[1]) + 1) * 8,
        };
        if size > rest.len() {
            return Err(Malformed::ExtensionHeaders);
        }
        match chain.protocol {
            ROUTING if start[2] == 0 => return Err(Malformed::SourceRouted),
            AH => chain.authenticated = true,
            FRAGMENT => {
                chain.fragment = fragment(u16::from_be_bytes([start[2], start[3]]));
                chain.fragment_id = u32::from_be_bytes([start[4], start[5], start[6], start[7]]);
            }
            _ => {}
        }
        chain.protocol = start[0];
        chain.upper_offset += size;
        if chain.fragment == Fragment::Later {
            // What follows is the middle of something; its headers are in the first fragment
            // (CIP-905). That an AH is among them is known if it is the next one.
            chain.authenticated |= chain.protocol == AH;
            return Ok(chain);
        }
    }
    if is_extension(chain.protocol) { Err(Malformed::ExtensionHeaders) } else { Ok(chain) }
}

fn fragment(offset_and_flags: u16) -> Fragment {
    match (offset_and_flags & 0xfff8, offset_and_flags & 1) {
        (0, 0) => Fragment::Whole,
        (0, _) => Fragment::First,
        _ => Fragment::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ESP, TCP, UDP};

    fn options(next: u8) -> [u8; 8] {
        [next, 0, 1, 4, 0, 0, 0, 0]
    }

    #[test]
    fn steps_over_eight_headers_and_refuses_nine_cip_903() {
        let chain_of = |count: usize| {
            let mut bytes: Vec<u8> = Vec::new();
            for index in 0..count {
                bytes.extend(options(if index + 1 == count { TCP } else { DESTINATION_OPTIONS }));
            }
            bytes
        };
        let chain = walk(&chain_of(8), DESTINATION_OPTIONS, 0).expect("eight are allowed");
        assert_eq!((chain.protocol, chain.upper_offset), (TCP, 64));
        assert_eq!(walk(&chain_of(9), DESTINATION_OPTIONS, 0), Err(Malformed::ExtensionHeaders));
    }

    #[test]
    fn refuses_a_header_that_overruns_the_packet_cip_903() {
        let mut long = options(TCP);
        long[1] = 1;
        assert_eq!(walk(&long, HOP_BY_HOP, 0), Err(Malformed::ExtensionHeaders));
        assert_eq!(walk(&options(TCP)[..7], HOP_BY_HOP, 0), Err(Malformed::ExtensionHeaders));
        assert_eq!(walk(&[], AH, 0), Err(Malformed::ExtensionHeaders));
    }

    #[test]
    fn refuses_routing_type_0_and_steps_over_other_types_cip_907() {
        assert_eq!(walk(&[UDP, 0, 0, 1, 0, 0, 0, 0], ROUTING, 0), Err(Malformed::SourceRouted));
        let chain = walk(&[UDP, 0, 4, 1, 0, 0, 0, 0], ROUTING, 0).expect("segment routing");
        assert_eq!(chain.protocol, UDP);
    }

    #[test]
    fn ends_at_esp_cip_904() {
        let chain = walk(&options(ESP), DESTINATION_OPTIONS, 0).expect("well-formed");
        assert_eq!((chain.protocol, chain.upper_offset), (ESP, 8));
    }

    #[test]
    fn stops_behind_the_header_of_a_later_fragment_cip_905() {
        let later = [DESTINATION_OPTIONS, 0, 0, 8, 0, 0, 0, 1];
        let chain = walk(&later, FRAGMENT, 0).expect("well-formed");
        assert_eq!((chain.protocol, chain.fragment), (DESTINATION_OPTIONS, Fragment::Later));
        let first = [DESTINATION_OPTIONS, 0, 0, 1, 0, 0, 0, 1];
        assert_eq!(walk(&first, FRAGMENT, 0), Err(Malformed::ExtensionHeaders));
    }
}
