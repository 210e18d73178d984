//! Counts what threads that want it allocate, and where.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Return addresses that tell one place from another.
const DEPTH: usize = 24;
/// Whose code it is, by the crate that the innermost function of a known one belongs to.
const CRATES: [&str; 7] =
    ["masque_dataplane", "masque_packet", "masque_capsule", "quinn_proto", "quinn_udp", "h3wire", "rustls"];

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Where this thread's allocations are counted.
    static TALLY: Cell<Option<&'static Tally>> = const { Cell::new(None) };
}

type Stack = [*mut c_void; DEPTH];

/// The system's allocator, watched.
struct Counting;

// SAFETY: everything is left to the system's allocator, with the arguments as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn count() {
    // What counting itself allocates is not counted.
    if let Ok(Some(tally)) = TALLY.try_with(Cell::take) {
        tally.add();
        TALLY.set(Some(tally));
    }
}

/// Allocations by place.
#[derive(Default)]
pub struct Tally {
    enabled: AtomicBool,
    places: Mutex<HashMap<[usize; DEPTH], Place>>,
}

struct Place {
    backtrace: Backtrace,
    count: u64,
}

/// Allocations of one function.
#[derive(Debug)]
pub struct Site {
    /// Crate that it belongs to.
    pub owner: &'static str,
    /// The function and its line.
    pub place: String,
    /// How many.
    pub count: u64,
}

impl Tally {
    /// Counts what the calling thread allocates from now on while counting is on.
    pub fn watch_this_thread(&'static self) {
        TALLY.set(Some(self));
    }

    /// Turns counting on or off.
    pub fn enable(&self, on: bool) {
        self.enabled.store(on, Relaxed);
    }

    /// What was counted, the most first.
    pub fn sites(&self) -> Vec<Site> {
        let mut sites: HashMap<(&'static str, String), u64> = HashMap::new();
        for place in self.places.lock().unwrap_or_else(PoisonError::into_inner).values() {
            *sites.entry(locate(&place.backtrace.to_string())).or_default() += place.count;
        }
        let named = sites.into_iter().map(|((owner, place), count)| Site { owner, place, count });
        let mut sites: Vec<_> = named.collect();
        sites.sort_by_key(|site| std::cmp::Reverse(site.count));
        sites
    }

    fn add(&self) {
        if !self.enabled.load(Relaxed) {
            return;
        }
        let mut stack: Stack = [std::ptr::null_mut(); DEPTH];
        // SAFETY: there is room for as many addresses as are asked for.
        unsafe { libc::backtrace(stack.as_mut_ptr(), DEPTH as libc::c_int) };
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Place { backtrace: Backtrace::force_capture(), count: 0 };
        places.entry(stack.map(|address| address.addr())).or_insert_with(new).count += 1;
    }
}

/// Crate and place of the innermost function of a known crate.
fn locate(backtrace: &str) -> (&'static str, String) {
    let mut lines = backtrace.lines().map(str::trim).peekable();
    while let Some(function) = lines.next() {
        let line = lines.next_if(|line| line.starts_with("at ")).unwrap_or_default();
        let owner = CRATES.into_iter().find(|name| function.contains(&format!("{name}::")));
        if let Some(owner) = owner.filter(|_| !function.contains("allocations::counting")) {
            let (_, name) = function.split_once(": ").unwrap_or_default();
            return (owner, format!("{name} {line}"));
        }
    }
    ("", String::new())
}
