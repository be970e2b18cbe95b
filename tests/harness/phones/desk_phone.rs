//! A desk phone: baresip, steered over its control port; what it hears comes to the test as a call.

mod config;
mod control;
mod ear;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};

pub use self::{
    config::{Config, Srtp, Transport, Voice},
    control::Event,
};
use self::{control::Control, ear::Ear};
use super::{
    ear::{Ears, Heard},
    ports,
    program::Program,
};
use crate::{
    sound::Folder,
    wait::{SOON, until},
};

const TEMPLATE: &str = include_str!("../telephony/baresip.conf");

/// A running desk phone.
#[derive(Debug)]
pub struct DeskPhone {
    config: Config,
    control: Arc<Control>,
    program: Program,
    ear: Ear,
    _folder: Folder,
    /// Where it listens.
    pub address: SocketAddr,
}

impl DeskPhone {
    /// Starts a phone and waits until it is registered.
    ///
    /// # Errors
    ///
    /// Where it is not installed, does not start or is not let in; with its log.
    pub async fn start(config: Config) -> Result<Self> {
        let phone = Self::switch_on(config).await?;
        if phone.config.registers {
            phone.registered().await?;
        }
        Ok(phone)
    }

    /// Starts a phone, and does not wait until it is registered.
    ///
    /// # Errors
    ///
    /// Where it is not installed or does not start; with its log.
    pub async fn switch_on(config: Config) -> Result<Self> {
        let folder = Folder::new()?;
        let first = ports::block(60)?;
        let (sip, control) = (first, first + 4);
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let settings = TEMPLATE
            .replace("{LISTEN}", &local(sip).to_string())
            .replace("{CONTROL}", &local(control).to_string())
            .replace("{PORTS}", &format!("{}-{}", first + 8, first + 58))
            .replace("{VIDEO}", config.video_lines())
            .replace("{MODULES}", modules()?);
        std::fs::write(folder.path().join("config"), settings)?;
        std::fs::write(folder.path().join("contacts"), "")?;
        let accounts = format!(
            "{}\n{}\n",
            config.account_line(),
            ear::account_line(local(sip))
        );
        std::fs::write(folder.path().join("accounts"), accounts)?;
        let arguments = ["-4", "-v", "-f"].map(str::to_owned);
        let folder_name = folder.path().display().to_string();
        let program = Program::start(
            "baresip",
            folder.path(),
            &[&arguments[..], &[folder_name]].concat(),
        )?;
        let steering = until("desk phone", SOON, async || {
            program.check()?;
            Ok(Some(Control::connect(local(control)).await?))
        });
        let control = Arc::new(steering.await?);
        let ear = Ear::open(&control, local(sip), &config.address()).await;
        let ear = ear.with_context(|| program.log())?;
        Ok(Self {
            config,
            control,
            program,
            ear,
            _folder: folder,
            address: local(sip),
        })
    }

    /// Waits until it is registered.
    ///
    /// # Errors
    ///
    /// Where it is refused, or nobody answers.
    pub async fn registered(&self) -> Result<()> {
        let own = self.config.address();
        let registered = until("registration", SOON, async || {
            self.program.check()?;
            let accounts = self.control.ask(&[("reginfo", "")]).await?;
            let line = accounts.lines().find(|line| line.contains(&own));
            let line = line.with_context(|| format!("no such account in {accounts}"))?;
            ensure!(line.contains("OK"), "the phone says {line}");
            Ok(Some(()))
        });
        registered.await.with_context(|| self.log())
    }

    /// Waits until it is called.
    ///
    /// # Errors
    ///
    /// Where it is not.
    pub async fn rings(&self) -> Result<Event> {
        self.event("incoming call", SOON, |event| event.kind == "CALL_INCOMING")
            .await
    }

    /// Picks up.
    ///
    /// # Errors
    ///
    /// Where nobody calls.
    pub async fn answer(&self) -> Result<()> {
        self.command("accept", "").await
    }

    /// Calls a number, or a whole address.
    ///
    /// # Errors
    ///
    /// Where the phone does not.
    pub async fn dial(&self, to: &str) -> Result<()> {
        self.command("dial", &self.uri(to)).await
    }

