//! Addresses and prefixes as integers, and which addresses may cross the tunnel.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An IP address as an integer in host order: quick to compare, mask and hash.
/// Sorts all IPv4 before all IPv6, as ROUTE_ADVERTISEMENT does (RFC 9484 §4.7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// 32 bits.
    V4(u32),
    /// 128 bits.
    V6(u128),
}

impl Address {
    /// Reads 4 bytes in network order; other sizes are a bug of the caller.
    #[inline]
    pub fn from_v4_bytes(bytes: [u8; 4]) -> Self {
        Self::V4(u32::from_be_bytes(bytes))
    }

    /// Reads 16 bytes in network order.
    #[inline]
    pub fn from_v6_bytes(bytes: [u8; 16]) -> Self {
        Self::V6(u128::from_be_bytes(bytes))
    }

    /// The address bits; an IPv4 address is in the low 32.
    #[inline]
    pub const fn bits(self) -> u128 {
        match self {
            Self::V4(bits) => bits as u128,
            Self::V6(bits) => bits,
        }
    }

    /// 32 or 128.
    #[inline]
    pub const fn width(self) -> u8 {
        match self {
            Self::V4(_) => 32,
            Self::V6(_) => 128,
        }
    }

    /// Whether this is an IPv6 address.
    #[inline]
    pub const fn is_v6(self) -> bool {
        matches!(self, Self::V6(_))
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::V4(v4.to_bits()),
            IpAddr::V6(v6) => Self::V6(v6.to_bits()),
        }
    }
}

impl From<Address> for IpAddr {
    fn from(address: Address) -> Self {
        match address {
            Address::V4(bits) => Self::V4(Ipv4Addr::from_bits(bits)),
            Address::V6(bits) => Self::V6(Ipv6Addr::from_bits(bits)),
        }
    }
}

impl FromStr for Address {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<IpAddr>().map(Self::from)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        IpAddr::from(*self).fmt(formatter)
    }
}

/// An address and how many of its leading bits count. Bits below the length are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    address: Address,
    length: u8,
}

impl Prefix {
    /// `None` when `length` exceeds the family's width or a bit below it is set (CIP-702, CIP-703).
    pub fn new(address: Address, length: u8) -> Option<Self> {
        let fits = length <= address.width();
        (fits && masked(address, length) == address).then_some(Self { address, length })
    }

    /// The prefix of one address: /32 or /128.
    pub const fn host(address: Address) -> Self {
        Self { address, length: address.width() }
    }

    /// The first address.
    pub const fn address(self) -> Address {
        self.address
    }

    /// How many leading bits count.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// Whether `address` lies inside; never true across families.
    #[inline]
    pub fn contains(self, address: Address) -> bool {
        masked(address, self.length) == self.address
    }
}

impl FromStr for Prefix {
    type Err = PrefixParseError;

    /// `10.0.0.2/32`, `2001:db8::/32`; the length is required.
    fn from_str(text: &str) -> Result<Self, PrefixParseError> {
        let (address, length) = text.split_once('/').ok_or(PrefixParseError)?;
        let address: Address = address.parse().map_err(|_| PrefixParseError)?;
        let length = length.parse().map_err(|_| PrefixParseError)?;
        Self::new(address, length).ok_or(PrefixParseError)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.length)
    }
}

/// The text is no prefix: no address, no length, too long, or host bits set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixParseError;

impl fmt::Display for PrefixParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not an IP prefix with zero host bits")
    }
}

impl std::error::Error for PrefixParseError {}

/// `address` with all bits below `length` cleared. A length above the width counts as the width.
#[inline]
pub(crate) fn masked(address: Address, length: u8) -> Address {
    // Shifting by the whole width is not defined: length 0 needs its own answer (CIP-703).
    match address {
        Address::V4(bits) => {
            Address::V4(bits & u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or(0))
        }
        Address::V6(bits) => {
            Address::V6(bits & u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0))
        }
    }
}

/// What an address is for, as far as forwarding is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// An ordinary host. The only class that crosses the tunnel.
    Unicast,
    /// 169.254/16, fe80::/10 (CIP-1012).
    LinkLocal,
    /// 224.0.0.0/24, ff02::/16 (CIP-1012, CIP-1013).
    LinkLocalMulticast,
    /// Every other multicast group (CIP-1014).
    Multicast,
    /// 255.255.255.255 (CIP-1014).
    Broadcast,
    /// 127/8, ::1 (CIP-1014).
    Loopback,
    /// 0.0.0.0, :: (CIP-1014).
    Unspecified,
    /// The rest of 0/8, 240/4, IPv4-mapped ::ffff:0:0/96 (CIP-1014).
    Reserved,
}

impl AddressClass {
    /// Whether an address of this class may be a source or destination across the tunnel.
    #[inline]
    pub const fn is_forwardable(self) -> bool {
        matches!(self, Self::Unicast)
    }

