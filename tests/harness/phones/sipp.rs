//! sipp: callers and callees by the hundred, from the scenario files in `telephony/sipp`.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use super::{g711::Law, ports, program::Program};
use crate::{
    sound::Folder,
    wait::{SOON, until},
};

/// What sipp plays.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Scenario {
    /// Calls, answers a challenge, talks, hangs up.
    Call,
    /// The same as [`Self::Call`], but it says back what it hears. For one call at a time.
    Echo,
    /// The same as [`Self::Call`], with the offer left to the far end.
    LateOffer,
    /// The same as [`Self::Call`] with a hold and its end in between.
    Hold,
    /// Calls, and gives up while it rings. For a trunk: it answers no challenge.
    Cancel,
    /// Rings, answers after a while, agrees to new offers, waits to be hung up; says back what it hears.
    Answer {
        /// How long it rings.
        ring: Duration,
    },
    /// Refuses each call: `486 Busy Here`, `503 Service Unavailable`.
    Refuse {
        /// The status and its words.
        status: String,
    },
    /// Rings until the caller gives up.
    Ring,
    /// Answers OPTIONS, as a trunk does that is up.
    Options,
    /// A file of the test's own, for a caller.
    Own(PathBuf),
    /// One that sipp brings along, by its name (`uac`, `uas`).
    Included(String),
}

impl Scenario {
    fn text(&self) -> Result<String> {
        let text = match self {
            Self::Call => include_str!("../telephony/sipp/call.xml"),
            Self::Echo => return Ok(echoing(include_str!("../telephony/sipp/call.xml"))),
            Self::LateOffer => include_str!("../telephony/sipp/late.xml"),
            Self::Hold => include_str!("../telephony/sipp/hold.xml"),
            Self::Cancel => include_str!("../telephony/sipp/cancel.xml"),
            Self::Answer { .. } => include_str!("../telephony/sipp/answer.xml"),
            Self::Refuse { .. } => include_str!("../telephony/sipp/refuse.xml"),
            Self::Ring => include_str!("../telephony/sipp/ring.xml"),
            Self::Options => include_str!("../telephony/sipp/options.xml"),
            Self::Own(path) => &std::fs::read_to_string(path)?,
            Self::Included(name) => bail!("{name} is in SIPp, not in a file"),
        };
        Ok(text.to_owned())
    }
}

/// How sipp plays it.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// What.
    pub scenario: Scenario,
    /// Whom it calls; a callee has nobody.
    pub server: Option<SocketAddr>,
    /// The number it dials.
    pub number: String,
    /// The host part of the addresses; the server, where this is empty.
    pub domain: String,
    /// Who calls.
    pub user: String,
    /// The password for a challenge.
    pub password: String,
    /// How many calls. A callee ends after as many.
    pub calls: u32,
    /// How many calls it begins in a second.
    pub rate: u32,
    /// How long each talks (between the steps of a scenario).
    pub talk: Duration,
    /// By TCP, in one connection.
    pub tcp: bool,
    /// The codec.
    pub codec: Law,
    /// The pitch that callers say.
    pub pitch: f64,
    /// How many packets of a hundred it loses.
    pub lost: u32,
    /// How long all of it may take.
    pub within: Duration,
}

impl Wishes {
    /// One call to a number, which talks for a second.
    #[must_use]
    pub fn call(server: SocketAddr, number: &str) -> Self {
        Self {
            server: Some(server),
            number: number.into(),
            ..Self::callee(Scenario::Call)
        }
    }

    /// A callee for one call.
    #[must_use]
    pub fn callee(scenario: Scenario) -> Self {
        Self {
            scenario,
            server: None,
            number: String::new(),
            domain: String::new(),
            user: "sipp".into(),
            password: String::new(),
            calls: 1,
            rate: 10,
            talk: Duration::from_secs(1),
            tcp: false,
            codec: Law::Mu,
            pitch: 440.0,
            lost: 0,
            within: Duration::from_secs(40),
        }
    }

