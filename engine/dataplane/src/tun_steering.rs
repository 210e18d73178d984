//! Which queue of the TUN a packet waits in: that of the worker whose session has the packet's destination. The
//! kernel runs a program (eBPF, TUNSETSTEERINGEBPF: Linux 4.16) that looks destinations up in a table, which
//! follows the claims.
//!
//! It takes CAP_BPF, and that in the first user namespace. Where the kernel refuses it, and for prefixes that the
//! table has no room for, the worker that gets a packet hands it over.

use masque_packet::{Address, Prefix};
use std::ffi::{CStr, c_int, c_long};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Two prefixes for more sessions than a machine has; memory is taken for those that are there.
const MOST_PREFIXES: u32 = 1 << 18;
/// TUNSETSTEERINGEBPF of linux/if_tun.h.
const SET_STEERING: libc::Ioctl = libc::_IOR::<c_int>(b'T' as u32, 224);

/// Commands, kinds and flags of linux/bpf.h.
const MAP_CREATE: c_int = 0;
const MAP_UPDATE_ELEM: c_int = 2;
const MAP_DELETE_ELEM: c_int = 3;
const PROG_LOAD: c_int = 5;
const MAP_TYPE_LPM_TRIE: u32 = 11;
const NO_PREALLOC: u32 = 1;
const PROG_TYPE_SOCKET_FILTER: u32 = 1;
const LICENSE: &CStr = c"MIT";

/// The table of a program that a device runs.
pub struct TunSteering {
    table: OwnedFd,
}

/// What the table finds things by: a prefix of IPv6, or of IPv4 mapped into it (RFC 4291 §2.5.5.2).
#[repr(C)]
struct Key {
    length: u32,
    address: [u8; 16],
}

impl From<Prefix> for Key {
    fn from(prefix: Prefix) -> Self {
        let (bits, above) = match prefix.address() {
            Address::V4(bits) => (u128::from(bits) | 0xffff << 32, 96),
            Address::V6(bits) => (bits, 0),
        };
        Self { length: u32::from(prefix.length()) + above, address: bits.to_be_bytes() }
    }
}

/// The members of `union bpf_attr` for MAP_CREATE.
#[repr(C)]
struct TableAttributes {
    kind: u32,
    key_size: u32,
    value_size: u32,
    most_entries: u32,
    flags: u32,
}

/// For MAP_UPDATE_ELEM and MAP_DELETE_ELEM.
#[repr(C)]
struct EntryAttributes {
    table: u32,
    padding: u32,
    key: u64,
    value: u64,
    flags: u64,
}

/// For PROG_LOAD.
#[repr(C)]
struct ProgramAttributes {
    kind: u32,
    count: u32,
    instructions: u64,
    license: u64,
}

impl TunSteering {
    /// Makes a device, all of whose queues are open, choose by a table, which is empty for now. The device keeps
    /// doing so.
    pub fn attach(device: &impl AsRawFd) -> io::Result<Self> {
        let steering = Self::with_room(MOST_PREFIXES)?;
        let program = steering.load()?;
        let descriptor: c_int = program.as_raw_fd();
        // SAFETY: TUNSETSTEERINGEBPF reads one descriptor, which lives through the call.
        let result = unsafe { libc::ioctl(device.as_raw_fd(), SET_STEERING, &raw const descriptor) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(steering) }
    }

    fn with_room(most_entries: u32) -> io::Result<Self> {
        let mut attributes = TableAttributes {
            kind: MAP_TYPE_LPM_TRIE,
            key_size: size_of::<Key>() as u32,
            value_size: size_of::<u32>() as u32,
            most_entries,
            flags: NO_PREALLOC,
        };
        // SAFETY: these attributes hold no pointers.
        let table = unsafe { bpf(MAP_CREATE, &mut attributes) }?;
        // SAFETY: the kernel has just given us this descriptor.
        Ok(Self { table: unsafe { OwnedFd::from_raw_fd(table as RawFd) } })
    }

    fn load(&self) -> io::Result<OwnedFd> {
        let program = program(self.table.as_raw_fd());
        let mut attributes = ProgramAttributes {
            kind: PROG_TYPE_SOCKET_FILTER,
            count: program.len() as u32,
            instructions: program.as_ptr().expose_provenance() as u64,
            license: LICENSE.as_ptr().expose_provenance() as u64,
        };
        // SAFETY: the instructions, as many as it says, and the license live through the call.
        let loaded = unsafe { bpf(PROG_LOAD, &mut attributes) }?;
        // SAFETY: the kernel has just given us this descriptor.
        Ok(unsafe { OwnedFd::from_raw_fd(loaded as RawFd) })
    }

    /// Packets for this prefix wait in `queue`, the number of its part in the order of opening. ENOSPC when the
    /// table is full.
    pub fn set(&self, prefix: Prefix, queue: usize) -> io::Result<()> {
        self.change(MAP_UPDATE_ELEM, prefix, queue as u32)
    }

