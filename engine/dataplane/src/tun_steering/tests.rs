//! The program, run by the kernel on packets made up here (BPF_PROG_TEST_RUN). Where the kernel refuses it to
//! whoever runs the tests, they say that this is what happens.

use super::*;
use crate::claims::Claims;
use std::net::IpAddr;

const PROG_TEST_RUN: c_int = 10;
/// The kernel takes what it is given for a frame of Ethernet, and off before the program runs.
const ETHERNET_HEADER: usize = 14;

/// The members of `union bpf_attr` for PROG_TEST_RUN.
#[repr(C)]
struct RunAttributes {
    program: u32,
    returned: u32,
    data_size_in: u32,
    data_size_out: u32,
    data_in: u64,
    data_out: u64,
    repeat: u32,
    duration: u32,
}

/// A table and its program; `None` where this process may not have them.
fn loaded(most_entries: u32) -> Option<(TunSteering, OwnedFd)> {
    let made = TunSteering::with_room(most_entries).and_then(|steering| {
        let program = steering.load()?;
        Ok((steering, program))
    });
    if let Err(e) = &made {
        assert_eq!(e.raw_os_error(), Some(libc::EPERM), "{e}");
    }
    made.ok()
}

/// What the program returns for a packet to `destination`.
fn queue_of(program: &OwnedFd, destination: &str) -> u32 {
    let mut packet = match destination.parse().expect("address") {
        IpAddr::V4(to) => [&[0x45; 16][..], &to.octets()].concat(),
        IpAddr::V6(to) => [&[0x60; 24][..], &to.octets()].concat(),
    };
    packet.resize(64, 0xaa);
    run(program, &packet)
}

fn run(program: &OwnedFd, packet: &[u8]) -> u32 {
    let frame = [&[0; ETHERNET_HEADER][..], packet].concat();
    let mut attributes = RunAttributes {
        program: program.as_raw_fd() as u32,
        returned: 0,
        data_size_in: frame.len() as u32,
        data_size_out: 0,
        data_in: frame.as_ptr().expose_provenance() as u64,
        data_out: 0,
        repeat: 1,
        duration: 0,
    };
    // SAFETY: the frame, as long as it says, lives through the call.
    unsafe { bpf(PROG_TEST_RUN, &mut attributes) }.expect("a run");
    attributes.returned
}

fn prefix(text: &str) -> Prefix {
    text.parse().expect("prefix")
}

#[test]
fn a_packet_goes_to_the_queue_of_the_longest_prefix_and_back_when_that_is_gone() {
    let Some((steering, program)) = loaded(16) else { return };
    for (prefix_text, queue) in [
        ("10.0.0.0/8", 3),
        ("10.1.0.0/16", 4),
        ("10.1.2.3/32", 5),
        ("2001:db8::/32", 6),
        ("2001:db8::1/128", 7),
    ] {
        steering.set(prefix(prefix_text), queue).expect("room");
    }
    let queues = |to: [&str; 5]| to.map(|to| queue_of(&program, to));
    let destinations = ["10.9.9.9", "10.1.2.4", "10.1.2.3", "2001:db8:0:1::9", "2001:db8::1"];
    assert_eq!(queues(destinations), [3, 4, 5, 6, 7]);
    steering.set(prefix("10.1.2.3/32"), 9).expect("the same again");
    steering.remove(prefix("10.1.0.0/16")).expect("removed");
    steering.remove(prefix("2001:db8::1/128")).expect("removed");
    assert_eq!(queues(destinations), [3, 3, 9, 6, 6]);
}

#[test]
fn unknown_destinations_are_spread_and_what_is_no_packet_does_no_harm() {
    let Some((steering, program)) = loaded(16) else { return };
    steering.set(prefix("10.0.0.0/8"), 9).expect("room");
    for (to, queue) in [("192.0.2.7", 7), ("192.0.2.200", 200), ("2001:db8::42", 0x42), ("10.0.0.1", 9)] {
        assert_eq!(queue_of(&program, to), queue, "{to}");
    }
    assert_eq!([run(&program, &[0x45; 17]), run(&program, &[0x60; 30])], [0, 0]);
}

#[test]
fn a_full_table_keeps_what_it_has_and_takes_more_when_there_is_room() {
    let Some((steering, program)) = loaded(2) else { return };
    let [wide, one, other] = ["10.0.0.0/8", "10.0.0.1/32", "10.0.0.2/32"].map(prefix);
    steering.set(wide, 20).expect("room");
    steering.set(one, 21).expect("room");
    let full = steering.set(other, 22).expect_err("full");
    assert_eq!(full.raw_os_error(), Some(libc::ENOSPC));
    assert_eq!(["10.0.0.1", "10.0.0.2"].map(|to| queue_of(&program, to)), [21, 20]);
    steering.remove(other).expect("nothing to remove");
    steering.remove(one).expect("removed");
    steering.set(other, 22).expect("room");
    assert_eq!(["10.0.0.1", "10.0.0.2"].map(|to| queue_of(&program, to)), [20, 22]);
}

#[test]
fn the_table_follows_the_claims() {
    let Some((steering, program)) = loaded(3) else { return };
    let claims = Claims::new(2);
    // Odd sessions are the second worker's.
    let claim = |session, prefixes: &[&str]| {
        let prefixes: Vec<_> = prefixes.iter().map(|text| (prefix(text), false)).collect();
        claims.replace(session, &prefixes, None, || true).expect("claim");
    };
    let failures = || claims.read(|state| state.steering_failures());
    let queues = || ["10.0.0.8", "10.0.0.9"].map(|to| queue_of(&program, to));
    claim(3, &["10.0.0.0/8"]);
    assert_eq!(queues(), [8, 9]);
    claims.steer(Some(steering));
    assert_eq!(queues(), [1, 1]);
    claim(4, &["10.0.0.8/32", "2001:db8::/64"]);
    assert_eq!(queues(), [0, 1]);
    // Another session takes the address; that the first one ends means nothing then.
    claim(5, &["10.0.0.8/32"]);
    claims.release(4);
    assert_eq!((queues(), queue_of(&program, "2001:db8::7")), ([1, 1], 7));
    claim(6, &["10.0.0.8/32"]);
    claim(6, &["10.0.0.9/32"]);
    assert_eq!((queues(), failures()), ([1, 0], 0));
    // There is no room for the last of these, whichever that is.
    claim(8, &["192.0.2.0/24", "198.51.100.0/24"]);
    assert_eq!((queues(), failures()), ([1, 0], 1));
    for session in [3, 6, 8] {
        claims.release(session);
    }
    assert_eq!((queues(), failures()), ([8, 9], 1));
    claim(10, &["10.0.0.8/32"]);
    claims.steer(None);
    claim(11, &["10.0.0.9/32"]);
    assert_eq!(queues(), [0, 9]);
}

#[test]
fn without_capabilities_there_is_no_table() {
    // Of this thread alone: the library's call would change no others either, but does not exist.
    let without = std::thread::spawn(|| {
        let header: [u32; 2] = [0x2008_0522, 0];
        let none = [[0u32; 3]; 2];
        // SAFETY: a header of version 3, this thread's, and two sets of three words, as that version has.
        let dropped = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
        assert_eq!(dropped, 0);
        TunSteering::with_room(16).err().and_then(|e| e.raw_os_error())
    });
    assert_eq!(without.join().expect("no panic"), Some(libc::EPERM));
}