    fn fill(&self, text: &str, tone: &Path) -> String {
        let server = self.server.map(|server| server.to_string());
        let domain = match self.domain.as_str() {
            "" => server.unwrap_or_default(),
            domain => domain.to_owned(),
        };
        let (ring, status) = match &self.scenario {
            Scenario::Answer { ring } => (*ring, ""),
            Scenario::Refuse { status } => (Duration::ZERO, status.as_str()),
            Scenario::Call
            | Scenario::Echo
            | Scenario::LateOffer
            | Scenario::Hold
            | Scenario::Cancel
            | Scenario::Ring
            | Scenario::Options
            | Scenario::Own(_)
            | Scenario::Included(_) => (Duration::ZERO, ""),
        };
        [
            ("{DOMAIN}", domain),
            ("{USER}", self.user.clone()),
            ("{TALK}", self.talk.as_millis().to_string()),
            ("{RING}", ring.as_millis().to_string()),
            ("{STATUS}", status.to_owned()),
            ("{TYPE}", self.codec.payload_type().to_string()),
            ("{CODEC}", self.codec.name().to_owned()),
            ("{TONE}", tone.display().to_string()),
        ]
        .iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Outcome {
    /// Calls that went as the scenario says.
    pub successful: u32,
    /// Calls that did not.
    pub failed: u32,
}

/// A running sipp.
pub struct Sipp {
    program: Program,
    folder: Folder,
    within: Duration,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Sipp {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// Where it is not installed or does not start.
    pub async fn start(wishes: &Wishes) -> Result<Self> {
        let folder = Folder::new()?;
        // SIP, and four for the echo. The ports of what it says it looks for itself.
        let first = ports::block(8)?;
        let arguments = arguments(wishes, folder.path(), first)?;
        let program = Program::start("sipp", folder.path(), &arguments)?;
        let sipp = Self {
            program,
            folder,
            within: wishes.within,
            address: SocketAddr::from(([127, 0, 0, 1], first)),
        };
        if wishes.server.is_none() {
            sipp.listens(wishes.tcp).await?;
        }
        Ok(sipp)
    }

    /// Starts it and waits until all calls went as the scenario says.
    ///
    /// # Errors
    ///
    /// Where one did not; with sipp's own words.
    pub async fn play(wishes: &Wishes) -> Result<Outcome> {
        let outcome = Self::start(wishes).await?.succeed().await?;
        ensure!(
            outcome.successful == wishes.calls,
            "too few calls: {outcome:?}"
        );
        Ok(outcome)
    }

    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// Where it does not come.
    pub async fn finish(&self) -> Result<Outcome> {
        self.program.finish(self.within).await?;
        self.outcome()
    }

    /// Waits for its end, and that no call failed.
    ///
    /// # Errors
    ///
    /// Where one did; with sipp's own words.
    pub async fn succeed(&self) -> Result<Outcome> {
        let outcome = self.finish().await?;
        ensure!(
            outcome.failed == 0 && outcome.successful > 0,
            "{outcome:?}\n{}",
            self.errors()
        );
        Ok(outcome)
    }

    /// Ends a callee that waits for more calls.
    ///
    /// # Errors
    ///
    /// Where it has ended.
    pub async fn stop(&self) -> Result<()> {
        self.program.stop().await
    }

    /// `kill -9`: calls are left hanging.
    ///
    /// # Errors
    ///
    /// Where it has ended.
    pub async fn kill(&self) -> Result<()> {
        self.program.kill().await
    }

    /// How it went so far; sipp writes it down once a second.
    ///
    /// # Errors
    ///
    /// Where it wrote nothing yet.
    pub fn outcome(&self) -> Result<Outcome> {
        let table = std::fs::read_to_string(self.folder.path().join("statistics.csv"));
        read_statistics(&table.context("SIPp wrote no statistics")?)
            .with_context(|| format!("SIPp's statistics cannot be read:\n{}", self.errors()))
    }

    /// What sipp says of calls that failed, each with the message that did not fit.
    #[must_use]
    pub fn errors(&self) -> String {
        let file = self.folder.path().join("errors.log");
        let errors = std::fs::read(file).unwrap_or_default();
        format!(
            "{}\n{}",
            String::from_utf8_lossy(&errors),
            self.program.log()
        )
    }

    async fn listens(&self, tcp: bool) -> Result<()> {
        until("SIPp that listens", SOON, async || {
            self.program.check()?;
            // The port is taken once SIPp has it.
            let free = match tcp {
                true => std::net::TcpListener::bind(self.address).is_ok(),
                false => std::net::UdpSocket::bind(self.address).is_ok(),
            };
            Ok((!free).then_some(()))
        })
        .await
    }
}

impl fmt::Debug for Sipp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sipp")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn arguments(wishes: &Wishes, folder: &Path, first: u16) -> Result<Vec<String>> {
    let mut words: Vec<String> = vec![];
    let mut add = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if let Scenario::Included(name) = &wishes.scenario {
        add("-sn", name.clone());
    } else {
        let tone = folder.join("tone.raw");
        std::fs::write(&tone, tone_of(wishes.pitch, wishes.codec))?;
        let file = folder.join("scenario.xml");
        std::fs::write(&file, wishes.fill(&wishes.scenario.text()?, &tone))?;
        add("-sf", file.display().to_string());
    }
    add("-i", "127.0.0.1".into());
    add("-p", first.to_string());
    add("-mi", "127.0.0.1".into());
    add("-mp", (first + 4).to_string());
    add("-m", wishes.calls.to_string());
    add("-r", wishes.rate.to_string());
    add("-t", if wishes.tcp { "t1" } else { "u1" }.into());
    add("-timeout", format!("{}s", wishes.within.as_secs()));
    add("-recv_timeout", "15000".into());
    add("-stf", "statistics.csv".into());
    add("-fd", "1".into());
    add("-error_file", "errors.log".into());
    if wishes.lost > 0 {
        add("-lost", wishes.lost.to_string());
    }
    if !wishes.number.is_empty() {
        add("-s", wishes.number.clone());
    }
    if !wishes.password.is_empty() {
        add("-au", wishes.user.clone());
        add("-ap", wishes.password.clone());
    }
    words.extend(["-trace_stat", "-trace_err", "-nostdin", "-timeout_error"].map(str::to_owned));
    if wishes.server.is_none() || wishes.scenario == Scenario::Echo {
        words.push("-rtp_echo".into());
    }
    words.extend(wishes.server.map(|server| server.to_string()));
    Ok(words)
}

/// A caller's scenario without its own sound, which comes to where sipp says back what it hears.
fn echoing(scenario: &str) -> String {
    let silent = scenario
        .lines()
        .filter(|line| !line.contains("rtp_stream="));
    let silent: Vec<_> = silent.collect();
    silent
        .join("\n")
        .replace("[rtpstream_audio_port]", "[media_port]")
}

/// A second of a pitch, raw. Whole hertz repeat without a click.
fn tone_of(hz: f64, law: Law) -> Vec<u8> {
    let sample = |nth: u16| {
        let seconds = f64::from(nth) / 8000.0;
        #[allow(clippy::cast_possible_truncation, reason = "sound needs no more")]
        let sample = ((seconds * hz * std::f64::consts::TAU).sin() * 0.4) as f32;
        law.encode(sample)
    };
    (0..8000).map(sample).collect()
}

fn read_statistics(table: &str) -> Result<Outcome> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().context("no names")?.split(';').collect();
    let last: Vec<&str> = lines.last().context("no figures")?.split(';').collect();
    let figure = |wanted: &str| {
        let column = names.iter().position(|name| *name == wanted)?;
        last.get(column)?.parse().ok()
    };
    Ok(Outcome {
        successful: figure("SuccessfulCall(C)").context("no successful calls")?,
        failed: figure("FailedCall(C)").context("no failed calls")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_the_statistics_counts() {
        let table =
            "StartTime;SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);\nx;1;1;0;\nx;1;2;3;\n";

        let outcome = read_statistics(table).unwrap();

        assert_eq!(
            outcome,
            Outcome {
                successful: 2,
                failed: 3
            }
        );
    }
}
