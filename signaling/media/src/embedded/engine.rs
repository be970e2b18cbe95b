//! The thread: waits for datagrams, orders and times, and hands each to who deals with it.

use std::{
    collections::{BTreeSet, HashMap},
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, Waker, net::UdpSocket};

use super::{
    address,
    command::Command,
    flow::MOST_READS,
    leg::{Far, Leg},
    page::Page,
    ports::{self, Ports},
    produce::Reels,
};
use crate::{
    anchor::{Counts, LegEvent, LegId, MediaError, Settings},
    browser::{self, Shared, ufrag_of},
};

const WAKER: Token = Token(0);
const BROWSERS: Token = Token(1);
/// Tokens of a leg's sockets begin here, four for each.
const FIRST: usize = 2;

/// Room for what browsers send while the thread is elsewhere.
const BROWSERS_RECEIVE_BYTES: usize = 4 * 1024 * 1024;
/// Larger datagrams are no media.
pub(super) const LARGEST: usize = 2048;
/// One frame.
pub(super) const FRAME: Duration = Duration::from_millis(20);
/// How often silence is looked for.
const HOUSEKEEPING: Duration = Duration::from_millis(500);
/// From how many addresses one browser's packets may come.
const MOST_ADDRESSES: usize = 64;

/// The thread's state.
pub(super) struct Engine {
    poll: Poll,
    waker: Arc<Waker>,
    woken: Arc<AtomicBool>,
    taken: mpsc::Receiver<Command>,
    counts: Arc<Mutex<Counts>>,
    pub(super) browsers: UdpSocket,
    browsers_address: SocketAddr,
    pub(super) shared: Arc<Shared>,
    pub(super) settings: Settings,
    pub(super) ports: Ports,
    /// The address that telephones are told.
    pub(super) told: IpAddr,
    pub(super) legs: Vec<Option<Leg>>,
    pub(super) free: Vec<usize>,
    pub(super) by_id: HashMap<LegId, usize>,
    /// Why legs could not be opened, until they are closed.
    pub(super) unopened: HashMap<LegId, MediaError>,
    pub(super) by_ufrag: HashMap<String, usize>,
    by_address: HashMap<SocketAddr, usize>,
    pub(super) reels: Reels,
    /// Legs whose sound is made here, frame by frame.
    pub(super) producers: BTreeSet<usize>,
    /// Legs towards which keys are being pressed.
    pub(super) pressing: BTreeSet<usize>,
    /// Sockets of which not everything was read: they are not told of again.
    unread: Vec<Token>,
    /// Pages that have something to send.
    pub(super) dirty: Vec<usize>,
    /// When the next frame is due, while any is.
    pub(super) next_frame: Option<Instant>,
    pages_due: Instant,
    next_housekeeping: Instant,
    pub(super) next_report: Instant,
    pub(super) packet: Vec<u8>,
}

/// Which socket of a telephone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Channel {
    Rtp,
    Rtcp,
    Pictures,
    PicturesRtcp,
}

impl Channel {
    const ALL: [Self; 4] = [Self::Rtp, Self::Rtcp, Self::Pictures, Self::PicturesRtcp];

    pub(super) fn token(self, index: usize) -> Token {
        Token(FIRST + index * 4 + self as usize)
    }
}

