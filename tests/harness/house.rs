//! A centre that serves telephones, with desk phones for Anna and Boris, one in the lobby, and a number.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use bellwire_proto::{
    admin::{Kind, PhoneLine, Save, Saved, TestCall, TestCallResult, TrunkLine},
    agent::{AgentCommand, Device},
    id::{NumberId, PhoneId, TrunkId},
    setup::{Destination, DialLimits, Number, Phone, Trunk},
};
use serde::Serialize;

use crate::{
    administrator::{Administrator, read},
    centre::Centre,
    chance,
    people::{self, Agent},
    phones::{
        ports,
        rtpengine::Rtpengine,
        telephone::{Settings, Telephone},
    },
    wait,
};

/// The password of every phone and trunk of a house.
pub const PASSWORD: &str = "k7mq-2xvd-9hpt-w3nc";

/// The number of the queue "Support".
pub const SUPPORT: &str = "1000";

/// A phone of the house that nobody takes calls on.
pub const LOBBY: &str = "lobby";

/// A centre that serves telephones.
#[derive(Debug)]
pub struct House {
    /// The server.
    pub centre: Centre,
    /// Where SIP is heard, over UDP and TCP.
    pub sip: SocketAddr,
    /// Who set it up.
    pub administrator: Administrator,
    /// Who carries the media, where it is not the server.
    pub rtpengine: Option<Rtpengine>,
}

