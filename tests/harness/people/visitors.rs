//! Visitors of the demo site: in which browser, on which page, and what they do there.

use anyhow::{Context, Result};
use bellwire_proto::{
    id::{InteractionId, MessageId, SiteKey, TabId},
    interaction::{Medium, Page},
    journey::JourneyEvent,
    mirror::Widget,
    prompt::{Answer, Prompt},
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent, VisitorRefusal, VisitorStage},
    wire::{Hello, Pass, VERSION, Welcome},
};

use super::{SITE, message_id, peer_id};
use crate::{
    centre::Centre,
    chance,
    peer::{Known, Peer, Side},
};

/// A visitor's page.
#[derive(Clone, Debug)]
pub struct VisitorSide {
    port: u16,
    origin: String,
    tab: TabId,
    token: Option<String>,
    visits: u32,
    quiet: bool,
    headers: Vec<(String, String)>,
}

impl VisitorSide {
    /// A page of the demo shop in a browser that knows nothing yet.
    #[must_use]
    pub fn new(centre: &Centre) -> Self {
        Self {
            port: centre.port,
            origin: centre.origin(),
            tab: TabId::new(chance::now(), chance::bits()),
            token: None,
            visits: 0,
            quiet: false,
            headers: vec![],
        }
    }

    /// In the browser that keeps this session's token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// On this visit, by the browser's count.
    #[must_use]
    pub fn visit(mut self, visits: u32) -> Self {
        self.visits = visits;
        self
    }

