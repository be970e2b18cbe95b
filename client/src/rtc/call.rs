//! One call: what the screens ask of it, and what it tells them.
//!
//! The steps of the negotiation are in `steps`, its tracks in `tracks`, its repairs in `pulse`.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    rc::{Rc, Weak},
};

use bellwire_proto::{
    id::PeerId,
    rtc::{IceServer, Sending, Signal, Step},
};
use gloo_timers::callback::Interval;
use web_sys::{MediaStream, MediaStreamTrack};

use super::{
    devices::{Choice, DeviceKind, MediaProblem},
    local::Local,
    negotiation::Negotiation,
    peer::{Peer, PeerEvent},
    quality::{Gauge, Quality},
    recovery::Recovery,
};
use crate::{clock, dom};

pub use super::recovery::CallState;

mod pulse;
mod steps;
mod tracks;

use steps::Job;

/// What a call needs.
pub struct CallOptions {
    /// The page's own peer connection, as it was told to the server.
    pub own: PeerId,
    /// Gives way when both sides offer at once: true for the visitor, false for the agent.
    pub polite: bool,
    /// The microphone, and the camera of a video call. The call owns its tracks from now on.
    pub stream: MediaStream,
    /// Takes a signal to the other page.
    pub on_signal: Box<dyn Fn(Signal)>,
    /// Is told what changed.
    pub on_change: Box<dyn Fn(CallChange)>,
    /// Asks the server for STUN and TURN servers with fresh credentials; they come back by
    /// [`Call::set_ice`].
    pub want_ice: Box<dyn Fn()>,
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("own", &self.own)
            .field("polite", &self.polite)
            .finish_non_exhaustive()
    }
}

/// What changed in a call.
#[derive(Clone, Debug)]
pub enum CallChange {
    /// How the call stands.
    State(CallState),
    /// The other side's sound, and picture if it sends one. Told again when tracks are added,
    /// and with another stream when the other page was loaded anew.
    Remote(MediaStream),
    /// What the other side sends now.
    RemoteSending(Sending),
    /// The own tracks changed: for the self view and the level meter.
    LocalStream(MediaStream),
    /// What this side sends changed: muted, camera, hold.
    Sending(Sending),
    /// A device was unplugged or taken away, and no other microphone could take its place.
    DeviceLost(DeviceKind),
    /// How good the call sounds; told every two seconds while it is connected.
    Quality(Quality),
}

/// The browser cannot make calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "This browser cannot make calls, or a setting of it forbids them. You can write to us instead."
)]
pub struct CallFailed;

/// A call with one other page.
///
/// Nothing is offered before [`Self::offer`] or before the other side offers. Signals that come
/// before the call is made are to be kept and heard in order afterwards. Dropping the last
/// handle closes the call.
pub struct Call {
    this: Weak<Self>,
    on_signal: Box<dyn Fn(Signal)>,
    on_change: Box<dyn Fn(CallChange)>,
    want_ice: Box<dyn Fn()>,
    negotiation: RefCell<Negotiation>,
    recovery: RefCell<Recovery>,
    gauge: RefCell<Gauge>,
    ice: RefCell<Vec<IceServer>>,
    local: Local,
    /// Counts changes of the devices: a slower, older one must not undo a newer one.
    turn: Cell<u32>,
    peer: RefCell<Option<Rc<Peer>>>,
    remote_tracks: RefCell<Vec<MediaStreamTrack>>,
    /// Those of them that are played.
    remote: RefCell<Option<MediaStream>>,
    remote_sending: Cell<Sending>,
    shown: Cell<CallState>,
    jobs: RefCell<VecDeque<Job>>,
    working: Cell<bool>,
    closed: Cell<bool>,
    /// The text of our open offer, for saying it again.
    offered: RefCell<Option<String>>,
    /// The candidates told so far, for telling them again.
    told: RefCell<Vec<Step>>,
    /// Candidates that came before the description they belong to.
    early: RefCell<Vec<Step>>,
    /// The other side made the first offer of this peer connection.
    began_by_other: Cell<bool>,
    /// Peer connections made again because descriptions did not fit.
    rebuilt: Cell<u32>,
    /// ICE restarts with the next credentials, or with the next tick.
    restart_soon: Cell<bool>,
    ticks: Cell<u32>,
    clock: RefCell<Option<Interval>>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("own", &self.own())
            .field("state", &self.shown.get())
            .finish_non_exhaustive()
    }
}