/// The settings of a server that serves telephones at this port, for tests that start it themselves.
#[must_use]
pub fn settings(port: u16) -> Vec<(String, String)> {
    let here = format!("127.0.0.1:{port}");
    [
        ("BELLWIRE_PHONE_ON", "true"),
        ("BELLWIRE_PHONE_UDP", &here),
        ("BELLWIRE_PHONE_TCP", &here),
        // Every telephone of a test has the same address.
        ("BELLWIRE_PHONE_INVITES_PER_SECOND", "1000"),
        ("BELLWIRE_PHONE_REGISTERS_PER_SECOND", "1000"),
        // Apart from the ports that tests choose for servers and telephones.
        ("BELLWIRE_MEDIA_FIRST_PORT", "2000"),
        ("BELLWIRE_MEDIA_LAST_PORT", "10999"),
        ("BELLWIRE_PHONE_OPTIONS_EVERY_S", "1"),
        ("BELLWIRE_PHONE_FAILOVER_S", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

impl House {
    /// Starts a house.
    ///
    /// # Errors
    ///
    /// As [`Centre::start`].
    pub async fn open() -> Result<Self> {
        Self::open_with(&[]).await
    }

    /// The same with more settings.
    ///
    /// # Errors
    ///
    /// As [`Centre::start`].
    pub async fn open_with(more: &[(&str, &str)]) -> Result<Self> {
        let port = ports::sip()?;
        let mut own = settings(port);
        let rtpengine = match with_rtpengine() {
            true => Some(Rtpengine::start().await?),
            false => None,
        };
        if let Some(daemon) = &rtpengine {
            let at = |name: &str, value: SocketAddr| (name.to_owned(), value.to_string());
            own.push(at("BELLWIRE_MEDIA_RTPENGINE", daemon.ng));
            own.push(at("BELLWIRE_MEDIA_RTPENGINE_DIGITS", daemon.digits));
        }
        let mut all: Vec<(&str, &str)> = (own.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        all.extend_from_slice(more);
        let centre = Centre::start(&all).await?;
        let house = Self {
            administrator: Administrator::sign_in(&centre).await?,
            centre,
            sip: SocketAddr::from(([127, 0, 0, 1], port)),
            rtpengine,
        };
        furnish(&house.administrator).await?;
        Ok(house)
    }

    /// The phone of this user, registered, which says 440 hertz; picked up by hand.
    ///
    /// # Errors
    ///
    /// Where it is not registered.
    pub async fn phone(&self, user: &str) -> Result<Telephone> {
        self.phone_like(Settings::account(self.sip, user, PASSWORD))
            .await
    }

    /// The same with settings of its own.
    ///
    /// # Errors
    ///
    /// Where it is not registered.
    pub async fn phone_like(&self, settings: Settings) -> Result<Telephone> {
        let domain = "localhost".to_owned();
        let phone = Telephone::plug_in(Settings { domain, ..settings }).await?;
        phone.register().await?;
        Ok(phone)
    }

    /// The telephone of a caller: Boris', who speaks at 1000 Hz.
    ///
    /// # Errors
    ///
    /// As [`House::phone_like`].
    pub async fn caller(&self) -> Result<Telephone> {
        self.phone_like(Settings {
            pitch: Some(1000.0),
            ..Settings::account(self.sip, "boris", PASSWORD)
        })
        .await
    }

    /// A desk that takes calls there, and is ready.
    ///
    /// # Errors
    ///
    /// Where it is not let in, or does not have the device.
    pub async fn desk(&self, user: &str, device: Device) -> Result<Agent> {
        let users = self.centre.users("agent")?;
        let who = users.iter().find(|known| known.user == user);
        let desk = people::desk(&self.centre, who.context("no such agent")?).await?;
        if device != Device::Browser {
            desk.ask(AgentCommand::TakeCallsOn { device }).await?;
            desk.until("the device", |known| known.mirror.devices.chosen == device)
                .await?;
        }
        desk.ask(AgentCommand::Ready).await?;
        desk.until("ready", |known| {
            known.mirror.chosen == bellwire_proto::agent::Chosen::Ready
        })
        .await?;
        Ok(desk)
    }

    /// A trunk whose far end is there, with a password where it has a login.
    ///
    /// # Errors
    ///
    /// Where it is not saved.
    pub async fn trunk(&self, change: impl FnOnce(&mut Trunk)) -> Result<TrunkId> {
        self.trunk_with(PASSWORD, change).await
    }

    /// The same with another password.
    ///
    /// # Errors
    ///
    /// Where it is not saved.
    pub async fn trunk_with(
        &self,
        password: &str,
        change: impl FnOnce(&mut Trunk),
    ) -> Result<TrunkId> {
        let id = TrunkId::new(chance::now(), chance::bits());
        let mut trunk: Trunk = serde_json::from_value(serde_json::json!({
            "id": id, "name": "North", "host": "127.0.0.1:9",
        }))?;
        change(&mut trunk);
        let password = trunk.login.is_some().then(|| password.to_owned());
        save(
            &self.administrator,
            Kind::Trunk,
            &id.to_string(),
            trunk,
            password,
        )
        .await?;
        Ok(id)
    }

    /// Allows dialling Spain.
    ///
    /// # Errors
    ///
    /// Where it is not saved.
    pub async fn allow_dialling(&self) -> Result<Saved> {
        let limits = DialLimits {
            allowed: vec!["+34".to_owned()],
            barred: vec!["+34803".to_owned()],
            most_calls: 10,
            minutes_a_day: 100,
            calls_a_number: 20,
            calls_a_visitor: 20,
        };
        save(&self.administrator, Kind::Dialling, "all", limits, None).await
    }

    /// How this trunk stands.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn trunk_line(&self, id: TrunkId) -> Result<TrunkLine> {
        let answer = self
            .administrator
            .ask("GET", "/admin/trunks/live", "")
            .await?;
        let lines: Vec<TrunkLine> = read(&answer)?;
        let line = lines.into_iter().find(|line| line.trunk == id);
        line.context("no such trunk")
    }

    /// Waits until this trunk stands like that.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn until_trunk(
        &self,
        id: TrunkId,
        is: impl Fn(&TrunkLine) -> bool,
    ) -> Result<TrunkLine> {
        wait::until("the trunk's state", wait::PATIENT, async || {
            let line = self.trunk_line(id).await?;
            Ok(is(&line).then_some(line))
        })
        .await
    }

    /// Where phones are.
    ///
    /// # Errors
    ///
    /// Where the server does not tell.
    pub async fn phone_lines(&self) -> Result<Vec<PhoneLine>> {
        let answer = self
            .administrator
            .ask("GET", "/admin/phones/live", "")
            .await?;
        read(&answer)
    }

    /// Tries a trunk by a call.
    ///
    /// # Errors
    ///
    /// Where the server refuses.
    pub async fn test_call(&self, trunk: TrunkId, number: &str) -> Result<TestCallResult> {
        let test = TestCall {
            trunk,
            number: number.to_owned(),
        };
        let body = serde_json::to_string(&test)?;
        let answer = self
            .administrator
            .ask("POST", "/admin/trunks/test", &body)
            .await?;
        read(&answer)
    }
}

/// Whether the tests of this program are those with rtpengine: the same ones, by another name.
fn with_rtpengine() -> bool {
    let name = std::env::current_exe().ok();
    name.is_some_and(|path| path.to_string_lossy().contains("rtpengine"))
}

/// Desk phones `anna` and `boris`, one in the lobby, and the number [`SUPPORT`].
///
/// # Errors
///
/// Where it is not saved.
pub async fn furnish(administrator: &Administrator) -> Result<()> {
    let setup = administrator.current().await?.setup;
    // The one in the lobby belongs to somebody who takes no calls.
    for (user, owner) in [("anna", "anna"), ("boris", "boris"), (LOBBY, "sofia")] {
        let known = setup.users.iter().find(|known| known.user == owner);
        let agent = known.with_context(|| format!("no user {owner}"))?.id;
        let phone = Phone {
            id: PhoneId::new(chance::now(), chance::bits()),
            name: format!("{user}'s desk"),
            user: user.to_owned(),
            agent,
            secure: false,
        };
        let (id, password) = (phone.id.to_string(), Some(PASSWORD.to_owned()));
        save(administrator, Kind::Phone, &id, phone, password).await?;
    }
    let number = Number {
        id: NumberId::new(chance::now(), chance::bits()),
        number: SUPPORT.to_owned(),
        name: "Support line".to_owned(),
        to: Destination::Queue(administrator.queue("Support").await?.id),
        language: "en".to_owned(),
    };
    let id = number.id.to_string();
    save(administrator, Kind::Number, &id, number, None).await?;
    Ok(())
}

async fn save<T: Serialize>(
    administrator: &Administrator,
    kind: Kind,
    id: &str,
    doc: T,
    password: Option<String>,
) -> Result<Saved> {
    let version = administrator.current().await?.version;
    let save = Save {
        version,
        doc,
        despite_warnings: true,
        password,
    };
    let path = format!("/admin/{}/{id}", kind.as_str());
    let body = serde_json::to_string(&save)?;
    read(&administrator.ask("PUT", &path, &body).await?)
}
