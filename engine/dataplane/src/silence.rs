//! Notices that packets stop coming where many came, and asks the peer for one. Who connected and is only being sent to
//! has nothing of its own under way: after its address or port has changed, the server goes on sending to
//! the old one until it hears from the new one (RFC 9000 §9.3), which only a question can bring about.

use std::time::{Duration, Instant};

/// A shorter silence is a pause between packets.
const LEAST: Duration = Duration::from_secs(1);
/// The same in round trips.
const ROUND_TRIPS: u32 = 4;
/// HTTP Datagrams without a silence between them that make a path busy: more than a name's look-up or the
/// keep-alives inside the tunnel are, which shall cost nothing.
const BUSY: u64 = 10;
/// Questions after a path was busy, each after twice the silence of the one before. One that is lost is
/// repeated by QUIC itself; those after it find a second change soon after the first.
const QUESTIONS: u32 = 3;

/// See the module.
#[derive(Debug, Default)]
pub struct Silence {
    heard: Heard,
    /// When something was last heard, or asked.
    since: Option<Instant>,
    /// HTTP Datagrams up to the last silence.
    datagrams_before: u64,
    /// Questions since the path was busy, as long as there may be more.
    asked: Option<u32>,
}

/// What a connection has received so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// UDP payloads.
    pub packets: u64,
    /// HTTP Datagrams.
    pub datagrams: u64,
}

/// What to do about a silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing, however long it takes.
    Rest,
    /// Look again then.
    Wait(Instant),
    /// Send a PING now, and look again then.
    Ask {
        /// When; never if this was the last question.
        again: Option<Instant>,
    },
}

impl Silence {
    /// Takes in what was received until `now`. `rtt` is the smoothed round trip.
    pub fn look(&mut self, now: Instant, heard: Heard, rtt: Duration) -> Answer {
        let patience = LEAST.max(rtt * ROUND_TRIPS);
        if heard != self.heard {
            if self.since.is_none_or(|since| now.saturating_duration_since(since) >= patience) {
                self.datagrams_before = self.heard.datagrams;
            }
            if heard.datagrams.saturating_sub(self.datagrams_before) >= BUSY {
                self.asked = Some(0);
            }
            (self.heard, self.since) = (heard, Some(now));
        }
        let (Some(asked), Some(since)) = (self.asked, self.since) else {
            return Answer::Rest;
        };
        let due = since + patience * (1 << asked);
        if now < due {
            return Answer::Wait(due);
        }
        self.datagrams_before = heard.datagrams;
        self.since = Some(now);
        self.asked = Some(asked + 1).filter(|asked| *asked < QUESTIONS);
        Answer::Ask { again: self.asked.map(|asked| now + patience * (1 << asked)) }
    }
}

#[cfg(test)]
mod tests;
