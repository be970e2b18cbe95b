//! rtpengine by itself: started for a measurement, and told what to carry.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use bellwire_tests::{
    phones::{ports, program::Program},
    sound::Folder,
};
use serde_json::{Value, json};
use tokio::{
    net::UdpSocket,
    time::{sleep, timeout},
};

use super::sip;

const TEMPLATE: &str = include_str!("../../peers/rtpengine.conf");

/// How many ports its calls may have.
const PORTS: u16 = 1_400;

/// A running rtpengine.
pub(crate) struct Rtpengine {
    program: Program,
    _folder: Folder,
    /// Where it takes orders (the NG protocol).
    pub(crate) ng: SocketAddr,
}

/// What a leg of a call speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Speaks {
    Pcmu,
    Opus,
}

/// A call it carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connected {
    /// Where the one has to send, and the other.
    pub(crate) to_one: SocketAddr,
    pub(crate) to_other: SocketAddr,
    /// Of the other's codec.
    pub(crate) payload_type: u8,
}

impl Speaks {
    /// The payload type in descriptions, and the codec.
    pub(crate) fn codec(self) -> (u8, &'static str) {
        match self {
            Self::Pcmu => (0, "PCMU/8000"),
            Self::Opus => (111, "opus/48000/2"),
        }
    }
}

impl Rtpengine {
    /// Starts it and waits until it answers.
    pub(crate) async fn start() -> Result<Self> {
        let folder = Folder::new()?;
        let first = ports::block(PORTS + 2)?;
        let text = TEMPLATE
            .replace("{NG}", &first.to_string())
            .replace("{FIRST}", &(first + 2).to_string())
            .replace("{LAST}", &(first + 1 + PORTS).to_string());
        let file = folder.path().join("rtpengine.conf");
        std::fs::write(&file, text)?;
        let words = [
            format!("--config-file={}", file.display()),
            "--config-section=rtpengine".to_owned(),
        ];
        let rtpengine = Self {
            program: Program::start("rtpengine", folder.path(), &words)?,
            _folder: folder,
            ng: SocketAddr::from(([127, 0, 0, 1], first)),
        };
        for _ in 0..100 {
            rtpengine.program.check()?;
            let answer = rtpengine.ask(json!({ "command": "ping" })).await;
            if answer.is_ok_and(|answer| answer["result"] == "pong") {
                return Ok(rtpengine);
            }
            sleep(Duration::from_millis(50)).await;
        }
        bail!("rtpengine does not answer:\n{}", rtpengine.program.log())
    }

    pub(crate) fn id(&self) -> Result<u32> {
        self.program.id().context("rtpengine ended")
    }

    /// A call between two telephones at these addresses.
    pub(crate) async fn connect(
        &self,
        one: (SocketAddr, Speaks),
        other: (SocketAddr, Speaks),
    ) -> Result<Connected> {
        let describe = |(at, speaks): (SocketAddr, Speaks)| {
            let (payload_type, codec) = speaks.codec();
            sip::describe(at, payload_type, codec)
        };
        let id = sip::fresh();
        let mut offer = json!({
            "command": "offer", "call-id": id, "from-tag": "a", "sdp": describe(one),
            "ICE": "remove", "transport-protocol": "RTP/AVP", "replace": ["origin", "session-connection"],
        });
        if one.1 != other.1 {
            offer["codec"] = match other.1 {
                Speaks::Pcmu => json!({ "mask": ["opus"], "transcode": ["PCMU"] }),
                Speaks::Opus => json!({ "mask": ["PCMU"], "transcode": ["opus"] }),
            };
        }
        let offered = self.order(offer).await?;
        // Numbers of types that are not fixed are the offer's.
        let (_, name) = other.1.codec();
        let sdp = offered["sdp"].as_str().unwrap_or_default();
        let codec = name.split('/').next().unwrap_or_default();
        let (to_other, payload_type) = sip::sound(sdp, codec).context("no port for the other")?;
        let answer = json!({
            "command": "answer", "call-id": id, "from-tag": "a", "to-tag": "b",
            "sdp": sip::describe(other.0, payload_type, name),
            "ICE": "remove", "transport-protocol": "RTP/AVP", "replace": ["origin", "session-connection"],
        });
        let answered = self.order(answer).await?;
        let sdp = answered["sdp"].as_str().unwrap_or_default();
        let (to_one, _) = sip::sound(sdp, one.1.codec().1).context("no port for the one")?;
        Ok(Connected {
            to_one,
            to_other,
            payload_type,
        })
    }

    async fn order(&self, order: Value) -> Result<Value> {
        let answer = self.ask(order).await?;
        ensure!(answer["result"] == "ok", "rtpengine refuses: {answer}");
        Ok(answer)
    }

    async fn ask(&self, order: Value) -> Result<Value> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let cookie = sip::fresh();
        let text = format!("{cookie} {order}");
        socket.send_to(text.as_bytes(), self.ng).await?;
        let mut buffer = vec![0; 65_536];
        let length = timeout(Duration::from_secs(2), socket.recv(&mut buffer)).await;
        let length = length.context("rtpengine does not answer")??;
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let (_, answer) = text.split_once(' ').context("no answer of rtpengine")?;
        Ok(serde_json::from_str(answer)?)
    }
}
