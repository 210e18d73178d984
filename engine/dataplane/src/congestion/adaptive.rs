//! The controller proper; what it is for stands in the module above.

use super::cubic::{Cubic, Temper};
use super::delivery::{Delivery, Sample};
use super::least_rtt::LeastRtt;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Packets in flight before anything is known. Less makes the slow start of flows inside end early.
const INITIAL_PACKETS: f64 = 64.0;
/// Packets that may always be in flight.
const LEAST_PACKETS: f64 = 4.0;
/// Doubles the rate each round (2 / ln 2), as BBR's does.
const STARTUP_GAIN: f64 = 2.885;
/// Window over rate × least round-trip time: enough to see a faster path, little queue.
const GAIN: f64 = 1.2;
/// On paths shorter than this, batching rather than distance decides the round-trip time.
const SHORTEST_PATH: f64 = 0.004;
/// Always in flight besides: packets, and seconds at the current rate, for batches on both sides.
const SLACK_PACKETS: f64 = 8.0;
const SLACK_SECONDS: f64 = 0.002;
/// Rounds whose best rate counts.
const RATE_ROUNDS: usize = 10;
/// Share of a round's bytes whose loss means congestion: with a queue standing, and without.
const LOSS_WITH_QUEUE: f64 = 0.003;
const LOSS_WITHOUT_QUEUE: f64 = 0.10;
/// Rounds above the explained round-trip time after which the queue is taken for somebody else's.
const FOREIGN_ROUNDS: u32 = 3;
/// Rounds below it after which the queue is gone.
const FREE_ROUNDS: u32 = 4;
/// Rounds of a test: one until the smaller window shows, one to look.
const TEST_ROUNDS: u32 = 2;
/// What is left of the rate with half a window when the queue is our own.
const OWN_SHARE: f64 = 0.9;
const FIRST_TEST: Duration = Duration::from_secs(2);
const RAREST_TEST: Duration = Duration::from_secs(16);
/// Window over what was in flight, where the flows inside limit themselves.
const HEADROOM: f64 = 2.0;
/// Rate over the rate at the last test that calls for another: a competitor may have left.
const JUMP: f64 = 2.0;

/// Of a queue that our own packets overflowed.
const OWN: Temper = Temper { beta: 0.7, growth: 1.0 };
/// Among others: a little more than one flow, because flows inside give way as well.
const AMONG_OTHERS: Temper = Temper { beta: 0.85, growth: 2.0 };

#[derive(Clone)]
enum Mode {
    /// Looking for the rate.
    Startup { best: f64, flat_rounds: u32, queued_rounds: u32 },
    /// No queue but our own. `cap`: the window, since our packets overflowed a queue.
    Alone { cap: Option<Cubic>, foreign_rounds: u32 },
    /// Others fill the queue.
    Sharing(Sharing),
}

#[derive(Clone)]
struct Sharing {
    window: f64,
    curve: Cubic,
    free_rounds: u32,
    /// A round lost packets; the flows inside have one more to answer it themselves.
    owes_cut: bool,
    /// A test under way, whether the queue is our own after all.
    test: Option<Test>,
    next_test: Instant,
    rate_at_test: f64,
}

/// Half as much in flight: our share shrinks where others fill the queue, and nothing but the queue where
/// it is our own.
#[derive(Clone, Copy)]
struct Test {
    rounds_left: u32,
    /// Bytes a second just before.
    before: f64,
    window: f64,
}

/// What happened since the last round trip began.
#[derive(Clone)]
struct Round {
    began: Instant,
    /// Packet number with whose acknowledgement it is over.
    end: u64,
    rate: f64,
    /// Somebody waited for us during it.
    backlogged: bool,
    /// Bytes acknowledged while somebody waited.
    busy: f64,
    lost: f64,
    acknowledged: f64,
    in_flight: f64,
    rtt: Duration,
}

impl Round {
    fn new(began: Instant, end: u64) -> Self {
        let rtt = Duration::MAX;
        Self {
            began,
            end,
            rate: 0.0,
            backlogged: false,
            busy: 0.0,
            lost: 0.0,
            acknowledged: 0.0,
            in_flight: 0.0,
            rtt,
        }
    }
}

