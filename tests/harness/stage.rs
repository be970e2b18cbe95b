//! A centre, a shop on another origin, and two browsers whose microphones have different voices.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result};
use playwright_rs::{
    Browser, BrowserContext, Page,
    protocol::{BrowserContextOptions, Viewport},
};
use tokio::time::timeout;

use crate::{
    browsers::Browsers,
    centre::{Centre, Credential, free_port},
    guests::{Desk, Guest},
    looks,
    people::SITE,
    proxy::Proxy,
    shop::Shop,
    view::View,
};

/// The longest a scene may play.
const CURFEW: Duration = Duration::from_secs(160);

/// Where a test plays.
pub struct Stage {
    /// The centre.
    pub centre: Centre,
    /// The shop, on another origin, which the demo site allows.
    pub shop: Shop,
    wire: Option<Proxy>,
    browsers: Browsers,
    pages: Mutex<Vec<Page>>,
    console: Arc<Mutex<Vec<String>>>,
}

/// Plays one scene on a stage of its own, and tells everything that helps where it fails.
///
/// # Errors
///
/// Those of the scene.
pub async fn play(
    name: &str,
    settings: &[(&str, &str)],
    scene: impl AsyncFnOnce(&Stage) -> Result<()>,
) -> Result<()> {
    perform(name, Stage::set(settings, false).await?, scene).await
}

/// The same, with a wire between pages and server that can be cut ([`Stage::wire`]).
///
/// # Errors
///
/// Those of the scene.
pub async fn play_on_a_wire(
    name: &str,
    scene: impl AsyncFnOnce(&Stage) -> Result<()>,
) -> Result<()> {
    perform(name, Stage::set(&[], true).await?, scene).await
}

async fn perform(
    name: &str,
    stage: Stage,
    scene: impl AsyncFnOnce(&Stage) -> Result<()>,
) -> Result<()> {
    let outcome = match timeout(CURFEW, scene(&stage)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(anyhow::anyhow!("{name} took longer than {CURFEW:?}")),
    };
    if outcome.is_err() {
        stage.tell(name).await;
    }
    stage.browsers.close().await;
    outcome
}

impl Stage {
    async fn set(settings: &[(&str, &str)], wired: bool) -> Result<Self> {
        let house = async {
            let centre = Centre::start(settings).await?;
            let wire = match wired {
                true => Some(Proxy::open(free_port()?, centre.port).await?),
                false => None,
            };
            let origin = origin(&centre, wire.as_ref());
            let shop = Shop::open(format!("{origin}/bellwire.js"), SITE.into()).await?;
            centre.allow(&shop.origin()).await?;
            anyhow::Ok((centre, wire, shop))
        };
        let ((centre, wire, shop), browsers) = tokio::try_join!(house, Browsers::launch())?;
        Ok(Self {
            centre,
            shop,
            wire,
            browsers,
            pages: Mutex::default(),
            console: Arc::default(),
        })
    }

    /// The centre's origin, as pages see it.
    #[must_use]
    pub fn origin(&self) -> String {
        origin(&self.centre, self.wire.as_ref())
    }

    /// The wire between pages and server.
    ///
    /// # Errors
    ///
    /// Where the stage has none.
    pub fn wire(&self) -> Result<&Proxy> {
        self.wire.as_ref().context("this stage has no wire")
    }

    /// A visitor with a page of the shop open, whose microphone and camera may be used.
    ///
    /// # Errors
    ///
    /// Where the browser does not start or the page does not load.
    pub async fn visitor(&self, path: &str) -> Result<Guest> {
        self.visitor_at(&self.shop.url(path), &["microphone", "camera"])
            .await
    }

    /// A visitor with a page of the demo shop open, as [`Self::visitor`].
    ///
    /// # Errors
    ///
    /// As [`Self::visitor`].
    pub async fn demo_visitor(&self, path: &str) -> Result<Guest> {
        self.visitor_at(&self.centre.url(path), &["microphone", "camera"])
            .await
    }

    /// A visitor whose browser asks sites not to watch (Global Privacy Control).
    ///
    /// # Errors
    ///
    /// As [`Self::visitor`].
    pub async fn quiet_visitor(&self, path: &str) -> Result<Guest> {
        let browser = &self.browsers.visitors;
        let (context, page) = self.open(browser, &["microphone"], "visitor").await?;
        let control = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', \
                       { get: () => true })";
        context.add_init_script(control).await?;
        page.goto(&self.shop.url(path), None).await?;
        Ok(Guest { context, page })
    }

