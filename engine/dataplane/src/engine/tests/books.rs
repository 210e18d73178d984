//! What a snapshot says of packets while they move.

use super::allocations::counting::Tally;
use super::allocations::tunnel::{Done, Tunnel};
use crate::snapshot::{fill_totals, layout};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

const PACKETS: u64 = 20_000;

#[test]
fn no_snapshot_under_load_finds_a_packet_unaccounted_for() {
    static TALLY: LazyLock<Tally> = LazyLock::new(Tally::default);
    let mut tunnel = Tunnel::new(&TALLY);
    let crews = tunnel.crews();
    let names = layout().totals;
    let column = |name| names.iter().position(|known| known == name).expect("a column");
    let audited = ["inboundUnaccounted", "outboundUnaccounted"].map(column);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut row = vec![f64::NAN; names.len()];
            while !done.load(Relaxed) {
                for crew in &crews {
                    fill_totals(crew.iter().map(|shared| &shared.registry.totals), &mut row);
                    assert_eq!(audited.map(|at| row[at]), [0.0, 0.0]);
                }
            }
            row[column("inboundForwarded")]
        });
        let end = Done(&done);
        tunnel.carry(PACKETS);
        drop(end);
        assert!(looking.join().expect("books that balance") > 0.0);
    });
}
