//! The binding: converts arguments and events, decides nothing. Its surface is `NativeEngine` in
//! `packages/engine/src/native.ts`. Nothing that a caller can cause is thrown; failures are objects.

mod input;
mod output;

use input::{Connector, Forwarding, Listener, Meter, Rules, Tun, fields_of, id, number};
use masque_dataplane as dataplane;
use masque_dataplane::error::Result as EngineResult;
use masque_dataplane::options::{Certificate, PeerTrust};
use napi::bindgen_prelude::{AsyncTask, BigInt, Buffer, Env, Float64Array, Function, Object, Task};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Result, Status};
use napi_derive::napi;
use std::sync::{Arc, Mutex, PoisonError};

type Wake = ThreadsafeFunction<(), (), (), Status, false>;
/// Emptied on close, so that the process can end.
type SharedWake = Arc<Mutex<Option<Wake>>>;

/// Column names of the three tables of `snapshot`.
#[napi(object)]
pub struct Layout {
    /// One row a session.
    pub sessions: Vec<String>,
    /// One row a connection.
    pub connections: Vec<String>,
    /// One row in all.
    pub totals: Vec<String>,
}

/// Column names of the three tables of `snapshot`.
#[napi]
pub fn layout() -> Layout {
    let layout = dataplane::snapshot::layout();
    Layout { sessions: layout.sessions, connections: layout.connections, totals: layout.totals }
}

/// How many rows there are.
#[napi(object)]
pub struct Rows {
    /// Of sessions.
    pub session_rows: u32,
    /// Of connections.
    pub connection_rows: u32,
}

/// See `NativeEngine`.
#[napi]
pub struct Engine {
    inner: Arc<dataplane::Engine>,
    wake: SharedWake,
}

#[napi]
impl Engine {
    /// Starts the workers; `wake` is called on the JavaScript thread when events begin to wait. `without`
    /// names offloads to do without.
    #[napi(constructor)]
    pub fn new(wake: Function<'_, (), ()>, without: Vec<String>, workers: u32) -> Result<Self> {
        let wake: SharedWake = Arc::new(Mutex::new(Some(wake.build_threadsafe_function().build()?)));
        let caller = wake.clone();
        let inner = dataplane::Engine::start(
            move || {
                if let Some(wake) = &*caller.lock().unwrap_or_else(PoisonError::into_inner) {
                    wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
                }
            },
            input::without(&without),
            workers as usize,
        )
        .map_err(|e| napi::Error::from_reason(e.to_string()))?;
        Ok(Self { inner: Arc::new(inner), wake })
    }