    /// A visitor with a page open, and nothing but these permissions.
    ///
    /// # Errors
    ///
    /// As [`Self::visitor`].
    pub async fn visitor_at(&self, url: &str, permissions: &[&str]) -> Result<Guest> {
        let browser = &self.browsers.visitors;
        let (context, page) = self.open(browser, permissions, "visitor").await?;
        page.goto(url, None).await.context("opening the shop")?;
        Ok(Guest { context, page })
    }

    /// A signed-in agent, not ready yet.
    ///
    /// # Errors
    ///
    /// As [`Self::visitor`], and where the agent is not let in.
    pub async fn desk(&self, who: &Credential) -> Result<Desk> {
        let desk = self.sign_in_page(&who.user).await?;
        desk.sign_in(who).await?;
        Ok(desk)
    }

    /// The first user of this role, signed in: "supervisor", or "administrator".
    ///
    /// # Errors
    ///
    /// As [`Self::visitor`], and where the user is not let in.
    pub async fn office(&self, role: &str) -> Result<Desk> {
        let users = self.centre.users(role)?;
        let who = users.first().with_context(|| format!("no {role}"))?;
        let desk = self.sign_in_page(&who.user).await?;
        desk.enter(who).await?;
        Ok(desk)
    }

    /// The desk before anyone has signed in. `name` is for the logs.
    ///
    /// # Errors
    ///
    /// As [`Self::visitor`].
    pub async fn sign_in_page(&self, name: &str) -> Result<Desk> {
        let browser = &self.browsers.agents;
        let permissions = [
            "microphone",
            "camera",
            "notifications",
            "clipboard-read",
            "clipboard-write",
        ];
        let (context, page) = self.open(browser, &permissions, name).await?;
        let url = format!("{}/agent/", self.origin());
        page.goto(&url, None).await.context("opening the desk")?;
        Ok(Desk { context, page })
    }

    /// The first of the seeded agents, signed in and ready.
    ///
    /// # Errors
    ///
    /// As [`Self::desk`].
    pub async fn ready_desk(&self) -> Result<Desk> {
        let desk = self.desk(&self.agent(0)?).await?;
        desk.get_ready().await?;
        Ok(desk)
    }

    /// A seeded agent.
    ///
    /// # Errors
    ///
    /// Where there are not that many.
    pub fn agent(&self, nth: usize) -> Result<Credential> {
        let agents = self.centre.users("agent")?;
        agents.into_iter().nth(nth).context("too few seeded agents")
    }

    /// Everything the browsers' consoles said so far.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        lock(&self.console).clone()
    }

    async fn open(
        &self,
        browser: &Browser,
        permissions: &[&str],
        who: &str,
    ) -> Result<(BrowserContext, Page)> {
        // To grant anything is to refuse everything else: a list without the microphone refuses it.
        let mut granted = vec!["storage-access".to_owned()];
        granted.extend(permissions.iter().map(|&name| name.to_owned()));
        let options = BrowserContextOptions::builder()
            .permissions(granted)
            .locale("en-GB".into())
            .viewport(Viewport {
                width: 1280,
                height: 800,
            })
            .build();
        let context = browser.new_context_with_options(options).await?;
        context.set_default_timeout(15_000.0).await;
        context
            .add_init_script(include_str!("js/witness.js"))
            .await?;
        self.overhear(&context, who).await?;
        let page = context.new_page().await?;
        lock(&self.pages).push(page.clone());
        Ok((context, page))
    }

    async fn overhear(&self, context: &BrowserContext, who: &str) -> Result<()> {
        let (console, who) = (Arc::clone(&self.console), who.to_owned());
        let errors = (Arc::clone(&self.console), who.clone());
        context
            .on_console(move |message| {
                let line = format!("{who}: {}: {}", message.type_(), message.text());
                lock(&console).push(line);
                async { Ok(()) }
            })
            .await?;
        context
            .on_weberror(move |error| {
                let (console, who) = &errors;
                lock(console).push(format!("{who}: uncaught: {}", error.error()));
                async { Ok(()) }
            })
            .await?;
        Ok(())
    }

    /// Tells what everybody said and saw, for a scene that failed.
    async fn tell(&self, name: &str) {
        println!("---- {name}: consoles\n{}", self.console().join("\n"));
        println!("---- {name}: server\n{}", self.centre.log());
        let pages = lock(&self.pages).clone();
        for (nth, page) in pages.iter().enumerate() {
            let name = format!("failed-{name}-{nth}");
            let picture = View::page(page);
            _ = timeout(Duration::from_secs(5), looks::screenshot(&picture, &name)).await;
        }
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage")
            .field("centre", &self.centre)
            .field("shop", &self.shop)
            .finish_non_exhaustive()
    }
}

fn origin(centre: &Centre, wire: Option<&Proxy>) -> String {
    let port = wire.map_or(centre.port, |wire| wire.port);
    format!("http://127.0.0.1:{port}")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
