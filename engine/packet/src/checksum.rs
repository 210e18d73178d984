//! The internet checksum (RFC 1071), summed in native byte order: the sum does not care, and the
//! result is stored with `to_ne_bytes`.