/// See the module. Bytes, seconds, bytes per second.
#[derive(Clone)]
pub struct Adaptive {
    mtu: f64,
    window: f64,
    delivery: Delivery,
    least_rtt: LeastRtt,
    rates: VecDeque<f64>,
    round: Round,
    last_packet: u64,
    newly_acknowledged: f64,
    mode: Mode,
    test_gap: Duration,
    /// Sending little for a moment to see the path without our own queue.
    draining: bool,
}

impl Adaptive {
    /// A path of which nothing is known.
    pub fn new(now: Instant, mtu: u16) -> Self {
        let mtu = f64::from(mtu);
        Self {
            mtu,
            window: INITIAL_PACKETS * mtu,
            delivery: Delivery::new(now),
            least_rtt: LeastRtt::new(now),
            rates: VecDeque::from([0.0]),
            round: Round::new(now, 0),
            last_packet: 0,
            newly_acknowledged: 0.0,
            mode: Mode::Startup { best: 0.0, flat_rounds: 0, queued_rounds: 0 },
            test_gap: FIRST_TEST,
            draining: false,
        }
    }

    /// The best delivery rate of late, bytes per second; 0 before the first round trip.
    pub fn rate(&self) -> f64 {
        self.rates.iter().copied().fold(0.0, f64::max)
    }

    /// Bytes that may be in flight.
    pub fn window(&self) -> u64 {
        let window = if self.draining { 0.5 * self.pipe() } else { self.window };
        window.max(LEAST_PACKETS * self.mtu) as u64
    }

    /// The window of a path of which nothing is known.
    pub fn initial_window(&self) -> u64 {
        (INITIAL_PACKETS * self.mtu) as u64
    }

    /// Packets now have `mtu` bytes.
    pub fn set_mtu(&mut self, mtu: u16) {
        self.mtu = f64::from(mtu);
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
        self.least_rtt.observe(sample.rtt);
        self.round.rtt = self.round.rtt.min(sample.rtt);
        self.round.in_flight = self.round.in_flight.max(in_flight as f64 + newly);
        if !sample.limited {
            self.round.busy += newly;
        }
        self.learn_rate(sample);
        if largest.is_some_and(|largest| largest > self.round.end) {
            self.end_round(now);
        }
        self.approach_target(now, newly);
    }

    /// Bytes were lost; 0 for an ECN mark. `persistent`: nothing gets through.
    pub fn lost(&mut self, now: Instant, bytes: u64, persistent: bool) {
        self.round.lost += bytes as f64;
        if persistent {
            let cap = Some(Cubic::cut(OWN, LEAST_PACKETS * self.mtu / OWN.beta, now));
            self.mode = Mode::Alone { cap, foreign_rounds: 0 };
        } else if bytes == 0 {
            // RFC 9002 §7.1: as if a packet had been lost, and no stranger's noise.
            self.round.lost += self.round.acknowledged.max(3.0 * self.mtu) * LOSS_WITHOUT_QUEUE * 2.0;
        }
    }

    fn learn_rate(&mut self, sample: Sample) {
        self.round.backlogged |= !sample.limited;
        if sample.limited && sample.rate <= self.rate() {
            return;
        }
        self.round.rate = self.round.rate.max(sample.rate);
        if let Some(last) = self.rates.back_mut() {
            *last = last.max(sample.rate);
        }
    }

    fn least(&self) -> f64 {
        self.least_rtt.get().map_or(0.0, |least| least.as_secs_f64())
    }

    /// Bytes that fill the path without a queue.
    fn pipe(&self) -> f64 {
        let least = self.least();
        if least == 0.0 { 0.0 } else { self.rate() * least.max(SHORTEST_PATH) }
    }

    fn slack(&self) -> f64 {
        SLACK_PACKETS * self.mtu + SLACK_SECONDS * self.rate()
    }

    /// The window that keeps a path of our own busy.
    fn own_window(&self) -> f64 {
        GAIN * self.pipe() + self.slack()
    }

