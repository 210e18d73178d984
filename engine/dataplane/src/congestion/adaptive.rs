//! The controller proper; what it is for stands in the module above.

use super::alone::Alone;
use super::delivery::Delivery;
use super::path::Path;
use super::round::Round;
use super::sharing::{Finding, Sharing};
use super::startup::{Progress, STARTUP_GAIN, Startup};
use crate::counters::CongestionMode;
use std::time::Instant;

/// Packets in flight before anything is known. Less makes the slow start of flows inside end early.
const INITIAL_PACKETS: f64 = 64.0;
/// Packets that may always be in flight.
const LEAST_PACKETS: f64 = 4.0;

#[derive(Clone)]
enum Mode {
    Startup(Startup),
    Alone(Alone),
    Sharing(Sharing),
}

/// See the module. Bytes, seconds, bytes per second.
#[derive(Clone)]
pub struct Adaptive {
    window: f64,
    path: Path,
    delivery: Delivery,
    round: Round,
    last_packet: u64,
    newly_acknowledged: f64,
    mode: Mode,
    /// Sending little for a moment to see the path without our own queue.
    draining: bool,
}

impl Adaptive {
    /// A path of which nothing is known.
    pub fn new(now: Instant, mtu: u16) -> Self {
        let mtu = f64::from(mtu);
        Self {
            window: INITIAL_PACKETS * mtu,
            path: Path::new(now, mtu),
            delivery: Delivery::new(now),
            round: Round::new(now, 0),
            last_packet: 0,
            newly_acknowledged: 0.0,
            mode: Mode::Startup(Startup::default()),
            draining: false,
        }
    }

    /// What it does now.
    pub fn mode(&self) -> CongestionMode {
        match &self.mode {
            Mode::Startup(_) => CongestionMode::Startup,
            Mode::Alone(_) => CongestionMode::Alone,
            Mode::Sharing(sharing) if sharing.is_testing() => CongestionMode::Test,
            Mode::Sharing(_) => CongestionMode::Sharing,
        }
    }

    /// The best delivery rate of late, bytes per second; 0 before the first round trip.
    pub fn rate(&self) -> f64 {
        self.path.rate()
    }

    /// Bytes that may be in flight.
    pub fn window(&self) -> u64 {
        let window = if self.draining { 0.5 * self.path.pipe() } else { self.window };
        window.max(LEAST_PACKETS * self.path.mtu) as u64
    }

    /// The window of a path of which nothing is known.
    pub fn initial_window(&self) -> u64 {
        (INITIAL_PACKETS * self.path.mtu) as u64
    }

    /// Packets now have `mtu` bytes.
    pub fn set_mtu(&mut self, mtu: u16) {
        self.path.mtu = f64::from(mtu);
    }

    /// Packets up to number `last` left.
    pub fn sent(&mut self, now: Instant, last: u64) {
        self.last_packet = last;
        self.delivery.sent(now);
    }

    /// One of the packets of an acknowledgement.
    pub fn acknowledged(&mut self, now: Instant, sent: Instant, bytes: u64) {
        self.delivery.acknowledged(now, sent, bytes);
        self.newly_acknowledged += bytes as f64;
        self.round.acknowledged += bytes as f64;
    }

    /// The acknowledgement was taken in as a whole.
    pub fn acknowledged_all(&mut self, now: Instant, in_flight: u64, limited: bool, largest: Option<u64>) {
        let newly = std::mem::take(&mut self.newly_acknowledged);
        let Some(sample) = self.delivery.sample(now, limited) else {
            return;
        };
        self.round.in_flight = self.round.in_flight.max(in_flight as f64 + newly);
        if !sample.limited {
            self.round.busy += newly;
        }
        self.path.learn(sample, &mut self.round);
        if largest.is_some_and(|largest| largest > self.round.end) {
            self.end_round(now);
        }
        self.approach_target(now, newly);
    }

    /// Bytes were lost; 0 for an ECN mark. `persistent`: nothing gets through.
    pub fn lost(&mut self, now: Instant, bytes: u64, persistent: bool) {
        self.round.lost += bytes as f64;
        if persistent {
            self.mode = Mode::Alone(Alone::from(LEAST_PACKETS * self.path.mtu, now));
        } else if bytes == 0 {
            self.round.lost += self.path.marked_loss(&self.round);
        }
    }

    fn end_round(&mut self, now: Instant) {
        let round = std::mem::replace(&mut self.round, Round::new(now, self.last_packet));
        self.path.end_round(&round);
        let next = match &mut self.mode {
            Mode::Startup(startup) => match startup.end_round(&round, &self.path) {
                Progress::Faster => None,
                Progress::Found => Some(Mode::Alone(Alone::default())),
                Progress::Queue => Some(Mode::Sharing(Sharing::new(now, &round, &self.path, true))),
            },
            Mode::Alone(alone) => alone
                .end_round(now, &round, &mut self.path)
                .then(|| Mode::Sharing(Sharing::new(now, &round, &self.path, false))),
            Mode::Sharing(sharing) => match sharing.end_round(now, &round, &self.path) {
                Finding::Others => None,
                Finding::Nobody => Some(Mode::Alone(Alone::default())),
                Finding::Ourselves(rate) => {
                    self.path.slow_down(rate);
                    Some(Mode::Alone(Alone::default()))
                }
            },
        };
        if let Some(next) = next {
            self.mode = next;
        }
        self.forget_old_rtt(now, &round);
    }

    /// Before a least round-trip time that may be the path's is forgotten, one round with half a window
    /// shows whether the longer ones since were queue.
    fn forget_old_rtt(&mut self, now: Instant, round: &Round) {
        let least_rtt = &mut self.path.least_rtt;
        if matches!(self.mode, Mode::Sharing(_)) {
            // Others' queue hides the path: what is known stays.
            if least_rtt.is_due(now) {
                least_rtt.keep(now);
            }
            self.draining = false;
        } else if least_rtt.is_due(now) {
            if round.backlogged && least_rtt.would_grow() && !self.draining {
                self.draining = true;
            } else {
                least_rtt.forget(now);
                self.draining = false;
            }
        }
    }

    fn approach_target(&mut self, now: Instant, acknowledged: f64) {
        match &self.mode {
            Mode::Startup(_) => {
                let pipe = self.path.pipe();
                let blind = pipe == 0.0 && 2.0 * self.round.in_flight > self.window;
                let grown = self.window + if blind { acknowledged } else { 0.0 };
                self.window = grown.max(STARTUP_GAIN * pipe + self.path.slack());
            }
            Mode::Alone(alone) => self.approach(alone.window(now, &self.path), acknowledged),
            Mode::Sharing(sharing) => self.approach(sharing.window(), acknowledged),
        }
    }

    /// Shrinks at once, grows by what arrives.
    fn approach(&mut self, target: f64, acknowledged: f64) {
        let target = target.max(LEAST_PACKETS * self.path.mtu);
        self.window = target.min(self.window + acknowledged);
    }
}
