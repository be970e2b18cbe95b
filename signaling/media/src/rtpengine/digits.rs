//! Digits: those that the daemon heard, and those that we press where nobody else speaks.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use serde_json::Value;
use tokio::net::UdpSocket;

use super::{
    control::{self, random, word},
    hub::{Hub, Order},
    leg::FAR,
};
use crate::{
    event::{Presser, digit},
    rtp::Header,
};

/// Takes the daemon's reports. Each comes at the end of a press.
pub(super) async fn receive(socket: UdpSocket, hub: Arc<Hub>) {
    let mut buffer = vec![0; 4096];
    loop {
        let Ok(length) = socket.recv(&mut buffer).await else {
            continue;
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        let Ok(report) = serde_json::from_slice::<Value>(bytes) else {
            continue;
        };
        // What goes to the far end is reported too.
        if word(&report, "source_tag") != FAR {
            continue;
        }
        let code =
            (report.get("event").and_then(Value::as_u64)).and_then(|code| u8::try_from(code).ok());
        if let (Some(leg), Some(key)) = (hub.leg(word(&report, "callid")), code.and_then(digit)) {
            hub.give(leg, Order::Pressed(key));
        }
    }
}

/// Sends the packets of these digits to a leg's inner side, from where they go to the far end.
pub(super) async fn press(at: SocketAddr, (payload_type, clock): (u8, u32), digits: &str) {
    let Ok(socket) = control::socket(at).await else {
        return;
    };
    let begin = Instant::now();
    let mut presser = Presser::new(clock);
    presser.press(digits, begin);
    let bits = random().to_ne_bytes();
    let [a, b, c, d, e, f, g, h] = bits;
    let base = u32::from_ne_bytes([e, f, g, h]);
    let mut header = Header {
        payload_type,
        marker: false,
        sequence: u16::from_ne_bytes([e, g]),
        timestamp: base,
        ssrc: u32::from_ne_bytes([a, b, c, d]),
    };
    let mut bytes = Vec::new();
    while let Some(due) = presser.deadline() {
        tokio::time::sleep_until(due.into()).await;
        let now = Instant::now();
        while let Some(packet) = presser.poll(now) {
            if packet.first {
                let passed = (now - begin).as_millis() as u64 * u64::from(clock) / 1000;
                header.timestamp = base.wrapping_add(passed as u32);
            }
            header.marker = packet.first;
            header.sequence = header.sequence.wrapping_add(1);
            bytes.clear();
            header.write(&packet.payload, &mut bytes);
            // Lost packets are usual.
            let _ = socket.send_to(&bytes, at).await;
        }
    }
}