    /// Waits until it talks.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn talks(&self) -> Result<()> {
        self.event("established call", SOON, |event| {
            event.kind == "CALL_ESTABLISHED"
        })
        .await
        .map(drop)
    }

    /// Waits until the call is over; why, in the phone's words.
    ///
    /// # Errors
    ///
    /// Where it is not.
    pub async fn closes(&self) -> Result<String> {
        let closed = self.event("end of the call", SOON, |event| event.kind == "CALL_CLOSED");
        Ok(closed.await?.param)
    }

    /// Hangs up, or declines.
    ///
    /// # Errors
    ///
    /// Where the phone does not.
    pub async fn hang_up(&self) -> Result<()> {
        self.command("hangup", "").await
    }

    /// Puts the far end on hold (re-INVITE with sendonly).
    ///
    /// # Errors
    ///
    /// Where the phone does not.
    pub async fn hold(&self) -> Result<()> {
        self.command("hold", "").await
    }

    /// Goes on talking.
    ///
    /// # Errors
    ///
    /// Where the phone does not.
    pub async fn resume(&self) -> Result<()> {
        self.command("resume", "").await
    }

    /// Says nothing, or something again.
    ///
    /// # Errors
    ///
    /// Where the phone does not.
    pub async fn toggle_mute(&self) -> Result<()> {
        self.command("mute", "").await
    }

    /// Presses keys: digits in RTP.
    ///
    /// # Errors
    ///
    /// Where the phone does not.
    pub async fn press(&self, keys: &str) -> Result<()> {
        self.command("sndcode", keys).await
    }

    /// Sends the far end to somebody else (REFER), and leaves when it was told that this worked.
    ///
    /// # Errors
    ///
    /// Where the phone does not.
    pub async fn transfer(&self, to: &str) -> Result<()> {
        self.command("transfer", &self.uri(to)).await
    }

    /// The digits that came so far.
    #[must_use]
    pub fn digits(&self) -> String {
        let events = self.control.events();
        let digits = events
            .iter()
            .filter(|event| event.kind == "CALL_DTMF_START");
        digits.map(|event| event.param.as_str()).collect()
    }

    /// Waits for exactly these digits.
    ///
    /// # Errors
    ///
    /// Where others come, or none.
    pub async fn takes_digits(&self, digits: &str) -> Result<()> {
        until(format!("digits {digits}"), SOON, async || {
            let came = self.digits();
            ensure!(came == digits, "came {came}");
            Ok(Some(()))
        })
        .await
    }

    /// Waits for the next event that fits; those before it are not looked at again.
    ///
    /// # Errors
    ///
    /// Where it does not come; with what came.
    pub async fn event(
        &self,
        what: &str,
        within: Duration,
        fits: impl Fn(&Event) -> bool,
    ) -> Result<Event> {
        let own = format!("{}@", self.config.user);
        let fits = |event: &Event| event.account.contains(&own) && fits(event);
        let found = until(what, within, async || {
            self.program.check()?;
            Ok(self.control.next(fits))
        });
        found
            .await
            .with_context(|| format!("{:#?}\n{}", self.control.events(), self.log()))
    }

    /// Gives the phone a command of its own language.
    ///
    /// # Errors
    ///
    /// Where it does not take it.
    pub async fn command(&self, command: &str, parameters: &str) -> Result<()> {
        let said = self.control.ask(&[(command, parameters)]).await;
        said.map(drop).with_context(|| self.log())
    }

    fn uri(&self, to: &str) -> String {
        let transport = self.config.transport.name();
        match to.starts_with("sip:") || to.starts_with('<') {
            true => to.to_owned(),
            false => format!("sip:{to}@{};transport={transport}", self.config.domain),
        }
    }

    /// Waits until pictures come.
    ///
    /// # Errors
    ///
    /// Where none do; with its log.
    pub async fn sees_pictures(&self) -> Result<()> {
        let come = until("pictures", SOON, async || {
            self.program.check()?;
            let established = "incoming rtp for 'video' established";
            Ok(self.log().contains(established).then_some(()))
        });
        come.await.with_context(|| self.log())
    }

    /// Dies in the middle of whatever it does: nobody is told.
    ///
    /// # Errors
    ///
    /// Where it is dead already.
    pub async fn kill(&self) -> Result<()> {
        self.program.kill().await
    }

    /// Is switched off: it hangs up and says that it is no longer registered.
    ///
    /// # Errors
    ///
    /// Where it is dead already.
    pub async fn stop(&self) -> Result<()> {
        self.program.stop().await
    }

    /// Everything it logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }

    /// What was heard within `span` up to now.
    #[must_use]
    pub fn listen_back(&self, span: Duration) -> Heard {
        self.ear.call.listen_back(span)
    }
}

impl Ears for DeskPhone {
    fn listen(&self) -> Result<Heard> {
        self.ear.call.listen()
    }
}

fn modules() -> Result<&'static str> {
    let places = [
        "/usr/lib/baresip/modules",
        "/usr/lib64/baresip/modules",
        "/usr/local/lib/baresip/modules",
    ];
    let found = places.into_iter().find(|place| Path::new(place).is_dir());
    let Some(found) = found else {
        bail!("baresip has no modules in {places:?}")
    };
    Ok(found)
}
