//! Tells the linker that Node.js provides the symbols of N-API.

fn main() {
    napi_build::setup();
}
