//! Reads what the browser counts (W3C WebRTC statistics).

use std::time::Duration;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcPeerConnection, RtcStatsReport};

use super::quality::Counts;

/// The counts of the sound that comes in; `None` where the browser tells none.
pub(super) async fn read(pc: &RtcPeerConnection) -> Option<Counts> {
    let report = JsFuture::from(pc.get_stats()).await.ok()?;
    let report: RtcStatsReport = report.unchecked_into();
    let mut counts = Counts::default();
    let mut found = false;
    for entry in &report.values() {
        let Ok(entry) = entry else { break };
        match text(&entry, "type").as_str() {
            "inbound-rtp" if text(&entry, "kind") == "audio" => {
                found = true;
                counts.received += number(&entry, "packetsReceived");
                counts.lost += number(&entry, "packetsLost").max(0.0);
                counts.jitter = seconds(number(&entry, "jitter"));
            }
            // The pair in use is nominated; before that, any that works tells the distance.
            "candidate-pair" if text(&entry, "state") == "succeeded" => {
                let rtt = seconds(number(&entry, "currentRoundTripTime"));
                let nominated = Reflect::get(&entry, &"nominated".into()) == Ok(JsValue::TRUE);
                if nominated || counts.rtt.is_zero() {
                    counts.rtt = rtt;
                }
            }
            _ => {}
        }
    }
    found.then_some(counts)
}

fn text(entry: &JsValue, key: &str) -> String {
    let value = Reflect::get(entry, &key.into()).ok();
    value
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

fn number(entry: &JsValue, key: &str) -> f64 {
    let value = Reflect::get(entry, &key.into()).ok();
    value.and_then(|value| value.as_f64()).unwrap_or_default()
}

fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or_default()
}