    /// Link-local in either form: the drop reason is `linkLocal`, otherwise `forbiddenAddress`.
    #[inline]
    pub const fn is_link_local(self) -> bool {
        matches!(self, Self::LinkLocal | Self::LinkLocalMulticast)
    }

    /// Any multicast group.
    #[inline]
    pub const fn is_multicast(self) -> bool {
        matches!(self, Self::LinkLocalMulticast | Self::Multicast)
    }
}

/// The class of `address` (CIP-1012, CIP-1014).
#[inline]
pub fn classify(address: Address) -> AddressClass {
    match address {
        Address::V4(bits) => classify_v4(bits),
        Address::V6(bits) => classify_v6(bits),
    }
}

#[inline]
fn classify_v4(bits: u32) -> AddressClass {
    match bits >> 24 {
        0 if bits == 0 => AddressClass::Unspecified,
        0 => AddressClass::Reserved,
        127 => AddressClass::Loopback,
        169 if bits >> 16 == 0xa9fe => AddressClass::LinkLocal,
        224 if bits >> 8 == 0xe0_0000 => AddressClass::LinkLocalMulticast,
        224..=239 => AddressClass::Multicast,
        240..=255 if bits == u32::MAX => AddressClass::Broadcast,
        240..=255 => AddressClass::Reserved,
        _ => AddressClass::Unicast,
    }
}

#[inline]
fn classify_v6(bits: u128) -> AddressClass {
    match (bits >> 112) as u16 {
        0 if bits == 0 => AddressClass::Unspecified,
        0 if bits == 1 => AddressClass::Loopback,
        0 if bits >> 32 == 0xffff => AddressClass::Reserved,
        0xfe80..=0xfebf => AddressClass::LinkLocal,
        0xff02 => AddressClass::LinkLocalMulticast,
        0xff00..=0xffff => AddressClass::Multicast,
        _ => AddressClass::Unicast,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AddressClass::*;

    #[test]
    fn classifies_the_edges_of_every_range_cip_1012_1014() {
        let cases = [
            ("0.0.0.0", Unspecified),
            ("0.0.0.1", Reserved),
            ("0.255.255.255", Reserved),
            ("1.0.0.0", Unicast),
            ("127.0.0.1", Loopback),
            ("127.255.255.255", Loopback),
            ("169.253.255.255", Unicast),
            ("169.254.1.1", LinkLocal),
            ("169.255.0.0", Unicast),
            ("223.255.255.255", Unicast),
            ("224.0.0.251", LinkLocalMulticast),
            ("224.0.1.0", Multicast),
            ("239.1.1.1", Multicast),
            ("240.0.0.0", Reserved),
            ("255.255.255.254", Reserved),
            ("255.255.255.255", Broadcast),
            ("::", Unspecified),
            ("::1", Loopback),
            ("::2", Unicast),
            ("::ffff:10.0.0.1", Reserved),
            ("::fffe:10.0.0.1", Unicast),
            ("2001:db8::1", Unicast),
            ("fd4d:5156:504e::1", Unicast),
            ("fe7f::1", Unicast),
            ("fe80::1", LinkLocal),
            ("febf:ffff::1", LinkLocal),
            ("fec0::1", Unicast),
            ("ff01::1", Multicast),
            ("ff02::1", LinkLocalMulticast),
            ("ff0e::1", Multicast),
        ];
        for (text, class) in cases {
            assert_eq!(classify(text.parse().expect("address")), class, "{text}");
        }
    }

    #[test]
    fn refuses_prefixes_with_host_bits_or_too_long_cip_702_703() {
        for text in ["192.0.2.11/24", "1.0.0.0/0", "::1/64", "10.0.0.0/33", "::/129", "10.0.0.1", "x/8"] {
            assert_eq!(text.parse::<Prefix>(), Err(PrefixParseError), "{text}");
        }
    }

    #[test]
    fn contains_the_right_addresses_at_every_width_cip_703() {
        let contains = |prefix: &str, address: &str| {
            let prefix: Prefix = prefix.parse().expect("prefix");
            assert_eq!(prefix.to_string().parse(), Ok(prefix));
            prefix.contains(address.parse().expect("address"))
        };
        assert!(contains("0.0.0.0/0", "255.255.255.255"));
        assert!(contains("::/0", "ffff::1"));
        assert!(!contains("::/0", "0.0.0.0"));
        assert!(contains("10.0.0.2/32", "10.0.0.2"));
        assert!(!contains("10.0.0.2/32", "10.0.0.3"));
        assert!(contains("2001:db8::2/128", "2001:db8::2"));
        assert!(!contains("2001:db8::2/127", "2001:db8::4"));
    }

    #[test]
    fn sorts_ipv4_before_ipv6_as_route_advertisements_do() {
        assert!(Address::V4(u32::MAX) < Address::V6(0));
    }
}