    /// Packets for this prefix wait where those for the next wider one do.
    pub fn remove(&self, prefix: Prefix) -> io::Result<()> {
        match self.change(MAP_DELETE_ELEM, prefix, 0) {
            // There was no room for it.
            Err(e) if e.raw_os_error() == Some(libc::ENOENT) => Ok(()),
            changed => changed,
        }
    }

    fn change(&self, command: c_int, prefix: Prefix, queue: u32) -> io::Result<()> {
        let key = Key::from(prefix);
        let mut attributes = EntryAttributes {
            table: self.table.as_raw_fd() as u32,
            padding: 0,
            key: (&raw const key).expose_provenance() as u64,
            value: if command == MAP_DELETE_ELEM { 0 } else { (&raw const queue).expose_provenance() as u64 },
            flags: 0,
        };
        // SAFETY: key and value are as large as the table was told, and live through the call.
        unsafe { bpf(command, &mut attributes) }.map(drop)
    }
}

/// The system call.
///
/// # Safety
/// `attributes` are those of the command, in C's layout, and what they point to is what it expects. Pointers in them
/// are numbers whose provenance was exposed: the compiler may take memory of which only the address is known for
/// memory that nobody reads.
unsafe fn bpf<T>(command: c_int, attributes: &mut T) -> io::Result<c_long> {
    // SAFETY: the kernel reads and writes no more of the attributes than their size; the rest is the caller's part.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, command, &raw mut *attributes, size_of::<T>() as c_int) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// An instruction (RFC 9669 §3.1).
#[repr(C)]
struct Instruction {
    code: u8,
    registers: u8,
    offset: i16,
    immediate: i32,
}

/// The last byte of an unknown destination, or the number that the table has. The kernel takes what is returned
/// modulo the number of queues. A packet begins with its IP header; loads beyond its end give zeros.
fn program(table: RawFd) -> [Instruction; 27] {
    use libc::{BPF_ABS, BPF_ADD, BPF_B, BPF_JA, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_LDX, BPF_MEM, BPF_RSH};
    use libc::{BPF_IMM, BPF_ST, BPF_W, BPF_X};
    const ALU64: u32 = 7;
    const MOVE: u32 = 0xb0;
    const DOUBLE_WORD: u32 = 0x18;
    const CALL: u32 = BPF_JMP | 0x80;
    const EXIT: u32 = BPF_JMP | 0x90;
    const FROM_TABLE: u8 = 1;
    const SKB_LOAD_BYTES: i32 = 26;
    const MAP_LOOKUP_ELEM: i32 = 1;
    let step = |code: u32, to: u8, from: u8, offset: i16, immediate: i32| {
        let registers = if cfg!(target_endian = "big") { to << 4 | from } else { from << 4 | to };
        Instruction { code: code as u8, registers, offset, immediate }
    };
    let copy = |to: u8, from: u8| step(ALU64 | MOVE | BPF_X, to, from, 0, 0);
    let set = |to: u8, value: i32| step(ALU64 | MOVE | BPF_K, to, 0, 0, value);
    let add = |to: u8, value: i32| step(ALU64 | BPF_ADD | BPF_K, to, 0, 0, value);
    let store = |size: u32, offset: i16, value: i32| step(BPF_ST | BPF_MEM | size, 10, 0, offset, value);
    [
        // r0 = the version; r6 = the packet; r3 = the end of the key, which is the end of the frame
        copy(6, 1),
        step(BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, 0),
        step(ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 4),
        copy(3, 10),
        step(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 6, 6),
        // IPv4: ::ffff: and the 4 bytes from 16
        store(DOUBLE_WORD, -16, 0),
        store(BPF_W, -8, i32::from_ne_bytes([0, 0, 0xff, 0xff])),
        set(2, 16),
        add(3, -4),
        set(4, 4),
        step(BPF_JMP | BPF_JA, 0, 0, 3, 0),
        // IPv6: the 16 bytes from 24
        set(2, 24),
        add(3, -16),
        set(4, 16),
        // skb_load_bytes(r1 = packet, r2 = from, r3 = to, r4 = how many)
        copy(1, 6),
        step(CALL, 0, 0, 0, SKB_LOAD_BYTES),
        // r0 = map_lookup_elem(r1 = table, r2 = all 128 bits)
        store(BPF_W, -20, 128),
        step(BPF_LD | BPF_IMM | DOUBLE_WORD, 1, FROM_TABLE, 0, table),
        step(0, 0, 0, 0, 0),
        copy(2, 10),
        add(2, -20),
        step(CALL, 0, 0, 0, MAP_LOOKUP_ELEM),
        step(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
        step(BPF_LDX | BPF_MEM | BPF_W, 0, 0, 0, 0),
        step(EXIT, 0, 0, 0, 0),
        step(BPF_LDX | BPF_MEM | BPF_B, 0, 10, -1, 0),
        step(EXIT, 0, 0, 0, 0),
    ]
}

#[cfg(test)]
mod tests;
