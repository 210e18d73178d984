//! A link between two network namespaces, for kernels without netem: one TUN device in each, one thread between
//! them. Packets travel singly (no GSO, no GRO), so that the emulated link sees what a real one would.
//!
//! `lane` is what happens to packets, without I/O; `loss`, `rate` and `random` are its parts; `tun` the devices.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

mod lane;
mod loss;
mod options;
mod random;
mod rate;
mod tun;

use lane::Lane;
use options::{Options, USAGE};
use tun::Tun;

/// Packets read from one device before the other has its turn.
const TURN: usize = 64;
/// Packets leave in batches of this much time: a wake-up for each would cost more than the packet.
const BATCH_NS: u64 = 50_000;
const LONGEST_WAIT_NS: u64 = 100_000_000;

static STOPPED: AtomicBool = AtomicBool::new(false);

extern "C" fn stop(_signal: libc::c_int) {
    STOPPED.store(true, Ordering::Relaxed);
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options = match Options::parse(&arguments) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("wire: {problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    for signal in [libc::SIGTERM, libc::SIGINT] {
        // SAFETY: the handler only stores into an atomic.
        unsafe { libc::signal(signal, stop as *const () as libc::sighandler_t) };
    }
    let [a, b] = &options.namespaces;
    match (Tun::open(a, &options.device), Tun::open(b, &options.device)) {
        (Ok(a), Ok(b)) => {
            let mut lanes = options.lanes().map(Lane::new);
            println!("ready");
            carry(&mut lanes, &[a, b]);
            for (lane, direction) in lanes.iter().zip(["a>b", "b>a"]) {
                report(lane, direction);
            }
            ExitCode::SUCCESS
        }
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("wire: {}: {error}", options.device);
            ExitCode::FAILURE
        }
    }
}

/// Lane 0 goes from the first device to the second, lane 1 back.
fn carry(lanes: &mut [Lane; 2], devices: &[Tun; 2]) {
    let mut buffer = vec![0; 65_536];
    while !STOPPED.load(Ordering::Relaxed) {
        let mut busy = false;
        for (index, lane) in lanes.iter_mut().enumerate() {
            let now = now_ns();
            for _ in 0..TURN {
                let Some(count) = devices[index].read(&mut buffer) else {
                    break;
                };
                lane.offer(now, &buffer[..count]);
                busy = true;
            }
            while let Some(packet) = lane.take_due(now) {
                devices[1 - index].write(&packet);
                lane.recycle(packet);
            }
        }
        if !busy {
            wait(lanes, devices);
        }
    }
}

fn wait(lanes: &[Lane; 2], devices: &[Tun; 2]) {
    let due = lanes.iter().filter_map(Lane::next_due).min();
    let wait_ns =
        due.map_or(LONGEST_WAIT_NS, |due| due.saturating_sub(now_ns())).clamp(BATCH_NS, LONGEST_WAIT_NS);
    let timeout = libc::timespec { tv_sec: 0, tv_nsec: wait_ns as libc::c_long };
    let mut entries = [devices[0].poll_entry(), devices[1].poll_entry()];
    // SAFETY: the entries and the timeout outlive the call.
    unsafe { libc::ppoll(entries.as_mut_ptr(), 2, &timeout, std::ptr::null()) };
}

fn now_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is valid and writable.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn report(lane: &Lane, direction: &str) {
    let counters = &lane.counters;
    let accepted = (counters.packets).max(1) as f64;
    println!(
        "{{\"direction\":\"{direction}\",\"packets\":{},\"bytes\":{},\"lost\":{},\"queueDrops\":{},\"reordered\":{},\"queueMsMean\":{:.2},\"queueMsMax\":{:.2},\"lateMsMax\":{:.2}}}",
        counters.packets,
        counters.bytes,
        counters.lost,
        counters.queue_drops,
        counters.reordered,
        counters.queue_ns_total as f64 / 1e6 / accepted,
        counters.queue_ns_max as f64 / 1e6,
        counters.late_ns_max as f64 / 1e6,
    );
}