    /// Takes up to `max` events, oldest first.
    #[napi]
    pub fn drain<'env>(&self, env: &'env Env, max: u32) -> Result<Vec<Object<'env>>> {
        self.inner.drain(max as usize).into_iter().map(|event| output::event(env, event)).collect()
    }

    /// Opens the TUN.
    #[napi]
    pub fn open_tun<'env>(&self, env: &'env Env, options: Tun) -> Result<Object<'env>> {
        let opened = self.inner.open_tun(&options.into());
        output::result(env, opened, |object, info| output::tun(env, object, &info))
    }

    /// Closes the TUN.
    #[napi]
    pub fn close_tun(&self) {
        self.inner.close_tun();
    }

    /// Opens the listener.
    #[napi]
    pub fn listen<'env>(&self, env: &'env Env, options: Listener) -> Result<Object<'env>> {
        let bound = options.parse().and_then(|o| self.inner.listen(o));
        output::result(env, bound, |object, address| object.set("address", address.to_string()))
    }

    /// Shows another certificate.
    #[napi]
    pub fn set_certificate<'env>(
        &self,
        env: &'env Env,
        chain_pem: String,
        key_pem: String,
    ) -> Result<Object<'env>> {
        let set = self.inner.set_certificate(Certificate { chain_pem, key_pem });
        output::result(env, set, |_, ()| Ok(()))
    }

    /// Trusts other peers.
    #[napi(js_name = "setClientTrust")]
    pub fn set_peer_trust<'env>(
        &self,
        env: &'env Env,
        anchors_pem: String,
        leaf_sha256: Vec<String>,
    ) -> Result<Object<'env>> {
        let set = self.inner.set_peer_trust(PeerTrust { anchors_pem, leaf_sha256 });
        output::result(env, set, |_, ()| Ok(()))
    }

    /// Nobody new.
    #[napi]
    pub fn stop_listening(&self) {
        self.inner.stop_listening();
    }

    /// Starts a connection.
    #[napi]
    pub fn connect<'env>(&self, env: &'env Env, options: Connector) -> Result<Object<'env>> {
        let started = options.parse().and_then(|o| self.inner.connect(o));
        output::result(env, started, |object, id| object.set("connectionId", id as f64))
    }

    /// Sends a request.
    #[napi]
    pub fn request(&self, connection_id: f64, headers: Vec<String>) -> f64 {
        self.inner.request(connection_id as u64, fields_of(&headers)) as f64
    }

    /// Accepts a request.
    #[napi]
    pub fn accept<'env>(
        &self,
        env: &'env Env,
        session_id: f64,
        headers: Vec<String>,
        forwarding: Forwarding,
        capsule_types: Vec<BigInt>,
        capsule_values: Vec<Buffer>,
    ) -> Result<Object<'env>> {
        let accepted = forwarding.parse().and_then(|forwarding| {
            let capsules = capsules(&capsule_types, &capsule_values);
            self.inner.accept(session_id as u64, fields_of(&headers), &forwarding, &capsules)
        });
        output::result(env, accepted, |_, ()| Ok(()))
    }

    /// Refuses a request.
    #[napi]
    pub fn refuse(&self, session_id: f64, status: u16, headers: Vec<String>, code: Option<f64>) {
        let code = code.map(|c| c as u64);
        self.inner.refuse(session_id as u64, status, fields_of(&headers), code);
    }

    /// Replaces forwarding.
    #[napi]
    pub fn update<'env>(
        &self,
        env: &'env Env,
        session_id: f64,
        forwarding: Forwarding,
    ) -> Result<Object<'env>> {
        let updated: EngineResult<()> =
            forwarding.parse().and_then(|forwarding| self.inner.update(session_id as u64, &forwarding));
        output::result(env, updated, |_, ()| Ok(()))
    }

    /// Defines or replaces rules.
    #[napi]
    pub fn set_rules<'env>(&self, env: &'env Env, rules_id: f64, rules: Rules) -> Result<Object<'env>> {
        let set = id(rules_id).and_then(|id| rules.parse().and_then(|rules| self.inner.set_rules(id, rules)));
        output::result(env, set, |_, ()| Ok(()))
    }

    /// Forgets rules.
    #[napi]
    pub fn drop_rules(&self, rules_id: f64) {
        if let Ok(id) = id(rules_id) {
            self.inner.drop_rules(id);
        }
    }

    /// Defines or changes a meter.
    #[napi]
    pub fn set_meter<'env>(&self, env: &'env Env, meter_id: f64, meter: Meter) -> Result<Object<'env>> {
        let set = id(meter_id).and_then(|id| {
            let rate = number("rate", meter.bytes_per_second)?;
            self.inner.set_meter(id, rate, number("burst", meter.burst_bytes)?)
        });
        output::result(env, set, |_, ()| Ok(()))
    }

    /// Forgets a meter.
    #[napi]
    pub fn drop_meter(&self, meter_id: f64) {
        if let Ok(id) = id(meter_id) {
            self.inner.drop_meter(id);
        }
    }

    /// Sends capsules.
    #[napi]
    pub fn send_capsules(&self, session_id: f64, capsule_types: Vec<BigInt>, capsule_values: Vec<Buffer>) {
        let capsules = capsules(&capsule_types, &capsule_values);
        self.inner.send_capsules(session_id as u64, &capsules);
    }

    /// Ends a session in order.
    #[napi]
    pub fn finish(&self, session_id: f64) {
        self.inner.finish(session_id as u64);
    }

    /// Ends a session at once.
    #[napi]
    pub fn abort(&self, session_id: f64, code: f64) {
        self.inner.abort(session_id as u64, code as u64);
    }

    /// Closes a connection.
    #[napi]
    pub fn close_connection(&self, connection_id: f64, code: f64, reason: String) {
        self.inner.close_connection(connection_id as u64, code as u64, reason);
    }

    /// Copies counters into the caller's memory.
    #[napi]
    pub fn snapshot(
        &self,
        mut sessions: Float64Array,
        mut connections: Float64Array,
        mut totals: Float64Array,
    ) -> Rows {
        // SAFETY: this runs on the JavaScript thread, so nobody else touches an array meanwhile, and one is
        // borrowed at a time, should they be parts of the same memory. The facade shares it with no thread.
        let (session_rows, connection_rows) = unsafe {
            self.inner.snapshot_totals(totals.as_mut());
            (
                self.inner.snapshot_sessions(sessions.as_mut()),
                self.inner.snapshot_connections(connections.as_mut()),
            )
        };
        let rows = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Rows { session_rows: rows(session_rows), connection_rows: rows(connection_rows) }
    }

    /// Forgets the row of a session that is over.
    #[napi]
    pub fn release_session(&self, session_id: f64) {
        self.inner.release_session(session_id as u64);
    }

    /// Forgets the row of a connection that is over.
    #[napi]
    pub fn release_connection(&self, connection_id: f64) {
        self.inner.release_connection(connection_id as u64);
    }

    /// Closes everything; resolves when it is done.
    #[napi]
    pub fn close(&self) -> AsyncTask<Close> {
        AsyncTask::new(Close { inner: self.inner.clone(), wake: self.wake.clone() })
    }
}

/// Waits for the workers' end off the JavaScript thread.
pub struct Close {
    inner: Arc<dataplane::Engine>,
    wake: SharedWake,
}

impl Task for Close {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        self.inner.close();
        Ok(())
    }

    fn resolve(&mut self, _: napi::Env, (): ()) -> Result<()> {
        self.wake.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }
}

fn capsules<'a>(types: &[BigInt], values: &'a [Buffer]) -> Vec<(u64, &'a [u8])> {
    types.iter().map(|kind| kind.get_u64().1).zip(values.iter().map(AsRef::as_ref)).collect()
}

#[cfg(test)]
mod tests {
    use super::input::bytes_of_latin1;

    #[test]
    fn each_code_unit_is_one_byte() {
        assert_eq!(bytes_of_latin1("a\u{ff}"), [0x61, 0xff]);
    }
}
