//! Telephones: each is a page without a screen. What a page would be told becomes ringing, music and hanging up;
//! what a telephone does becomes an [`Input`]. Nothing is decided here.
//!
//! ```text
//!  Floor ──Order──▶ exchange ──Told──▶ one task a telephone ──▶ sip::Call, media::Leg
//!    ▲                 ▲  sip::Event             │   ▲
//!    └──── Heard ──────┴─────────────────────────┘   └── Line: what a page would be told, and signals
//! ```

mod administration;
mod caller;
mod device;
mod directory;
mod exchange;
mod ledger;
mod page;
mod telephone;
mod waiting;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, anyhow};
use bellwire_core::{Input, Ring, Telephone as Does};
use bellwire_media::{
    anchor::{Anchor, LegId, MediaError},
    codec::Codec,
    embedded::Embedded,
    rtpengine::{Rtpengine, RtpengineSettings},
    sounds::Programme,
};
use bellwire_proto::{
    id::{ConnectionId, InteractionId, PeerId},
    setup::{Setup, WaitingSound},
};
use bellwire_sip::{
    api::{Addresses, CallId},
    endpoint::{Endpoint, Start},
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use self::{directory::Directory, ledger::Ledger, waiting::Waiting};
use crate::{app::App, centre::Heard, config, random};

/// What who serves telephones is told.
pub(crate) enum Order {
    /// How the centre is set up now.
    SetUp {
        /// The set-up.
        setup: Box<Setup>,
        /// Told as soon as the centre was told of it: from then on it knows the agents whose phones are told of.
        known: oneshot::Receiver<()>,
        /// Told as soon as telephones follow it; dropped where they cannot.
        followed: oneshot::Sender<()>,
    },
    /// Ring at an agent's telephone.
    Ring(Ring),
    /// Ring there no longer, unless it was answered.
    StopRing {
        /// The interaction that was offered.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
        /// The agent took the call somewhere else.
        taken: bool,
    },
    /// These two hear each other from now on; at least one is a telephone.
    Bridged {
        /// The call.
        interaction: InteractionId,
        /// The customer's end.
        visitor: End,
        /// The agent's end.
        agent: End,
    },
    /// This telephone hears nobody any more.
    Unbridged {
        /// The telephone.
        connection: ConnectionId,
    },
    /// A telephone is in a call from now on.
    Here {
        /// Its connection.
        connection: ConnectionId,
        /// How to tell its task.
        tell: mpsc::UnboundedSender<Told>,
        /// Its leg.
        leg: LegId,
        /// Its call.
        call: CallId,
    },
    /// A telephone joins its call with another one of its own.
    Join {
        /// Its connection in the customer's call.
        connection: ConnectionId,
        /// The other call.
        other: CallId,
        /// Whom the other call was made to: called instead where that call is gone.
        to: String,
    },
    /// A telephone is gone.
    Gone {
        /// Its connection.
        connection: ConnectionId,
    },
    /// A telephone pressed keys that its sound did not carry, for the telephone across.
    Press {
        /// The telephone that shall get them.
        to: ConnectionId,
        /// Which.
        digits: String,
    },
}

/// One end of a bridge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    /// The connection.
    pub(crate) connection: ConnectionId,
    /// What pages know it by.
    pub(crate) peer: PeerId,
    /// It is a telephone.
    pub(crate) telephone: bool,
}

/// What one telephone's task is told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// Who is across from now on, and in which call.
    Across(Across, InteractionId),
    /// Nobody is across any more.
    Apart,
    /// Keys for its far end.
    Press(String),
}

/// Who is across.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Across {
    /// A page, by its peer connection.
    Page(PeerId),
    /// Another telephone.
    Telephone {
        /// Its connection.
        connection: ConnectionId,
        /// Its leg.
        leg: LegId,
    },
}

/// What every telephone's task shares.
pub(crate) struct Phones {
    app: Arc<App>,
    endpoint: Endpoint,
    anchor: Arc<dyn Anchor>,
    directory: Mutex<Arc<Directory>>,
    ledger: Mutex<Ledger>,
    waiting: Arc<Mutex<Waiting>>,
    /// What callers speak, so that the phone they reach is asked for the same.
    codecs: Mutex<HashMap<InteractionId, Codec>>,
    orders: mpsc::UnboundedSender<Order>,
    tasks: TaskTracker,
}

