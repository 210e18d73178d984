use super::*;

const SIZE: usize = 1000;

fn packet(name: u8) -> Bytes {
    Bytes::from(vec![name; SIZE])
}

fn patience() -> Patience {
    Patience::for_rtt(Duration::from_millis(20))
}

fn pop(queue: &mut Queue, now: Instant) -> Option<u8> {
    queue.pop(now, &patience(), &mut 0).and_then(|(datagram, _)| datagram.first().copied())
}

#[test]
fn flows_take_turns_by_bytes() {
    let (mut queue, now) = (Queue::default(), Instant::now());
    for flow in [1, 2] {
        for _ in 0..100 {
            queue.push(flow, packet(flow as u8), now);
        }
    }
    let turn = TURN.div_ceil(SIZE);
    let order: Vec<_> = (0..3 * turn).filter_map(|_| pop(&mut queue, now)).collect();
    let expected = [vec![1; turn], vec![2; turn], vec![1; turn]].concat();
    assert_eq!(order, expected);
}

#[test]
fn a_flow_that_just_began_goes_first_and_not_for_ever() {
    let (mut queue, now) = (Queue::default(), Instant::now());
    for _ in 0..200 {
        queue.push(1, packet(1), now);
    }
    for _ in 0..TURN.div_ceil(SIZE) + 1 {
        pop(&mut queue, now);
    }
    queue.push(2, packet(2), now);
    assert_eq!(pop(&mut queue, now), Some(2));
    assert_eq!(pop(&mut queue, now), Some(1));
    queue.push(2, packet(2), now);
    assert_eq!(pop(&mut queue, now), Some(1), "it waits for its turn now");
}

#[test]
fn the_longest_flow_pays_for_a_full_queue() {
    let (mut queue, now) = (Queue::default(), Instant::now());
    queue.push(2, packet(2), now);
    let crowded: u64 = (0..BYTES / SIZE + 9).map(|_| queue.push(1, packet(1), now)).sum();
    assert_eq!(crowded as usize, BYTES / SIZE + 10 - queue.len());
    assert!(crowded > 0 && queue.bytes() <= BYTES);
    assert_eq!(pop(&mut queue, now), Some(2));
    while pop(&mut queue, now).is_some() {}
    assert_eq!((queue.len(), queue.bytes()), (0, 0));
}

#[test]
fn much_may_wait_while_it_is_new_but_not_what_is_old() {
    let (mut queue, start) = (Queue::default(), Instant::now());
    let many = 2 * OLD_BYTES / SIZE;
    assert_eq!((0..many).map(|_| queue.push(1, packet(1), start)).sum::<u64>(), 0);
    let later = start + FRESH;
    assert_eq!(queue.push(1, packet(1), later), 0);
    let crowded = queue.push(1, packet(1), later + Duration::from_millis(1));
    assert_eq!(crowded as usize, many + 2 - OLD_BYTES / SIZE);
    assert!(queue.bytes() <= OLD_BYTES);
}

#[test]
fn more_flows_than_it_tells_apart_share() {
    let (mut queue, now) = (Queue::default(), Instant::now());
    for flow in 0..10 * FLOWS as u32 {
        queue.push(flow, packet(1), now);
    }
    assert_eq!((queue.flows.len(), queue.len()), (FLOWS, 10 * FLOWS));
    while pop(&mut queue, now).is_some() {}
    assert!(queue.is_empty());
}

#[test]
fn packets_that_wait_too_long_expire_cip_1210() {
    let (mut queue, start) = (Queue::default(), Instant::now());
    queue.push(1, packet(1), start);
    queue.push(1, packet(2), start + patience().longest);
    let late = start + patience().longest + Duration::from_millis(1);
    let mut expired = 0;
    let taken = queue.pop(late, &patience(), &mut expired).map(|(datagram, _)| datagram);
    assert_eq!((taken, expired, queue.bytes()), (Some(packet(2)), 1, 0));
}

#[test]
fn a_standing_queue_loses_packets_and_a_short_one_does_not() {
    // One packet a millisecond in and out, after `depth` at once.
    let run = |depth: u32| {
        let (mut queue, mut now, mut expired) = (Queue::default(), Instant::now(), 0);
        for _ in 0..depth {
            queue.push(1, packet(1), now);
        }
        for _ in 0..10_000 {
            now += Duration::from_millis(1);
            queue.push(1, packet(1), now);
            queue.pop(now, &patience(), &mut expired);
        }
        expired
    };
    let milliseconds = patience().target.as_millis() as u32;
    assert_eq!(run(milliseconds - 2), 0);
    assert!(run(milliseconds + 20) >= 20);
}

#[test]
fn asks_its_reader_to_wait_only_while_it_moves() {
    let (mut queue, now) = (Queue::default(), Instant::now());
    (0..BYTES / SIZE).for_each(|_| assert_eq!(queue.push(1, packet(1), now), 0));
    pop(&mut queue, now);
    assert!(queue.asks_to_wait());
    pop(&mut queue, now + SHORT_WAIT);
    assert!(!queue.asks_to_wait());
}

#[test]
fn what_quic_would_not_take_comes_first_again() {
    let (mut queue, now) = (Queue::default(), Instant::now());
    queue.push(1, packet(1), now);
    queue.push(1, packet(2), now);
    let (datagram, arrived) = queue.pop(now, &patience(), &mut 0).expect("a packet");
    queue.unpop(datagram, arrived);
    assert_eq!((queue.len(), queue.bytes()), (2, 2 * SIZE));
    assert_eq!([pop(&mut queue, now), pop(&mut queue, now)], [Some(1), Some(2)]);
    assert_eq!((queue.len(), queue.bytes()), (0, 0));
}
