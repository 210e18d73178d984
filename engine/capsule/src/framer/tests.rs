use super::*;
use proptest::prelude::*;

/// An event that owns its value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Datagram(Vec<u8>),
    Discarded(u64),
    Control(u64, Vec<u8>),
}

/// Feeds `stream` in chunks of the given sizes, repeated; the events, then how the stream ended.
fn read(stream: &[u8], sizes: &[usize]) -> (Vec<Seen>, Result<(), FramerError>) {
    let mut framer = Framer::default();
    let mut seen = Vec::new();
    let mut rest = stream;
    for size in sizes.iter().cycle() {
        let mut chunk = take(&mut rest, *size);
        loop {
            match framer.push(&mut chunk) {
                Ok(Some(Event::Datagram(value))) => seen.push(Seen::Datagram(value.to_vec())),
                Ok(Some(Event::DatagramDiscarded { length })) => {
                    seen.push(Seen::Discarded(length));
                }
                Ok(Some(Event::Control { kind, value })) => {
                    seen.push(Seen::Control(kind, value.to_vec()));
                }
                Ok(None) => break,
                Err(error) => return (seen, Err(error)),
            }
        }
        assert!(chunk.is_empty());
        if rest.is_empty() {
            break;
        }
    }
    (seen, framer.finish())
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

const A_02: &str = "01070004c000020b20";
const D_01: &str = "001f004500001e1234400040113c55c000020bc63364079c400035000a0eb56869";
const D_06: &str = "01070004c000020b20030a0400000000ffffffff00";

fn a_02() -> Seen {
    Seen::Control(1, hex("0004c000020b20"))
}

#[test]
fn reads_control_and_datagram_capsules_cip_601_606() {
    let (seen, end) = read(&hex(&(D_06.to_owned() + D_01)), &[1000]);
    let routes = Seen::Control(3, hex("0400000000ffffffff00"));
    assert_eq!(seen, [a_02(), routes, Seen::Datagram(hex(&D_01[4..]))]);
    assert_eq!(end, Ok(()));
}

#[test]
fn reads_non_minimal_type_and_length_cip_502() {
    let (seen, _) = read(&hex("400180000008400004c000020b20"), &[1000]);
    assert_eq!(seen, [Seen::Control(1, hex("400004c000020b20"))]);
}

#[test]
fn hands_out_empty_values_at_once() {
    let mut framer = Framer::default();
    let mut chunk: &[u8] = &[0x01, 0x00];
    assert_eq!(framer.push(&mut chunk), Ok(Some(Event::Control { kind: 1, value: &[] })));
    let mut chunk: &[u8] = &[0x00, 0x00]; // D-03
    assert_eq!(framer.push(&mut chunk), Ok(Some(Event::Datagram(&[]))));
}

#[test]
fn skips_unknown_and_grease_types_cip_602() {
    let d_04 = hex("1704deadbeef01070004c000020b20");
    assert_eq!(read(&d_04, &[1000]), (vec![a_02()], Ok(())));
    let d_05 = hex("c000290000000017000300");
    assert_eq!(read(&d_05, &[1000]), (vec![Seen::Control(3, vec![])], Ok(())));
    let e_01 = hex(&("a74c0fbc0d600064ff9b0000000000000000".to_owned() + A_02));
    assert_eq!(read(&e_01, &[1000]), (vec![a_02()], Ok(())));
}

#[test]
fn hands_out_dns_assign_cip_1701() {
    let empty = hex("9ace79ec00");
    assert_eq!(read(&empty, &[1]), (vec![Seen::Control(0x1ace_79ec, vec![])], Ok(())));
    let too_large = hex("9ace79ec80011170");
    let error = FramerError::TooLarge { kind: 0x1ace_79ec, length: 70_000 };
    assert_eq!(read(&too_large, &[1000]).1, Err(error));
}

#[test]
fn skips_any_announced_length_without_keeping_bytes_cip_603() {
    let mut framer = Framer::default();
    let mut header: &[u8] = &hex("17ffffffffffffffff");
    assert_eq!(framer.push(&mut header), Ok(None));
    let body = vec![0; 64 * 1024];
    for _ in 0..1024 {
        assert_eq!(framer.push(&mut &body[..]), Ok(None));
    }
    assert_eq!(framer.buffer.capacity(), 0);
    assert_eq!(framer.finish(), Err(FramerError::Truncated));
}

#[test]
fn holds_no_more_than_it_received_cip_603() {
    let mut framer = Framer::default();
    assert_eq!(framer.push(&mut &hex("018001000000")[..]), Ok(None)); // ADDRESS_ASSIGN, 65536 bytes
    assert!(framer.buffer.capacity() < 64);
}

#[test]
fn gives_a_large_buffer_back() {
    let mut framer = Framer::default();
    let mut capsule = Vec::new();
    encode(3, &[0; 40_000], &mut capsule);
    let (head, mut tail) = capsule.split_at(100);
    assert_eq!(framer.push(&mut &head[..]), Ok(None));
    assert!(matches!(framer.push(&mut tail), Ok(Some(Event::Control { kind: 3, .. }))));
    assert_eq!(framer.push(&mut tail), Ok(None));
    assert!(framer.buffer.capacity() <= KEPT_CAPACITY);
}

#[test]
fn refuses_fin_inside_a_capsule_and_accepts_it_between_two_cip_605() {
    for cut in ["010a0004c000020b20", "40", "0140", "1704dead", "00"] {
        assert_eq!(read(&hex(cut), &[1000]), (vec![], Err(FramerError::Truncated)), "{cut}");
    }
    assert_eq!(read(&hex(A_02), &[1000]), (vec![a_02()], Ok(())));
    assert_eq!(read(&hex(A_02), &[1]), (vec![a_02()], Ok(())));
    assert_eq!(Framer::default().finish(), Ok(()));

    let mut framer = Framer::default();
    assert_eq!(framer.push(&mut &hex(A_02)[..4]), Ok(None));
    assert!(matches!(framer.push(&mut &hex(A_02)[4..]), Ok(Some(_))));
    assert_eq!(framer.finish(), Ok(()));
}

#[test]
fn waits_on_every_strict_prefix_cip_1607() {
    for stream in [D_01, D_06, "1704deadbeef01070004c000020b20", "0300"] {
        let stream = hex(stream);
        for cut in 0..stream.len() {
            let mut framer = Framer::default();
            let mut chunk = &stream[..cut];
            while framer.push(&mut chunk).expect("no error").is_some() {}
        }
    }
}

#[test]
fn discards_a_datagram_larger_than_any_packet_unread_cip_607() {
    let mut stream = hex("00800186a0"); // DATAGRAM, 100000 bytes
    stream.extend(vec![0; 100_000]);
    stream.extend(hex(A_02));
    assert_eq!(read(&stream, &[1400]), (vec![Seen::Discarded(100_000), a_02()], Ok(())));

    let mut largest = Vec::new();
    encode(DATAGRAM, &vec![7; MAX_DATAGRAM as usize], &mut largest);
    let (seen, _) = read(&largest, &[1400]);
    assert_eq!(seen, [Seen::Datagram(vec![7; MAX_DATAGRAM as usize])]);
}

#[test]
fn refuses_a_control_capsule_above_the_limit_and_keeps_refusing_cip_608() {
    let mut framer = Framer::default();
    let chunk = hex("0380011170"); // ROUTE_ADVERTISEMENT of 70000 bytes
    let error = FramerError::TooLarge { kind: 3, length: 70_000 };
    assert_eq!(framer.push(&mut &chunk[..]), Err(error));
    assert_eq!(framer.push(&mut &hex(A_02)[..]), Err(error));
    assert_eq!(framer.finish(), Err(error));

    let mut allowed = Vec::new();
    encode(3, &vec![0; DEFAULT_MAX_CONTROL], &mut allowed);
    assert_eq!(read(&allowed, &[4096]).1, Ok(()));
}

fn any_capsule() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![0..=4_u64, 0..=varint::MAX];
    let value = prop_oneof![
        9 => prop::collection::vec(any::<u8>(), 0..80),
        1 => prop::collection::vec(any::<u8>(), 65_500..65_700),
    ];
    (kind, value).prop_map(|(kind, value)| {
        let mut out = Vec::new();
        encode(kind, &value, &mut out);
        out
    })
}

proptest! {
    #[test]
    fn chunk_boundaries_carry_no_meaning_cip_601(
        capsules in prop::collection::vec(any_capsule(), 0..6),
        cut in 0..40_usize,
        sizes in prop::collection::vec(1..200_usize, 1..8),
    ) {
        let mut stream = capsules.concat();
        stream.truncate(stream.len() - cut.min(stream.len()));
        let whole = read(&stream, &[usize::MAX]);
        prop_assert_eq!(&read(&stream, &sizes), &whole);
        prop_assert_eq!(&read(&stream, &[1]), &whole);
    }

    #[test]
    fn garbage_never_panics(stream: Vec<u8>, size in 1..9_usize) {
        let whole = read(&stream, &[usize::MAX]);
        prop_assert_eq!(read(&stream, &[size]), whole);
    }
}