/// Starts serving telephones, where the settings say so.
///
/// # Errors
///
/// Why it is not possible, in a sentence that says what to do.
pub(crate) async fn start(app: &Arc<App>) -> anyhow::Result<Option<Arc<Phones>>> {
    let config = &app.config.phone;
    if !config.on {
        return Ok(None);
    }
    let settings = config.endpoint().map_err(|why| anyhow!(why))?;
    let waiting = Waiting::open(app.config.media.sounds.as_deref())
        .map_err(|why| anyhow!("the folder of sounds cannot be used (media.sounds): {why}"))?;
    let anchor = anchor(&app.config.media)
        .await
        .map_err(|why| anyhow!("{why}: correct the settings under [media]"))?;
    let setup = app.store.current().await?.setup;
    let directory = Directory::new(setup, app.store.secrets().await?, config);
    let clock = app.clock;
    let start = Start {
        settings,
        directory: directory.endpoint(),
        bindings: directory::bindings(app.store.registrations().await?),
        key: random::bytes(),
        clock: Arc::new(move || clock.now().0),
    };
    let (endpoint, events) = (Endpoint::start(start).await)
        .context("telephones cannot be served; correct the settings under [phone]")?;
    let Addresses { udp, tcp, tls, ws } = endpoint.addresses();
    tracing::info!(?udp, ?tcp, ?tls, ?ws, "serving telephones");
    let (orders, ordered) = mpsc::unbounded_channel();
    let phones = Arc::new(Phones {
        app: app.clone(),
        endpoint,
        anchor,
        ledger: Mutex::new(Ledger::restore(app).await?),
        directory: Mutex::new(Arc::new(directory)),
        waiting: Arc::new(Mutex::new(waiting)),
        codecs: Mutex::default(),
        orders: orders.clone(),
        tasks: TaskTracker::new(),
    });
    let _ = app
        .telephony
        .set(Arc::new(administration::PhonesHandle(phones.clone())));
    let _ = app.orders.set(orders);
    tokio::spawn(exchange::serve(phones.clone(), ordered, events));
    Ok(Some(phones))
}

/// Whether the settings of telephones fit together, without opening anything.
///
/// # Errors
///
/// Which do not, and what to do.
pub(crate) fn check(config: &config::Config) -> anyhow::Result<()> {
    if !config.phone.on {
        return Ok(());
    }
    let settings = config.phone.endpoint().map_err(|why| anyhow!(why))?;
    (settings.check())
        .context("telephones cannot be served; correct the settings under [phone]")?;
    Waiting::open(config.media.sounds.as_deref())
        .map_err(|why| anyhow!("the folder of sounds cannot be used (media.sounds): {why}"))?;
    let media = &config.media;
    if media.rtpengine.is_none() && media.first_port >= media.last_port {
        return Err(anyhow!(
            "media.first_port ({}) has to be below media.last_port ({})",
            media.first_port,
            media.last_port
        ));
    }
    Ok(())
}

/// Who carries the media.
async fn anchor(media: &config::Media) -> Result<Arc<dyn Anchor>, MediaError> {
    let Some(control) = media.rtpengine else {
        return Ok(Embedded::start(media.anchor())?);
    };
    let settings = RtpengineSettings {
        public: media.public,
        digits: media.rtpengine_digits,
        silent_after: Duration::from_secs(media.silent_after_s),
        ..RtpengineSettings::at(control)
    };
    Ok(Rtpengine::connect(settings).await?)
}

impl Phones {
    /// Hangs up everywhere. The server stops.
    pub(crate) async fn stop(&self) {
        self.endpoint.stop().await;
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// How the centre is set up now.
    fn directory(&self) -> Arc<Directory> {
        lock(&self.directory).clone()
    }

    /// What a queue plays. Files are read away from everybody's calls.
    async fn programme(&self, sound: WaitingSound) -> Programme {
        let waiting = self.waiting.clone();
        let read = move || lock(&waiting).programme(&sound);
        match tokio::task::spawn_blocking(read).await {
            Ok(programme) => programme,
            Err(error) => {
                tracing::error!(%error, "the sounds could not be read");
                Programme::Silence
            }
        }
    }

    fn remember(&self, interaction: InteractionId, codec: Codec) {
        lock(&self.codecs).insert(interaction, codec);
    }

    fn remembered(&self, interaction: InteractionId) -> Option<Codec> {
        lock(&self.codecs).get(&interaction).copied()
    }

    fn forget(&self, interaction: InteractionId) {
        lock(&self.codecs).remove(&interaction);
    }

    /// Tells the exchange.
    fn order(&self, order: Order) {
        // An exchange that is gone has nobody to connect any more.
        let _ = self.orders.send(order);
    }

    /// Tells the centre what a telephone did.
    async fn tell(&self, does: Does) {
        self.hear(Heard::other(Input::Telephone(does))).await;
    }

    async fn hear(&self, heard: Heard) {
        // A centre that stops hears nothing any more.
        let _ = self.app.heard.send(heard).await;
    }
}

/// The lock, also where another task panicked: each change leaves a whole state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
