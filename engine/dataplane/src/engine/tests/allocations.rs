//! Memory that the packet path asks for once it is warm.

pub(super) mod counting;
pub(super) mod tunnel;

use counting::{Site, Tally};
use std::sync::LazyLock;
use tunnel::Tunnel;

/// Packets before counting begins: queues and buffers have found their size, the path its MTU.
const WARM_UP: u64 = 20_000;
const PACKETS: u64 = 50_000;

/// Allocations of ours for each thousand packets, both ends together. A queue that holds more than usual may
/// make one take a new piece of memory, which serves hundreds of packets.
const FEW: f64 = 2.0;

fn per_thousand<'a>(sites: impl IntoIterator<Item = &'a Site>) -> f64 {
    sites.into_iter().map(|site| site.count).sum::<u64>() as f64 * 1000.0 / PACKETS as f64
}

fn is_ours(site: &&Site) -> bool {
    site.owner.starts_with("masque_")
}

#[test]
fn a_packet_takes_no_memory_of_ours() {
    static TALLY: LazyLock<Tally> = LazyLock::new(Tally::default);
    let mut tunnel = Tunnel::new(&TALLY);
    tunnel.carry(WARM_UP);
    TALLY.enable(true);
    tunnel.carry(PACKETS);
    TALLY.enable(false);
    let sites = TALLY.sites();
    let mut list = String::new();
    for site in &sites {
        list += &format!("{:9.2} {} {}\n", per_thousand([site]), site.owner, site.place);
    }
    // What is seen proves that counting works: QUIC takes memory for what is under way.
    println!("for each thousand packets:\n{list}");
    assert!(sites.iter().any(|site| !is_ours(&site)), "{list}");
    assert!(per_thousand(sites.iter().filter(is_ours)) < FEW, "{list}");
}
