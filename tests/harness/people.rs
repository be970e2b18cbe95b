//! The people at scripted peers: visitors of the demo site, and agents who signed in.

mod visitors;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, Offer},
    id::{InteractionId, MessageId, PeerId, TabId},
    interaction::Medium,
    mirror::{Chat, Desk},
    time::Timestamp,
    wire::{Hello, Pass, VERSION, Welcome},
};
use serde_json::json;

pub use self::visitors::{Visitor, VisitorSide, other_tab, start, visitor};
use crate::{
    centre::{Centre, Credential},
    chance, http,
    peer::{Peer, Side},
};

/// The demo site's key.
pub const SITE: &str = "demo";

/// An agent's desk. Each connection buys a ticket of its own.
#[derive(Clone, Debug)]
pub struct AgentSide {
    port: u16,
    tab: TabId,
    cookie: String,
}

impl Side for AgentSide {
    type Command = AgentCommand;
    type Event = AgentEvent;
    type Mirror = Desk;
    const PATH: &'static str = "/ws/agent";

    fn port(&self) -> u16 {
        self.port
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn hello(&mut self, mirror: &Desk) -> Result<Hello> {
        Ok(Hello {
            version: VERSION,
            tab: self.tab,
            pass: Pass::Agent {
                ticket: ticket(self.port, &self.cookie).await?,
            },
            seen: mirror.seen(),
        })
    }

    fn welcomed(&mut self, _: &Welcome) {}

    fn apply(mirror: &mut Desk, event: AgentEvent, now: Timestamp) {
        mirror.apply(event, now);
    }
}

/// A scripted agent.
pub type Agent = Peer<AgentSide>;

/// Signs in, and returns the session's cookie.
///
/// # Errors
///
/// Where the centre does not let the user in.
pub async fn sign_in(centre: &Centre, who: &Credential) -> Result<String> {
    let body = json!({ "user": who.user, "password": who.password }).to_string();
    let origin = centre.origin();
    let headers = [
        ("content-type", "application/json"),
        ("origin", origin.as_str()),
    ];
    let answer = http::ask(centre.port, "POST", "/api/login", &headers, &body).await?;
    ensure!(
        answer.status == 200,
        "{} was not let in: {answer:?}",
        who.user
    );
    let cookie = answer.header("set-cookie").context("no cookie")?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// A one-time ticket for a desk's socket.
///
/// # Errors
///
/// Where the session is not good.
pub async fn ticket(port: u16, cookie: &str) -> Result<String> {
    let origin = format!("http://127.0.0.1:{port}");
    let headers = [("cookie", cookie), ("origin", origin.as_str())];
    let answer = http::ask(port, "POST", "/api/agent/ticket", &headers, "").await?;
    let ticket = answer.json()?["ticket"].as_str().map(str::to_owned);
    ticket.with_context(|| format!("no ticket: {answer:?}"))
}

/// A desk in a window of its own, not ready yet.
///
/// # Errors
///
/// As [`sign_in`].
pub async fn desk(centre: &Centre, who: &Credential) -> Result<Agent> {
    let desk = window(centre, who).await?;
    desk.until("the desk", |known| known.mirror.agent.is_some())
        .await?;
    Ok(desk)
}

/// A window of an agent who may work in another one already.
///
/// # Errors
///
/// As [`sign_in`].
pub async fn window(centre: &Centre, who: &Credential) -> Result<Agent> {
    let cookie = sign_in(centre, who).await?;
    Ok(Peer::open(AgentSide {
        port: centre.port,
        tab: TabId::new(chance::now(), chance::bits()),
        cookie,
    }))
}

/// A desk that takes interactions.
///
/// # Errors
///
/// As [`desk`].
pub async fn ready_desk(centre: &Centre, who: &Credential) -> Result<Agent> {
    let desk = desk(centre, who).await?;
    desk.ask(AgentCommand::Ready).await?;
    desk.until("ready", |known| {
        known.mirror.chosen == bellwire_proto::agent::Chosen::Ready
    })
    .await?;
    Ok(desk)
}

/// A name for a page's peer connection.
#[must_use]
pub fn peer_id() -> PeerId {
    PeerId::new(chance::now(), chance::bits())
}

impl Agent {
    /// Writes a line.
    ///
    /// # Errors
    ///
    /// As [`Peer::ask`].
    pub async fn say(&self, interaction: InteractionId, text: &str) -> Result<MessageId> {
        let message = message_id();
        let text = text.to_owned();
        self.ask(AgentCommand::Say {
            interaction,
            message,
            text,
        })
        .await?;
        Ok(message)
    }

    /// Waits until this interaction rings here.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn rings(&self, interaction: InteractionId) -> Result<Offer> {
        let known = self
            .until("the desk rings", |known| {
                let offer = known.mirror.offer.as_ref();
                offer.is_some_and(|card| card.offer.interaction == interaction)
            })
            .await?;
        Ok(known.mirror.offer.context("an offer")?.offer)
    }

    /// Waits until this interaction rings here, and takes it.
    ///
    /// # Errors
    ///
    /// Where it does not ring or is not this agent's afterwards.
    pub async fn take(&self, interaction: InteractionId) -> Result<()> {
        let offer = self.rings(interaction).await?;
        let peer = match offer.medium {
            Medium::Call => Some(peer_id()),
            Medium::Chat => None,
        };
        let epoch = offer.epoch;
        self.ask(AgentCommand::Accept {
            interaction,
            epoch,
            peer,
        })
        .await?;
        self.until("the interaction is on the desk", |known| {
            known.mirror.items.contains_key(&interaction)
        })
        .await?;
        Ok(())
    }
}

impl Agent {
    /// Hangs up and ends the wrap-up, so that the next one rings.
    ///
    /// # Errors
    ///
    /// Where the interaction is not this agent's, or stays.
    pub async fn finish(&self, interaction: InteractionId) -> Result<()> {
        self.ask(AgentCommand::HangUp { interaction }).await?;
        let dispositions = self.now().mirror.dispositions;
        let disposition = dispositions.first().cloned().context("no dispositions")?;
        self.ask(AgentCommand::Finish {
            interaction,
            disposition,
            note: String::new(),
        })
        .await?;
        self.until("finished", |known| {
            !known.mirror.items.contains_key(&interaction)
        })
        .await?;
        Ok(())
    }
}

/// A name for a line of a chat.
#[must_use]
pub fn message_id() -> MessageId {
    MessageId::new(chance::now(), chance::bits())
}

/// A chat's lines as `(number, text)`, oldest first.
#[must_use]
pub fn lines(chat: &Chat) -> Vec<(u32, String)> {
    chat.lines()
        .map(|line| (line.seq, line.text.clone()))
        .collect()
}
