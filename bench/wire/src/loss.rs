use crate::random::Random;

/// Random loss of packets, one by one or in runs: Gilbert's model with two states.
pub struct Loss {
    /// Probability of a loss after a packet that passed.
    after_pass: f64,
    /// Probability of a loss after a loss.
    after_loss: f64,
    losing: bool,
}

impl Loss {
    /// `share` of all packets, 0 ≤ share < 1, is lost in runs of `run` packets on average; 1 is loss without memory.
    pub fn new(share: f64, run: f64) -> Self {
        let (after_pass, after_loss) =
            if run > 1.0 { (share / (run * (1.0 - share)), 1.0 - 1.0 / run) } else { (share, share) };
        Self { after_pass, after_loss, losing: false }
    }

    /// Whether the next packet is lost.
    pub fn takes(&mut self, random: &mut Random) -> bool {
        let probability = if self.losing { self.after_loss } else { self.after_pass };
        self.losing = random.unit() < probability;
        self.losing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of lost packets and mean length of their runs.
    fn measure(share: f64, run: f64) -> (f64, f64) {
        let mut random = Random::new(7);
        let mut loss = Loss::new(share, run);
        let packets: Vec<bool> = (0..1_000_000).map(|_| loss.takes(&mut random)).collect();
        let lost = packets.iter().filter(|lost| **lost).count() as f64;
        let runs = packets.windows(2).filter(|pair| !pair[0] && pair[1]).count() as f64;
        (lost / packets.len() as f64, lost / runs)
    }

    #[test]
    fn loses_the_share_that_was_asked_for() {
        let (share, run) = measure(0.01, 1.0);
        assert!((share - 0.01).abs() < 0.001, "{share}");
        assert!(run < 1.1, "{run}");
    }

    #[test]
    fn keeps_the_share_when_losses_come_in_runs() {
        let (share, run) = measure(0.01, 5.0);
        assert!((share - 0.01).abs() < 0.001, "{share}");
        assert!((run - 5.0).abs() < 0.3, "{run}");
    }
}
