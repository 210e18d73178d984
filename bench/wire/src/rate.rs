/// The bottleneck's rate: fixed, or steps that follow each other again and again.
pub struct Rate {
    /// Nanoseconds for a byte in each step; zero is without limit.
    steps: Vec<f64>,
    step_ns: u64,
}

impl Rate {
    /// Mbit/s of each step (0 is without limit), and how long a step takes.
    pub fn new(mbit_per_second: &[f64], step_ns: u64) -> Self {
        let steps =
            mbit_per_second.iter().map(|rate| if *rate > 0.0 { 8_000.0 / rate } else { 0.0 }).collect();
        Self { steps, step_ns }
    }

    /// When the last of `bytes` has left that begin to leave at `start`; nanoseconds.
    pub fn finish(&self, start: u64, bytes: usize) -> u64 {
        let mut at = start;
        let mut left = bytes as f64;
        loop {
            let per_byte = self.steps[self.step(at)];
            let needed = left * per_byte;
            if self.steps.len() == 1 {
                return at + needed as u64;
            }
            let step_ends = (at / self.step_ns + 1) * self.step_ns;
            if needed <= (step_ends - at) as f64 {
                return at + needed as u64;
            }
            left -= (step_ends - at) as f64 / per_byte;
            at = step_ends;
        }
    }

    fn step(&self, at: u64) -> usize {
        (at / self.step_ns) as usize % self.steps.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn takes_a_byte_eight_bits_long() {
        let rate = Rate::new(&[100.0], MS);
        assert_eq!(rate.finish(5 * MS, 1_250), 5 * MS + 100_000);
    }

    #[test]
    fn goes_on_at_the_rate_of_the_next_step() {
        // 10 Mbit/s: 1,250 bytes take 1 ms; half of them leave before the rate grows tenfold.
        let rate = Rate::new(&[10.0, 100.0], 10 * MS);
        assert_eq!(rate.finish(9 * MS + MS / 2, 1_250), 10 * MS + MS / 20);
        assert_eq!(rate.finish(20 * MS, 1_250), 21 * MS);
    }

    #[test]
    fn zero_is_without_limit() {
        assert_eq!(Rate::new(&[0.0], MS).finish(42, 100_000), 42);
    }
}
