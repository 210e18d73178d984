//! What JavaScript receives: events and results as plain objects.

use masque_dataplane::TunInfo;
use masque_dataplane::error::{Error, Result as EngineResult};
use masque_dataplane::event::{Event, Fields, FlowSample};
use masque_dataplane::tls;
use masque_packet::Direction;
use napi::JsString;
use napi::Result;
use napi::bindgen_prelude::{BigInt, Buffer, Env, Null, Object};

/// `{ ok: true, … }` or `{ ok: false, code, message }`.
pub fn result<'env, T>(
    env: &'env Env,
    outcome: EngineResult<T>,
    fill: impl FnOnce(&mut Object<'env>, T) -> Result<()>,
) -> Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("ok", outcome.is_ok())?;
    match outcome {
        Ok(value) => fill(&mut object, value)?,
        Err(error) => set_error(&mut object, &error)?,
    }
    Ok(object)
}

fn set_error(object: &mut Object<'_>, error: &Error) -> Result<()> {
    object.set("code", error.code.name())?;
    object.set("message", error.message.as_str())
}

/// `TunInfo`
pub fn tun<'env>(env: &'env Env, object: &mut Object<'env>, info: &TunInfo) -> Result<()> {
    object.set("name", info.name.as_str())?;
    object.set("index", info.index)?;
    let mut offloads = Object::new(env)?;
    offloads.set("vnetHeader", info.vnet_header)?;
    offloads.set("tcp", info.tcp)?;
    offloads.set("udp", info.udp)?;
    offloads.set("queues", info.queues)?;
    offloads.set("steering", info.steering)?;
    object.set("offloads", offloads)
}

/// Flat, latin1.
fn headers<'env>(env: &'env Env, fields: &Fields) -> Result<Vec<JsString<'env>>> {
    fields
        .iter()
        .flat_map(|(name, value)| [name, value])
        .map(|bytes| env.create_string_latin1(bytes))
        .collect()
}

fn set_code(object: &mut Object<'_>, code: Option<u64>) -> Result<()> {
    match code {
        Some(code) => object.set("code", code as f64),
        None => object.set("code", Null),
    }
}

/// `FlowSample`
fn flow<'env>(env: &'env Env, sample: &FlowSample) -> Result<Object<'env>> {
    let mut o = Object::new(env)?;
    o.set("sessionId", sample.session as f64)?;
    o.set("verdict", if sample.allowed { "allowed" } else { "refused" })?;
    set_nullable(&mut o, "ruleId", sample.rule)?;
    o.set("opened", if sample.opened == Direction::FromPeer { "byPeer" } else { "towardsPeer" })?;
    let [source, destination] = sample.addresses;
    o.set("source", source.to_string())?;
    o.set("destination", destination.to_string())?;
    o.set("protocol", sample.protocol)?;
    set_nullable(&mut o, "sourcePort", sample.ports.map(|[source, _]| source.into()))?;
    set_nullable(&mut o, "destinationPort", sample.ports.map(|[_, destination]| destination.into()))?;
    o.set("atMs", sample.at_ms)?;
    Ok(o)
}

fn set_nullable(object: &mut Object<'_>, name: &str, number: Option<u32>) -> Result<()> {
    match number {
        Some(number) => object.set(name, number),
        None => object.set(name, Null),
    }
}

/// `NativeEvent`
pub fn event<'env>(env: &'env Env, event: Event) -> Result<Object<'env>> {
    let mut o = Object::new(env)?;
    match event {
        Event::Connected { connection, local, remote, extended_connect, datagrams } => {
            o.set("type", "connected")?;
            o.set("connectionId", connection as f64)?;
            o.set("localAddress", local)?;
            o.set("remoteAddress", remote)?;
            o.set("extendedConnect", extended_connect)?;
            o.set("datagrams", datagrams)?;
        }
        Event::Request { connection, session, fields, leaf, remote, received_at_ms } => {
            o.set("type", "request")?;
            o.set("connectionId", connection as f64)?;
            o.set("sessionId", session as f64)?;
            o.set("headers", headers(env, &fields)?)?;
            match leaf {
                Some(leaf) => {
                    o.set("leafSha256", tls::hex(&tls::fingerprint(&leaf)))?;
                    o.set("leafCertificate", Buffer::from(leaf))?;
                }
                None => {
                    o.set("leafSha256", Null)?;
                    o.set("leafCertificate", Null)?;
                }
            }
            o.set("remoteAddress", remote)?;
            o.set("receivedAtMs", received_at_ms)?;
        }
        Event::Response { connection, session, status, fields } => {
            o.set("type", "response")?;
            o.set("connectionId", connection as f64)?;
            o.set("sessionId", session as f64)?;
            o.set("status", status)?;
            o.set("headers", headers(env, &fields)?)?;
        }
        Event::Capsules { connection, session, capsules } => {
            o.set("type", "capsules")?;
            o.set("connectionId", connection as f64)?;
            o.set("sessionId", session as f64)?;
            let capsules = capsules
                .into_iter()
                .map(|(kind, value)| {
                    let mut capsule = Object::new(env)?;
                    capsule.set("type", BigInt::from(kind))?;
                    capsule.set("value", Buffer::from(value))?;
                    Ok(capsule)
                })
                .collect::<Result<Vec<_>>>()?;
            o.set("capsules", capsules)?;
        }
        Event::PathChanged { connection, remote } => {
            o.set("type", "pathChanged")?;
            o.set("connectionId", connection as f64)?;
            o.set("remoteAddress", remote)?;
        }
        Event::MtuChanged { connection, session, tunnel_mtu } => {
            o.set("type", "mtuChanged")?;
            o.set("connectionId", connection as f64)?;
            o.set("sessionId", session as f64)?;
            o.set("tunnelMtu", tunnel_mtu as f64)?;
        }
        Event::SessionClosed { connection, session, cause, code } => {
            o.set("type", "sessionClosed")?;
            o.set("connectionId", connection as f64)?;
            o.set("sessionId", session as f64)?;
            o.set("cause", cause.name())?;
            set_code(&mut o, code)?;
        }
        Event::ConnectionClosed { connection, cause, code, reason } => {
            o.set("type", "connectionClosed")?;
            o.set("connectionId", connection as f64)?;
            o.set("cause", cause.name())?;
            set_code(&mut o, code)?;
            o.set("reason", reason)?;
        }
        Event::Flows(samples) => {
            o.set("type", "flows")?;
            o.set("flows", samples.iter().map(|sample| flow(env, sample)).collect::<Result<Vec<_>>>()?)?;
        }
        Event::TunLost { error } => {
            o.set("type", "tunLost")?;
            let mut inner = Object::new(env)?;
            set_error(&mut inner, &error)?;
            o.set("error", inner)?;
        }
    }
    Ok(o)
}