    /// The longest round-trip time that [`Self::own_window`] explains.
    fn explained_rtt(&self) -> f64 {
        let least = self.least();
        let own = self.own_window() / self.rate().max(1.0);
        own.max(least) + (least / 8.0).max(0.002)
    }

    fn end_round(&mut self, now: Instant) {
        let round = std::mem::replace(&mut self.round, Round::new(now, self.last_packet));
        if round.backlogged {
            self.rates.push_back(round.rate);
            if self.rates.len() > RATE_ROUNDS {
                self.rates.pop_front();
            }
        }
        match std::mem::replace(&mut self.mode, Mode::Alone { cap: None, foreign_rounds: 0 }) {
            Mode::Startup { best, flat_rounds, queued_rounds } => {
                self.mode = self.end_startup_round(&round, best, flat_rounds, queued_rounds);
            }
            Mode::Alone { cap, foreign_rounds } => {
                self.mode = self.end_round_alone(now, &round, cap, foreign_rounds);
            }
            Mode::Sharing(sharing) => self.mode = self.end_round_sharing(now, &round, sharing),
        }
        self.forget_old_rtt(now, &round);
    }

    fn end_startup_round(&self, round: &Round, best: f64, flat_rounds: u32, queued_rounds: u32) -> Mode {
        let queued = self.rate() > 0.0 && round.rtt.as_secs_f64() > 1.25 * self.least() + 0.002;
        let queued_rounds = queued_rounds + u32::from(queued);
        let (best, flat_rounds) = match round.backlogged {
            true if self.rate() > 1.25 * best => (self.rate(), 0),
            true => (best, flat_rounds + 1),
            false => (best, flat_rounds),
        };
        if queued_rounds >= 2 || flat_rounds >= 3 || self.is_congested(round) {
            Mode::Alone { cap: None, foreign_rounds: 0 }
        } else {
            Mode::Startup { best, flat_rounds, queued_rounds }
        }
    }

    fn end_round_alone(&mut self, now: Instant, round: &Round, cap: Option<Cubic>, foreign: u32) -> Mode {
        let rtt = round.rtt.as_secs_f64();
        let cap = match cap {
            _ if self.is_congested(round)
                && cap.is_none_or(|cap| now.saturating_duration_since(cap.since()) > round.rtt) =>
            {
                let window = cap.map_or(f64::MAX, |cap| cap.window(now, rtt, self.mtu));
                Some(Cubic::cut(OWN, round.in_flight.min(window), now))
            }
            Some(cap) if round.lost == 0.0 && cap.window(now, rtt, self.mtu) > 4.0 * self.own_window() => {
                None
            }
            cap => cap,
        };
        let high = self.rate() > 0.0 && rtt > self.explained_rtt();
        let foreign_rounds = if high { foreign + 1 } else { foreign.saturating_sub(1) };
        if foreign_rounds < FOREIGN_ROUNDS {
            return Mode::Alone { cap, foreign_rounds };
        }
        let window = round.in_flight.max(self.rate() * rtt).max(self.own_window());
        Mode::Sharing(Sharing {
            window,
            curve: Cubic::grow(AMONG_OTHERS, window, now),
            free_rounds: 0,
            owes_cut: false,
            test: None,
            next_test: now + self.test_gap,
            rate_at_test: self.rate(),
        })
    }

