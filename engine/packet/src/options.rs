//! Option lists, which IPv4 and TCP write alike (RFC 791 §3.1, RFC 9293 §3.1).
//!
//! ```text
//! 0: end of the list | 1: no operation | kind u8, length u8 of the whole option, data
//! ```

const END: u8 = 0;
/// A single byte between options, without meaning.
pub const NO_OPERATION: u8 = 1;

/// Kind of the option at `at`, and where the next one begins; `None` at the end of the list, and where it
/// is malformed.
pub fn option_at(options: &[u8], at: usize) -> Option<(u8, usize)> {
    let kind = options.get(at).copied().filter(|kind| *kind != END)?;
    let length = if kind == NO_OPERATION { 1 } else { usize::from(*options.get(at + 1)?) };
    let is_whole = length > 0 && at + length <= options.len();
    is_whole.then_some((kind, at + length))
}
