use crate::lane::LaneOptions;
use crate::loss::Loss;
use crate::rate::Rate;

pub const USAGE: &str = "\
usage: wire NAMESPACE_A NAMESPACE_B [OPTION VALUE]...
Makes a TUN device in each namespace and carries packets between them until SIGTERM or SIGINT;
then prints one JSON line of counters for each direction.
  --device NAME        name of both devices                                         (wire0)
  --rate MBIT[,MBIT…]  bottleneck in both directions, 0 = without limit; several follow each other (0)
  --rate-step MS       how long each of several rates lasts                         (2000)
  --delay MS           one way; the round trip is twice this                        (0)
  --queue BYTES        queue before the bottleneck, each direction                  (250000)
  --loss PERCENT       random loss from A to B                                      (0)
  --back-loss PERCENT  random loss from B to A                                      (0)
  --burst N            mean length of a run of losses; their share stays the same   (1)
  --reorder PERCENT    packets that are late, both directions                       (0)
  --reorder-by MS      how late                                                     (2)
  --seed N             of everything random                                         (1)";

/// The command line.
pub struct Options {
    pub namespaces: [String; 2],
    pub device: String,
    rates: Vec<f64>,
    rate_step_ms: f64,
    delay_ms: f64,
    queue_bytes: f64,
    loss_percent: [f64; 2],
    burst: f64,
    reorder_percent: f64,
    reorder_by_ms: f64,
    seed: u64,
}

impl Options {
    /// Fails with what is wrong, for people.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let [a, b, rest @ ..] = arguments else {
            return Err("two namespaces are needed".into());
        };
        let mut options = Self {
            namespaces: [a.clone(), b.clone()],
            device: "wire0".into(),
            rates: vec![0.0],
            rate_step_ms: 2_000.0,
            delay_ms: 0.0,
            queue_bytes: 250_000.0,
            loss_percent: [0.0; 2],
            burst: 1.0,
            reorder_percent: 0.0,
            reorder_by_ms: 2.0,
            seed: 1,
        };
        for pair in rest.chunks(2) {
            let [name, value] = pair else {
                return Err(format!("{} has no value", pair[0]));
            };
            options.set(name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = |least: f64, most: f64| parse(name, value, least, most);
        match name {
            "--device" => self.device = value.into(),
            "--rate" => {
                self.rates =
                    value.split(',').map(|rate| parse(name, rate, 0.0, 1e6)).collect::<Result<_, _>>()?;
            }
            "--rate-step" => self.rate_step_ms = number(1.0, 1e6)?,
            "--delay" => self.delay_ms = number(0.0, 1e4)?,
            "--queue" => self.queue_bytes = number(1.0, 1e9)?,
            "--loss" => self.loss_percent[0] = number(0.0, 99.0)?,
            "--back-loss" => self.loss_percent[1] = number(0.0, 99.0)?,
            "--burst" => self.burst = number(1.0, 1e4)?,
            "--reorder" => self.reorder_percent = number(0.0, 100.0)?,
            "--reorder-by" => self.reorder_by_ms = number(0.0, 1e4)?,
            "--seed" => self.seed = number(0.0, 1e15)? as u64,
            _ => return Err(format!("there is no option {name}")),
        }
        Ok(())
    }

    /// The lanes from A to B and from B to A.
    pub fn lanes(&self) -> [LaneOptions; 2] {
        [0, 1].map(|direction| LaneOptions {
            rate: Rate::new(&self.rates, ns(self.rate_step_ms)),
            delay_ns: ns(self.delay_ms),
            queue_bytes: self.queue_bytes as usize,
            loss: Loss::new(self.loss_percent[direction] / 100.0, self.burst),
            reordered_share: self.reorder_percent / 100.0,
            reordered_ns: ns(self.reorder_by_ms),
            seed: self.seed ^ (direction as u64) << 32,
        })
    }
}

fn parse(name: &str, value: &str, least: f64, most: f64) -> Result<f64, String> {
    value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("{name} takes a number from {least} to {most}, not {value}"))
}

fn ns(ms: f64) -> u64 {
    (ms * 1e6) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Options, String> {
        Options::parse(&line.split(' ').map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn takes_rates_that_follow_each_other() {
        let options = parse_line("a b --rate 100,20 --rate-step 1000").unwrap();
        let lane = &options.lanes()[0];
        assert_eq!(lane.rate.finish(0, 1_250), 100_000);
        assert_eq!(lane.rate.finish(1_000_000_000, 1_250), 1_000_500_000);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for line in ["a", "a b --rate", "a b --rate fast", "a b --colour red", "a b --loss 100"] {
            assert!(parse_line(line).is_err(), "{line}");
        }
    }
}