impl Call {
    /// Makes a call ready; it says nothing yet.
    ///
    /// # Errors
    ///
    /// [`CallFailed`] where the browser has no `RTCPeerConnection`. The tracks are stopped then.
    pub fn new(options: CallOptions) -> Result<Rc<Self>, CallFailed> {
        let now = clock::now();
        let call = Rc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            on_signal: options.on_signal,
            on_change: options.on_change,
            want_ice: options.want_ice,
            negotiation: RefCell::new(Negotiation::new(options.own, options.polite)),
            recovery: RefCell::new(Recovery::new(options.polite, now)),
            gauge: RefCell::new(Gauge::new()),
            ice: RefCell::new(Vec::new()),
            local: Local::new(options.stream),
            turn: Cell::new(0),
            peer: RefCell::new(None),
            remote_tracks: RefCell::new(Vec::new()),
            remote: RefCell::new(None),
            remote_sending: Cell::new(Sending::default()),
            shown: Cell::new(CallState::Connecting),
            jobs: RefCell::new(VecDeque::new()),
            working: Cell::new(false),
            closed: Cell::new(false),
            offered: RefCell::new(None),
            told: RefCell::new(Vec::new()),
            early: RefCell::new(Vec::new()),
            began_by_other: Cell::new(false),
            rebuilt: Cell::new(0),
            restart_soon: Cell::new(false),
            ticks: Cell::new(0),
            clock: RefCell::new(None),
        });
        if !call.make_peer() {
            return Err(CallFailed);
        }
        call.watch(DeviceKind::Microphone);
        call.watch(DeviceKind::Camera);
        let this = Weak::clone(&call.this);
        let clock = Interval::new(1_000, move || {
            if let Some(call) = this.upgrade() {
                call.tick();
            }
        });
        call.clock.replace(Some(clock));
        Ok(call)
    }

    /// The page's own peer connection, as the other side knows it.
    #[must_use]
    pub fn own(&self) -> PeerId {
        self.negotiation.borrow().own()
    }

    /// How the call stands.
    #[must_use]
    pub fn state(&self) -> CallState {
        self.shown.get()
    }

    /// Uses these STUN and TURN servers from the next offer or ICE restart on.
    pub fn set_ice(&self, servers: Vec<IceServer>) {
        if let Some(peer) = self.peer()
            && let Err(error) = peer.configure(&servers)
        {
            dom::note("Bellwire: a STUN or TURN server was not accepted", &error);
        }
        self.ice.replace(servers);
        if self.restart_soon.take() {
            self.restart();
        }
    }

    /// Says who the other page is: from `Connected`, and from each `PeerChanged`, also with the
    /// name that is known already.
    pub fn set_remote(&self, peer: PeerId) {
        self.push(Job::Meet(peer));
    }

    /// Starts the negotiation: by the visitor after `Connected`, and by a page that was loaded
    /// anew once it is attached.
    pub fn offer(&self) {
        self.push(Job::Offer);
    }

    /// Takes in a signal from the other page, in the order in which they came.
    pub fn hear(&self, signal: Signal) {
        self.push(Job::Hear(signal));
    }

    /// Both pages are connected to the server again (the page was told `Down::Ice` after it
    /// attached): what was said meanwhile is said again.
    pub fn reattached(&self) {
        self.recovery.borrow_mut().reattached(clock::now());
        self.push(Job::Repeat);
        self.tick();
    }

    /// Mutes the microphone or opens it again.
    pub fn set_muted(&self, muted: bool) {
        self.local.set_muted(muted);
        self.tell_sending();
    }

    /// Whether the microphone is muted.
    #[must_use]
    pub fn muted(&self) -> bool {
        self.local.muted()
    }

    /// Turns the camera on, in a voice call too, or off (its light goes out).
    ///
    /// # Errors
    ///
    /// Why the camera could not be opened; the call goes on without it.
    pub async fn set_camera(&self, on: bool) -> Result<(), MediaProblem> {
        if !on {
            self.next_turn();
            self.put(DeviceKind::Camera, None);
            return Ok(());
        }
        if self.local.camera_on() {
            return Ok(());
        }
        self.open(DeviceKind::Camera, self.local.camera()).await
    }

    /// Whether the camera is on (on hold its picture is not sent).
    #[must_use]
    pub fn camera_on(&self) -> bool {
        self.local.camera_on()
    }

    /// Speaks through another microphone.
    ///
    /// # Errors
    ///
    /// Why it could not be opened; the one in use stays.
    pub async fn use_microphone(&self, id: &str) -> Result<(), MediaProblem> {
        self.open(DeviceKind::Microphone, Choice::Device(id.to_owned()))
            .await
    }

    /// Shows the picture of another camera, and turns it on.
    ///
    /// # Errors
    ///
    /// Why it could not be opened; the one in use stays.
    pub async fn use_camera(&self, id: &str) -> Result<(), MediaProblem> {
        self.open(DeviceKind::Camera, Choice::Device(id.to_owned()))
            .await
    }

    /// Puts the other side on hold, or resumes: it hears music, is not heard here, and sees
    /// nothing.
    pub fn set_hold(&self, held: bool) {
        self.local.set_held(held);
        self.play_remote();
        self.tracks_changed();
    }

    /// Whether the other side is on hold.
    #[must_use]
    pub fn held(&self) -> bool {
        self.local.held()
    }

    /// The own tracks, for the self view and the level meter.
    #[must_use]
    pub fn local_stream(&self) -> MediaStream {
        self.local.stream()
    }

    /// The other side's tracks, once there are any.
    #[must_use]
    pub fn remote_stream(&self) -> Option<MediaStream> {
        self.remote.borrow().clone()
    }

    /// What the other side sends, as far as it told.
    #[must_use]
    pub fn remote_sending(&self) -> Sending {
        self.remote_sending.get()
    }

    /// What this side sends now.
    #[must_use]
    pub fn sending(&self) -> Sending {
        self.local.sending()
    }

    /// Ends the call on this side: the devices are released. Nothing is told to anyone.
    pub fn close(&self) {
        if self.closed.replace(true) {
            return;
        }
        drop(self.clock.take());
        self.jobs.borrow_mut().clear();
        self.local.stop();
        self.remote_tracks.take();
        self.remote.take();
        // A promise of a closed peer connection never settles, so a step under way ends first.
        if !self.working.get() {
            drop(self.peer.take());
        }
    }

    fn peer(&self) -> Option<Rc<Peer>> {
        self.peer.borrow().clone()
    }

    /// Makes a fresh peer connection in the place of the one there was.
    fn make_peer(&self) -> bool {
        let this = Weak::clone(&self.this);
        let made = Peer::new(&self.ice.borrow(), move |event| {
            if let Some(call) = this.upgrade().filter(|call| !call.closed.get()) {
                call.on_peer_event(event);
            }
        });
        match made {
            Ok(peer) => {
                self.local.send_by(&peer);
                self.began_by_other.set(false);
                if let Some(former) = self.peer.replace(Some(Rc::new(peer))) {
                    former.close();
                }
                true
            }
            Err(error) => {
                dom::note("Bellwire: the browser refused a peer connection", &error);
                false
            }
        }
    }

    fn on_peer_event(&self, event: PeerEvent) {
        match event {
            PeerEvent::Negotiate => self.push(Job::Negotiate),
            PeerEvent::Candidate(step) => {
                self.told.borrow_mut().push(step.clone());
                self.say(step);
            }
            PeerEvent::Track(track) => self.take_track(track),
            PeerEvent::Path => self.look(),
        }
    }

    fn say(&self, step: Step) {
        if !self.closed.get() {
            let signal = self.negotiation.borrow().signal(step);
            (self.on_signal)(signal);
        }
    }

    fn change(&self, change: CallChange) {
        if !self.closed.get() {
            (self.on_change)(change);
        }
    }

    fn push(&self, job: Job) {
        if self.closed.get() {
            return;
        }
        self.jobs.borrow_mut().push_back(job);
        if self.working.replace(true) {
            return;
        }
        if let Some(call) = self.this.upgrade() {
            dom::spawn(call.work());
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.close();
    }
}
