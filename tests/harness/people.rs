//! The people at scripted peers: visitors of the demo site, and agents who signed in.

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, Offer},
    id::{InteractionId, MessageId, PeerId, SiteKey, TabId},
    interaction::Medium,
    mirror::{Chat, Desk, Widget},
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent},
    wire::{Hello, Pass, VERSION, Welcome},
};
use serde_json::json;

use crate::{
    centre::{Centre, Credential},
    chance, http,
    peer::{Known, Peer, Side},
};

/// The demo site's key.
pub const SITE: &str = "demo";

/// A visitor's page.
#[derive(Clone, Debug)]
pub struct VisitorSide {
    port: u16,
    origin: String,
    tab: TabId,
    token: Option<String>,
}

impl Side for VisitorSide {
    type Command = VisitorCommand;
    type Event = VisitorEvent;
    type Mirror = Widget;
    const PATH: &'static str = "/ws/visitor";

    fn port(&self) -> u16 {
        self.port
    }

    fn origin(&self) -> String {
        self.origin.clone()
    }

    async fn hello(&mut self, mirror: &Widget) -> Result<Hello> {
        Ok(Hello {
            version: VERSION,
            tab: self.tab,
            pass: Pass::Visitor {
                site: SiteKey(SITE.into()),
                token: self.token.clone(),
            },
            seen: mirror.seen(),
        })
    }

    fn welcomed(&mut self, welcome: &Welcome) {
        if welcome.token.is_some() {
            self.token.clone_from(&welcome.token);
        }
    }

    fn apply(mirror: &mut Widget, event: VisitorEvent, now: Timestamp) {
        mirror.apply(event, now);
    }
}

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

/// A scripted visitor.
pub type Visitor = Peer<VisitorSide>;

/// A scripted agent.
pub type Agent = Peer<AgentSide>;

/// A new visitor on the demo shop's page.
#[must_use]
pub fn visitor(centre: &Centre) -> Visitor {
    Peer::open(VisitorSide {
        port: centre.port,
        origin: centre.origin(),
        tab: TabId::new(chance::now(), chance::bits()),
        token: None,
    })
}

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

impl Visitor {
    /// Asks for an agent, and waits until the server has stored that.
    ///
    /// # Errors
    ///
    /// Where the server does not take it.
    pub async fn start(&self, medium: Medium) -> Result<InteractionId> {
        let interaction = InteractionId::new(chance::now(), chance::bits());
        let peer = match medium {
            Medium::Call => Some(peer_id()),
            Medium::Chat => None,
        };
        let start = Start {
            interaction,
            medium,
            video: false,
            peer,
        };
        self.ask(VisitorCommand::Start(start)).await?;
        let told = |known: &Known<VisitorSide>| {
            known.told.iter().any(|event| {
                matches!(event,
                    VisitorEvent::Waiting { interaction: id, .. }
                    | VisitorEvent::Connected { interaction: id, .. } if *id == interaction)
            })
        };
        self.until("the interaction waits", told).await?;
        Ok(interaction)
    }

    /// Writes a line.
    ///
    /// # Errors
    ///
    /// As [`Peer::ask`].
    pub async fn say(&self, interaction: InteractionId, text: &str) -> Result<MessageId> {
        let message = message_id();
        let text = text.to_owned();
        self.ask(VisitorCommand::Say {
            interaction,
            message,
            text,
        })
        .await?;
        Ok(message)
    }
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

fn message_id() -> MessageId {
    MessageId::new(chance::now(), chance::bits())
}

/// A chat's lines as `(number, text)`, oldest first.
#[must_use]
pub fn lines(chat: &Chat) -> Vec<(u32, String)> {
    chat.lines()
        .map(|line| (line.seq, line.text.clone()))
        .collect()
}