impl Engine {
    pub(super) fn new(
        settings: Settings,
        taken: mpsc::Receiver<Command>,
        counts: Arc<Mutex<Counts>>,
    ) -> Result<Self, MediaError> {
        let system = |error: std::io::Error| MediaError::Gone(error.to_string());
        let poll = Poll::new().map_err(system)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(system)?);
        let mut browsers =
            ports::bind(settings.browsers, BROWSERS_RECEIVE_BYTES).map_err(|error| {
                MediaError::Settings(format!(
                    "browsers' media cannot be received on {}: {error}",
                    settings.browsers
                ))
            })?;
        (poll.registry())
            .register(&mut browsers, BROWSERS, Interest::READABLE)
            .map_err(system)?;
        let browsers_address = browsers.local_addr().map_err(system)?;
        let ports = Ports::new(settings.telephones, settings.ports)?;
        let shared = Shared::new(address::candidates(browsers_address, settings.public))?;
        let now = Instant::now();
        Ok(Self {
            poll,
            waker,
            woken: Arc::default(),
            taken,
            counts,
            browsers,
            browsers_address,
            shared: Arc::new(shared),
            told: address::told(settings.telephones, settings.public),
            ports,
            settings,
            legs: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            unopened: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_address: HashMap::new(),
            reels: Reels::default(),
            producers: BTreeSet::new(),
            pressing: BTreeSet::new(),
            unread: Vec::new(),
            dirty: Vec::new(),
            next_frame: None,
            pages_due: now,
            next_housekeeping: now,
            next_report: now,
            packet: Vec::with_capacity(LARGEST),
        })
    }

    pub(super) fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    pub(super) fn woken(&self) -> Arc<AtomicBool> {
        self.woken.clone()
    }

    pub(super) fn browsers_address(&self) -> SocketAddr {
        self.browsers_address
    }

    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; LARGEST];
        loop {
            let timeout = match self.unread.is_empty() {
                true => self.deadline().saturating_duration_since(Instant::now()),
                false => Duration::ZERO,
            };
            match self.poll.poll(&mut events, Some(timeout)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "the media thread cannot wait any more, and ends");
                    return;
                }
            }
            let now = Instant::now();
            if !self.obey(now) {
                return;
            }
            for token in std::mem::take(&mut self.unread) {
                self.read(token, &mut buffer, now);
            }
            for event in &events {
                self.read(event.token(), &mut buffer, now);
            }
            self.keep_time(now);
        }
    }

    fn read(&mut self, token: Token, buffer: &mut [u8], now: Instant) {
        let more = match token {
            WAKER => false,
            BROWSERS => self.read_browsers(buffer, now),
            Token(token) => {
                let (index, channel) = ((token - FIRST) / 4, (token - FIRST) % 4);
                self.read_phone(index, Channel::ALL[channel], buffer, now)
            }
        };
        if more && !self.unread.contains(&token) {
            self.unread.push(token);
        }
    }

    /// Carries out what was ordered. False where the thread shall end.
    fn obey(&mut self, now: Instant) -> bool {
        let mut any = false;
        // Before it looks: what is ordered from now on wakes it again.
        self.woken.store(false, Ordering::SeqCst);
        loop {
            match self.taken.try_recv() {
                Ok(Command::Stop) | Err(mpsc::TryRecvError::Disconnected) => return false,
                Ok(command) => {
                    any = true;
                    self.carry_out(command, now);
                    self.pump_all(now);
                }
                Err(mpsc::TryRecvError::Empty) => break,
            }
        }
        if any {
            let counted = self.count();
            *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = counted;
        }
        true
    }

    /// When something is due next.
    fn deadline(&self) -> Instant {
        let pressed = (self.pressing.iter())
            .filter_map(|index| self.leg(*index)?.presser.deadline())
            .min();
        [self.next_frame, pressed, Some(self.next_report)]
            .into_iter()
            .flatten()
            .fold(self.pages_due.min(self.next_housekeeping), Instant::min)
    }

    fn keep_time(&mut self, now: Instant) {
        self.produce_due(now);
        self.press_due(now);
        if now >= self.pages_due {
            self.look_at_pages(now);
        }
        if now >= self.next_report {
            self.report(now);
        }
        if now >= self.next_housekeeping {
            self.next_housekeeping = now + HOUSEKEEPING;
            self.keep_house(now);
        }
        self.pump_all(now);
    }

    fn look_at_pages(&mut self, now: Instant) {
        self.pages_due = now + Duration::from_secs(60);
        for index in 0..self.legs.len() {
            let Some(Leg {
                far: Far::Page(page),
                ..
            }) = self.leg_mut(index)
            else {
                continue;
            };
            if page.due <= now {
                page.browser.handle_timeout(now);
                self.pump(index, now);
            } else {
                let due = page.due;
                self.pages_due = self.pages_due.min(due);
            }
        }
    }

    /// Tells of telephones that say nothing although they should.
    fn keep_house(&mut self, now: Instant) {
        let patience = self.settings.silent_after;
        for leg in self.legs.iter_mut().flatten() {
            let Far::Phone(phone) = &leg.far else {
                continue;
            };
            if !phone.should_be_heard() {
                leg.heard_at = now;
            } else if !leg.told_silent && now.saturating_duration_since(leg.heard_at) >= patience {
                leg.told_silent = true;
                leg.tell(LegEvent::Silent);
            }
            if leg.digits.deadline().is_some_and(|at| at <= now) {
                // Only that it is up again: presses are told when they begin.
                let _ = leg.digits.expire(now);
            }
        }
        self.reels.tidy(&self.legs);
    }

    /// Reads what came to the browsers' socket. Says whether there may be more.
    fn read_browsers(&mut self, buffer: &mut [u8], now: Instant) -> bool {
        for _ in 0..MOST_READS * 8 {
            match self.browsers.recv_from(buffer) {
                Ok((length, from)) => {
                    let Some(datagram) = buffer.get(..length) else {
                        continue;
                    };
                    self.take_datagram(from, datagram, now);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                // A browser that is gone: the system tells it on the shared socket.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) => {
                    tracing::warn!(%error, "browsers' media cannot be read");
                    return false;
                }
            }
        }
        true
    }

    fn take_datagram(&mut self, from: SocketAddr, datagram: &[u8], now: Instant) {
        let at_address = self.by_address.get(&from).copied();
        // Who is named comes first: a page may have moved to an address that another one had.
        let named = ufrag_of(datagram).and_then(|ufrag| self.by_ufrag.get(ufrag));
        let Some(index) = named.copied().or(at_address) else {
            return;
        };
        let known = at_address == Some(index);
        let Some(Leg {
            far: Far::Page(page),
            ..
        }) = self.leg_mut(index)
        else {
            return;
        };
        page.browser.handle_datagram(from, datagram, now);
        if !known && page.addresses.len() < MOST_ADDRESSES {
            page.addresses.push(from);
            self.by_address.insert(from, index);
        }
        self.pump(index, now);
        self.pump_all(now);
    }

    /// Sends what pages have to send.
    pub(super) fn pump_all(&mut self, now: Instant) {
        while let Some(index) = self.dirty.pop() {
            self.pump(index, now);
        }
    }

    /// Takes everything out of one page.
    pub(super) fn pump(&mut self, index: usize, now: Instant) {
        loop {
            let Some(Leg {
                far: Far::Page(page),
                ..
            }) = self.leg_mut(index)
            else {
                return;
            };
            match page.browser.poll(now) {
                browser::Poll::Transmit { to, bytes } => {
                    // What the system has no room for is lost, as on any network.
                    let _ = self.browsers.send_to(&bytes, to);
                }
                browser::Poll::Rtp {
                    media,
                    header,
                    payload,
                } => self.take_from_page(index, media, header, &payload, now),
                browser::Poll::KeyframeWanted => self.ask_keyframe(index, now),
                browser::Poll::Connected => {
                    if let Some(leg) = self.leg_mut(index) {
                        leg.heard(now);
                    }
                    self.ask_keyframe(index, now);
                }
                browser::Poll::Lost(why) => {
                    tracing::debug!(why, "a browser is gone");
                    if let Some(leg) = self.leg(index) {
                        leg.tell(LegEvent::Lost);
                    }
                }
                browser::Poll::Timeout(at) => {
                    page.due = at;
                    self.pages_due = self.pages_due.min(at);
                    return;
                }
            }
        }
    }

    pub(super) fn register(
        &mut self,
        index: usize,
        sockets: [(&mut UdpSocket, Channel); 2],
    ) -> Result<(), MediaError> {
        for (socket, channel) in sockets {
            (self.poll.registry())
                .register(socket, channel.token(index), Interest::READABLE)
                .map_err(|error| MediaError::Ports(error.to_string()))?;
        }
        Ok(())
    }

    pub(super) fn forget_page(&mut self, index: usize, page: &Page) {
        self.by_ufrag.remove(&page.ufrag);
        for address in &page.addresses {
            // Another page may have it by now.
            if self.by_address.get(address) == Some(&index) {
                self.by_address.remove(address);
            }
        }
    }

    pub(super) fn leg(&self, index: usize) -> Option<&Leg> {
        self.legs.get(index)?.as_ref()
    }

    pub(super) fn leg_mut(&mut self, index: usize) -> Option<&mut Leg> {
        self.legs.get_mut(index)?.as_mut()
    }

    /// Where the leg of this name is.
    pub(super) fn find(&self, id: LegId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// The same for those who want to hear why there is none.
    pub(super) fn named(&self, id: LegId) -> Result<usize, MediaError> {
        let why = || self.unopened.get(&id).cloned();
        self.find(id)
            .ok_or_else(|| why().unwrap_or(MediaError::Closed))
    }
}
