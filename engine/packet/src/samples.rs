//! TCP and UDP packets for tests, built field by field and independent of the code under test.

use crate::protocol::{TCP, UDP};
use crate::vnet::{self, VnetHeader};

/// The fields of a packet; [`Sample::packet`] makes its bytes with right checksums.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) v6: bool,
    pub(crate) tcp: bool,
    pub(crate) traffic_class: u8,
    pub(crate) ttl: u8,
    pub(crate) id: u16,
    pub(crate) dont_fragment: bool,
    /// IPv4 options, a multiple of four bytes.
    pub(crate) ip_options: Vec<u8>,
    pub(crate) ports: [u16; 2],
    pub(crate) sequence: u32,
    pub(crate) acknowledgement: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    /// TCP options, a multiple of four bytes.
    pub(crate) options: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

impl Sample {
    pub(crate) fn tcp_v4() -> Self {
        Self {
            v6: false,
            tcp: true,
            traffic_class: 0,
            ttl: 64,
            id: 100,
            dont_fragment: true,
            ip_options: vec![],
            ports: [40_000, 443],
            sequence: 1000,
            acknowledgement: 77,
            flags: 0x10,
            window: 500,
            options: vec![],
            payload: b"payload".to_vec(),
        }
    }

    pub(crate) fn tcp_v6() -> Self {
        Self { v6: true, ..Self::tcp_v4() }
    }

    pub(crate) fn udp_v4() -> Self {
        Self { tcp: false, ..Self::tcp_v4() }
    }

    pub(crate) fn udp_v6() -> Self {
        Self { tcp: false, ..Self::tcp_v6() }
    }

    pub(crate) fn upper_offset(&self) -> usize {
        if self.v6 { 40 } else { 20 + self.ip_options.len() }
    }

    pub(crate) fn header_length(&self) -> usize {
        self.upper_offset() + if self.tcp { 20 + self.options.len() } else { 8 }
    }

    pub(crate) fn packet(&self) -> Vec<u8> {
        let upper = if self.tcp { self.tcp_header() } else { self.udp_header() };
        let mut packet = self.ip_header(upper.len() + self.payload.len());
        packet.extend(upper);
        packet.extend(&self.payload);
        complete_checksum(&mut packet);
        packet
    }

    /// The same with two bytes of payload that make the TCP or UDP checksum zero.
    pub(crate) fn with_zero_sum(self) -> Self {
        let blank = Self { payload: vec![0, 0], ..self };
        let packet = blank.packet();
        let field = blank.upper_offset() + if blank.tcp { 16 } else { 6 };
        Self { payload: packet[field..field + 2].to_vec(), ..blank }
    }

    /// The packet as the kernel hands it over with its checksum unfinished, and where that is.
    pub(crate) fn partial_frame(&self) -> (Vec<u8>, usize) {
        let mut packet = self.packet();
        let start = self.upper_offset();
        let offset = if self.tcp { 16 } else { 6 };
        let pseudo = pseudo_header(&packet, start);
        packet[start + offset..start + offset + 2].copy_from_slice(&add(0, &pseudo).to_be_bytes());
        let header = VnetHeader {
            flags: vnet::NEEDS_CSUM,
            checksum_start: start as u16,
            checksum_offset: offset as u16,
            ..VnetHeader::default()
        };
        ([&header.to_bytes()[..], &packet].concat(), start + offset)
    }

    fn ip_header(&self, upper_length: usize) -> Vec<u8> {
        let protocol = if self.tcp { TCP } else { UDP };
        let mut header = Vec::new();
        if self.v6 {
            header.extend([0x60 | self.traffic_class >> 4, self.traffic_class << 4, 0, 0]);
            header.extend((upper_length as u16).to_be_bytes());
            header.extend([protocol, self.ttl]);
            header.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
            header.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        } else {
            let length = 20 + self.ip_options.len();
            header.extend([0x40 | (length / 4) as u8, self.traffic_class]);
            header.extend(((length + upper_length) as u16).to_be_bytes());
            header.extend(self.id.to_be_bytes());
            header.extend([if self.dont_fragment { 0x40 } else { 0 }, 0]);
            header.extend([self.ttl, protocol, 0, 0, 192, 0, 2, 11, 198, 51, 100, 7]);
            header.extend(&self.ip_options);
        }
        header
    }

    fn tcp_header(&self) -> Vec<u8> {
        let mut header = Vec::new();
        header.extend(self.ports.iter().flat_map(|port| port.to_be_bytes()));
        header.extend(self.sequence.to_be_bytes());
        header.extend(self.acknowledgement.to_be_bytes());
        header.extend([(((20 + self.options.len()) / 4) << 4) as u8, self.flags]);
        header.extend(self.window.to_be_bytes());
        header.extend([0; 4]);
        header.extend(&self.options);
        header
    }

    fn udp_header(&self) -> Vec<u8> {
        let mut header = Vec::new();
        header.extend(self.ports.iter().flat_map(|port| port.to_be_bytes()));
        header.extend((8 + self.payload.len() as u16).to_be_bytes());
        header.extend([0; 2]);
        header
    }
}

/// Where the TCP or UDP header begins, for packets without extension headers.
fn upper_offset(packet: &[u8]) -> usize {
    if packet[0] >> 4 == 6 { 40 } else { usize::from(packet[0] & 0x0f) * 4 }
}

/// Sets IPv4, TCP and UDP checksums right.
pub(crate) fn complete_checksum(packet: &mut [u8]) {
    let start = upper_offset(packet);
    let protocol = if packet[0] >> 4 == 6 { packet[6] } else { packet[9] };
    let field = start + if protocol == TCP { 16 } else { 6 };
    packet[field..field + 2].fill(0);
    let mut sum = !add(add(0, &pseudo_header(packet, start)), &packet[start..]);
    if protocol == UDP && sum == 0 {
        sum = 0xffff;
    }
    packet[field..field + 2].copy_from_slice(&sum.to_be_bytes());
    if start != 40 {
        packet[10..12].fill(0);
        let sum = !add(0, &packet[..start]);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
    }
}

/// Whether the packet's own idea of its length and all its checksums are right.
pub(crate) fn is_intact(packet: &[u8]) -> bool {
    let mut again = packet.to_vec();
    complete_checksum(&mut again);
    again == packet && crate::parse(packet).is_ok()
}

fn pseudo_header(packet: &[u8], start: usize) -> Vec<u8> {
    let (addresses, protocol) =
        if packet[0] >> 4 == 6 { (&packet[8..40], packet[6]) } else { (&packet[12..20], packet[9]) };
    let length = (packet.len() - start) as u32;
    [addresses, &length.to_be_bytes(), &[0, 0, 0, protocol]].concat()
}

/// The checksum's definition: big-endian words, one by one.
fn add(start: u16, bytes: &[u8]) -> u16 {
    bytes.chunks(2).fold(start, |sum, pair| {
        let word = u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]);
        let (sum, carry) = sum.overflowing_add(word);
        sum + u16::from(carry)
    })
}