    /// Whose loader found that the visitor does not want to be watched.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// In a browser that sends this header.
    #[must_use]
    pub fn sends(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Opens the page.
    #[must_use]
    pub fn open(self) -> Visitor {
        Peer::open(self)
    }
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

    fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    async fn hello(&mut self, mirror: &Widget) -> Result<Hello> {
        Ok(Hello {
            version: VERSION,
            tab: self.tab,
            pass: Pass::Visitor {
                site: SiteKey(SITE.into()),
                token: self.token.clone(),
                visits: self.visits,
                quiet: self.quiet,
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

/// A scripted visitor.
pub type Visitor = Peer<VisitorSide>;

/// A new visitor on the demo shop's page.
#[must_use]
pub fn visitor(centre: &Centre) -> Visitor {
    VisitorSide::new(centre).open()
}

/// Another tab of the same visitor.
///
/// # Errors
///
/// Where the visitor is not let in.
pub async fn other_tab(centre: &Centre, visitor: &Visitor) -> Result<Visitor> {
    let token = visitor.token().await?;
    Ok(VisitorSide::new(centre).with_token(&token).open())
}

impl Visitor {
    /// The session's token, once the server has told it.
    ///
    /// # Errors
    ///
    /// Where the visitor is not let in.
    pub async fn token(&self) -> Result<String> {
        let known = self
            .until("welcomed", |known| known.token.is_some())
            .await?;
        known.token.context("a token")
    }

    /// Asks for an agent and waits in line: what is asked before and may be skipped is skipped.
    ///
    /// # Errors
    ///
    /// Where the server does not take it.
    pub async fn start(&self, medium: Medium) -> Result<InteractionId> {
        let interaction = self.begin_and_skip(medium).await?;
        self.until("the interaction waits", |known| in_line(known, interaction))
            .await?;
        Ok(interaction)
    }

    /// Asks for an agent, and waits until the server asks back or the contact is in line.
    ///
    /// # Errors
    ///
    /// Where the server does not take it.
    pub async fn begin(&self, medium: Medium) -> Result<InteractionId> {
        let interaction = InteractionId::new(chance::now(), chance::bits());
        self.ask(VisitorCommand::Start(start(interaction, medium)))
            .await?;
        self.until("the interaction is known", |known| {
            known
                .mirror
                .contacts
                .get(&interaction)
                .is_some_and(|contact| in_line(known, interaction) || contact.prompt.is_some())
        })
        .await?;
        Ok(interaction)
    }

    /// Asks for an agent and skips what is asked before, whatever becomes of it.
    ///
    /// # Errors
    ///
    /// As [`Self::begin`].
    pub async fn begin_and_skip(&self, medium: Medium) -> Result<InteractionId> {
        let interaction = self.begin(medium).await?;
        if let Some(prompt) = self.asked(interaction) {
            let n = prompt.n;
            self.ask(VisitorCommand::Skip { interaction, n }).await?;
        }
        Ok(interaction)
    }

    /// Asks for an agent, and gives the reason for which that is refused.
    ///
    /// # Errors
    ///
    /// Where it is not refused.
    pub async fn is_refused(&self, medium: Medium) -> Result<VisitorRefusal> {
        let interaction = InteractionId::new(chance::now(), chance::bits());
        self.ask(VisitorCommand::Start(start(interaction, medium)))
            .await?;
        self.refusal(interaction).await
    }

    /// Why a request about this interaction was refused.
    ///
    /// # Errors
    ///
    /// Where none was.
    pub async fn refusal(&self, interaction: InteractionId) -> Result<VisitorRefusal> {
        let known = self
            .until("a refusal", |known| refused(known, interaction).is_some())
            .await?;
        refused(&known, interaction).context("a refusal")
    }

    /// What is asked now, before this interaction waits.
    #[must_use]
    pub fn asked(&self, interaction: InteractionId) -> Option<Prompt> {
        let known = self.now();
        let prompt = known.mirror.contacts.get(&interaction)?.prompt.clone();
        prompt.filter(|prompt| prompt.before)
    }

    /// Answers a question: pairs of fact and value.
    ///
    /// # Errors
    ///
    /// As [`Peer::ask`].
    pub async fn answer(
        &self,
        interaction: InteractionId,
        n: u32,
        answers: &[(&str, &str)],
    ) -> Result<()> {
        let answer = |(fact, value): &(&str, &str)| Answer {
            fact: (*fact).to_owned(),
            value: (*value).to_owned(),
        };
        self.ask(VisitorCommand::Answer {
            interaction,
            n,
            answers: answers.iter().map(answer).collect(),
        })
        .await
    }

    /// Tells what happened on the page, and waits until the server has stored it.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn did(&self, events: Vec<JourneyEvent>) -> Result<()> {
        self.ask(VisitorCommand::Journey { events }).await?;
        self.settle().await?;
        Ok(())
    }

    /// Looks at a page in this language.
    ///
    /// # Errors
    ///
    /// As [`Self::did`].
    pub async fn looks(&self, url: &str, language: &str) -> Result<()> {
        let page = Page {
            url: url.to_owned(),
            title: url.to_owned(),
            referrer: String::new(),
            language: language.to_owned(),
        };
        self.ask(VisitorCommand::Looks(page)).await?;
        self.settle().await?;
        Ok(())
    }

    /// Waits until this interaction has this place in line.
    ///
    /// # Errors
    ///
    /// Where it has another one.
    pub async fn stands(&self, interaction: InteractionId, place: u32) -> Result<()> {
        self.until(&format!("number {place} in line"), |known| {
            let contact = known.mirror.contacts.get(&interaction);
            matches!(
                contact.map(|contact| &contact.stage),
                Some(VisitorStage::Waiting { position, .. }) if *position == place
            )
        })
        .await?;
        Ok(())
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

/// A request for an agent, as a page makes it.
#[must_use]
pub fn start(interaction: InteractionId, medium: Medium) -> Start {
    Start {
        interaction,
        medium,
        video: false,
        peer: match medium {
            Medium::Call => Some(peer_id()),
            Medium::Chat => None,
        },
    }
}

/// Told to be in line, or with an agent already.
fn in_line(known: &Known<VisitorSide>, interaction: InteractionId) -> bool {
    known.told.iter().any(|event| {
        matches!(event,
            VisitorEvent::Waiting { interaction: id, .. }
            | VisitorEvent::Connected { interaction: id, .. } if *id == interaction)
    })
}

fn refused(known: &Known<VisitorSide>, about: InteractionId) -> Option<VisitorRefusal> {
    known.told.iter().find_map(|event| {
        let VisitorEvent::Refused {
            interaction: Some(id),
            reason,
        } = event
        else {
            return None;
        };
        (*id == about).then_some(*reason)
    })
}
