//! What the controller does to flows in a tunnel and beside it. Time is simulated and chance is seeded, so the
//! figures are the same on every machine.

mod flow;
mod world;

use flow::{Flow, Kind};
use world::{Happening, Simulation};

/// Bytes of a packet.
const PACKET: f64 = 1400.0;

/// The bottleneck: megabits per second, several follow each other; seconds, bandwidth-delay products, shares.
#[derive(Clone, Copy, Debug)]
struct Path {
    megabits: &'static [f64],
    rtt: f64,
    queue: f64,
    loss: f64,
    burst: u32,
    reordered: f64,
}

const STEADY: Path = Path { megabits: &[100.0], rtt: 0.02, queue: 1.0, loss: 0.0, burst: 1, reordered: 0.0 };
const BLAST: Kind = Kind::Blast { megabits: 300.0 };

struct Outcome {
    /// Megabits per second.
    tunnel: f64,
    plain: f64,
    /// Over the round-trip time of the empty path.
    ping_median: f64,
    ping_p99: f64,
    pings_lost: usize,
}

/// A source, whether it is inside, and its first second.
type Source = (Kind, bool, f64);

/// Runs the sources; what is before `from` does not count.
fn simulate(path: Path, sources: &[Source], from: f64, seconds: f64, seed: u64) -> Outcome {
    let flows = sources.iter().map(|(kind, in_tunnel, _)| Flow::new(*kind, *in_tunnel)).collect();
    let mut simulation = Simulation::new(path, seed, flows);
    simulation.plan(0.0, Happening::Ping);
    for (index, (_, _, begin)) in sources.iter().enumerate() {
        let begin = begin + 0.003 * index as f64 + 0.01 * seed as f64;
        simulation.plan(begin, Happening::Send(index));
        simulation.plan(begin + 0.3, Happening::TimeOut(index));
    }
    simulation.run(from);
    let before = (simulation.arrived(true), simulation.arrived(false));
    simulation.pings.clear();
    simulation.pings_sent = 0;
    simulation.run(from + seconds);
    let megabits = 8e-6 / seconds;
    simulation.pings.sort_by(f64::total_cmp);
    let last = simulation.pings.len() - 1;
    let quantile = |share: f64| simulation.pings[(last as f64 * share) as usize] / path.rtt;
    Outcome {
        tunnel: (simulation.arrived(true) - before.0) * megabits,
        plain: (simulation.arrived(false) - before.1) * megabits,
        ping_median: quantile(0.5),
        ping_p99: quantile(0.99),
        pings_lost: simulation.pings_sent.saturating_sub(simulation.pings.len()),
    }
}

fn eight(in_tunnel: bool) -> Vec<Source> {
    (0..8).map(|index| (Kind::Cubic, in_tunnel, 1.0 + 0.05 * f64::from(index))).collect()
}

/// Of what eight flows get without a tunnel: the median of five seeds.
fn goodput(path: Path) -> f64 {
    let mut ratios: Vec<f64> = (1..=5)
        .map(|seed| {
            let tunnel = simulate(path, &eight(true), 1.0, 6.0, seed).tunnel;
            tunnel / simulate(path, &eight(false), 1.0, 6.0, seed + 10).plain
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[2]
}

#[test]
fn random_loss_costs_the_flows_inside_what_it_costs_them_outside() {
    for (rtt, loss, burst, goal) in [
        (0.02, 0.0, 1, 0.92),
        (0.02, 0.001, 1, 0.92),
        (0.02, 0.01, 1, 0.88),
        (0.02, 0.01, 5, 0.88),
        (0.1, 0.0, 1, 0.92),
        (0.1, 0.001, 1, 0.92),
    ] {
        let path = Path { rtt, loss, burst, ..STEADY };
        let ratio = goodput(path);
        assert!(ratio >= goal, "{path:?}: {ratio:.3}");
    }
}

#[test]
fn follows_a_rate_that_changes_twice_a_second() {
    for (queue, loss) in [(1.0, 0.0), (4.0, 0.0), (1.0, 0.001)] {
        let path = Path { megabits: &[100.0, 20.0, 50.0], queue, loss, ..STEADY };
        let ratio = goodput(path);
        assert!(ratio >= 0.9, "{path:?}: {ratio:.3}");
    }
}

#[test]
fn takes_reordering_for_no_congestion() {
    let ratio = goodput(Path { reordered: 0.01, ..STEADY });
    assert!(ratio >= 0.92, "{ratio:.3}");
}

#[test]
fn a_flow_that_joins_gets_its_share() {
    for queue in [1.0, 4.0] {
        for inside in [Kind::Cubic, BLAST] {
            let path = Path { queue, ..STEADY };
            let mut shares: Vec<f64> = (1..=5)
                .map(|seed| {
                    let sources = [(inside, true, 1.0), (Kind::Cubic, false, 2.0)];
                    let outcome = simulate(path, &sources, 2.0, 10.0, seed);
                    outcome.plain / (outcome.plain + outcome.tunnel)
                })
                .collect();
            shares.sort_by(f64::total_cmp);
            assert!((0.35..=0.65).contains(&shares[2]), "{path:?} {inside:?}: {shares:.2?}");
        }
    }
}

#[test]
fn a_flood_that_joins_a_flow_neither_starves_nor_starves_it() {
    for queue in [1.0, 4.0] {
        let path = Path { queue, ..STEADY };
        let sources = [(Kind::Cubic, false, 1.0), (BLAST, true, 2.5)];
        let outcome = simulate(path, &sources, 2.5, 10.0, 1);
        let share = outcome.plain / (outcome.plain + outcome.tunnel);
        assert!((0.3..=0.7).contains(&share), "{path:?}: {share:.2}");
    }
}

#[test]
fn pings_pass_a_loaded_tunnel_quickly() {
    for rtt in [0.02, 0.1] {
        let path = Path { rtt, queue: 4.0, ..STEADY };
        let outcome = simulate(path, &eight(true), 3.5, 5.0, 1);
        assert!(outcome.ping_median <= 1.5, "{path:?}: median {:.2}", outcome.ping_median);
        assert!(outcome.ping_p99 <= 2.5, "{path:?}: p99 {:.2}", outcome.ping_p99);
        // The last ones are still under way.
        assert!(outcome.pings_lost <= 12, "{path:?}: {} lost", outcome.pings_lost);
    }
}