    fn end_round_sharing(&mut self, now: Instant, round: &Round, mut sharing: Sharing) -> Mode {
        let rtt = round.rtt.as_secs_f64();
        let high = rtt > self.explained_rtt();
        let alone = Mode::Alone { cap: None, foreign_rounds: 0 };
        let pace = round.acknowledged / now.saturating_duration_since(round.began).as_secs_f64();
        if let Some(test) = &mut sharing.test {
            test.rounds_left -= 1;
            if test.rounds_left > 0 {
                return Mode::Sharing(sharing);
            }
            if pace > OWN_SHARE * test.before {
                self.test_gap = FIRST_TEST;
                return alone;
            }
            // Others are still there; ask less often, and go on as before.
            self.test_gap = (2 * self.test_gap).min(RAREST_TEST);
            sharing.test = None;
            sharing.next_test = now + self.test_gap;
            sharing.rate_at_test = self.rate();
            return Mode::Sharing(sharing);
        }
        // Who sends through a window that is not full limits himself, and answers losses himself.
        let is_full = 2.0 * round.busy > round.acknowledged;
        if std::mem::take(&mut sharing.owes_cut) {
            if is_full {
                let window = round.in_flight.clamp(0.5 * sharing.window, sharing.window);
                sharing.curve = Cubic::cut(AMONG_OTHERS, window, now);
                sharing.window = sharing.curve.floor();
            } else {
                sharing.curve = Cubic::grow(AMONG_OTHERS, sharing.window, now);
            }
        } else if round.lost >= self.mtu && self.has_queue(round) {
            sharing.owes_cut = true;
        } else {
            let grown = sharing.curve.window(now, rtt, self.mtu);
            sharing.window = grown.clamp(sharing.window, 1.5 * sharing.window);
        }
        if !is_full && sharing.window > HEADROOM * round.in_flight {
            sharing.window = HEADROOM * round.in_flight;
            sharing.curve = Cubic::grow(AMONG_OTHERS, sharing.window, now);
        }
        sharing.free_rounds = if high { 0 } else { sharing.free_rounds + 1 };
        if sharing.free_rounds >= FREE_ROUNDS {
            self.test_gap = FIRST_TEST;
            return alone;
        }
        let jumped = self.rate() > JUMP * sharing.rate_at_test;
        if now >= sharing.next_test || jumped {
            let window = (0.5 * round.in_flight).max(self.pipe() + self.slack());
            sharing.test = Some(Test { rounds_left: TEST_ROUNDS, before: pace, window });
        }
        Mode::Sharing(sharing)
    }

    fn has_queue(&self, round: &Round) -> bool {
        round.rtt.as_secs_f64() > 1.25 * self.least() + 0.001
    }

    fn is_congested(&self, round: &Round) -> bool {
        let limit = if self.has_queue(round) { LOSS_WITH_QUEUE } else { LOSS_WITHOUT_QUEUE };
        round.lost >= 3.0 * self.mtu && round.lost > limit * (round.lost + round.acknowledged)
    }

    /// Before a least round-trip time that may be the path's is forgotten, one round with half a window
    /// shows whether the longer ones since were queue.
    fn forget_old_rtt(&mut self, now: Instant, round: &Round) {
        if matches!(self.mode, Mode::Sharing(_)) {
            // Others' queue hides the path: what is known stays.
            if self.least_rtt.is_due(now) {
                self.least_rtt.keep(now);
            }
            self.draining = false;
        } else if self.least_rtt.is_due(now) {
            if round.backlogged && self.least_rtt.would_grow() && !self.draining {
                self.draining = true;
            } else {
                self.least_rtt.forget(now);
                self.draining = false;
            }
        }
    }

    fn approach_target(&mut self, now: Instant, acknowledged: f64) {
        let rtt = self.least();
        match &self.mode {
            Mode::Startup { .. } => {
                let blind = self.pipe() == 0.0 && 2.0 * self.round.in_flight > self.window;
                let grown = self.window + if blind { acknowledged } else { 0.0 };
                self.window = grown.max(STARTUP_GAIN * self.pipe() + self.slack());
            }
            Mode::Alone { cap, .. } => {
                let cap = cap.map_or(f64::MAX, |cap| cap.window(now, rtt, self.mtu).max(self.pipe()));
                self.approach(self.own_window().min(cap), acknowledged);
            }
            Mode::Sharing(sharing) => {
                let window = sharing.test.map_or(sharing.window, |test| test.window);
                self.approach(window, acknowledged);
            }
        }
    }

    /// Shrinks at once, grows by what arrives.
    fn approach(&mut self, target: f64, acknowledged: f64) {
        let target = target.max(LEAST_PACKETS * self.mtu);
        self.window = target.min(self.window + acknowledged);
    }
}
