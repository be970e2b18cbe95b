//! A caller: from ringing to hanging up. The call is answered when somebody takes it or when it has to wait in line,
//! and not before: whoever reaches an agent at once pays for nothing else.

use std::{sync::Arc, time::Duration};

use bellwire_core::{Input, Left, Telephone as Does};
use bellwire_media::{
    anchor::{Hears, MediaError, Want},
    sounds::Programme,
};
use bellwire_proto::{
    id::{InteractionId, SessionId},
    interaction::{Caller as Who, EndCause},
    visitor::{VisitorEvent, VisitorRefusal},
    wire::Down,
};
use bellwire_sip::{
    api::{Arrived, CallEvent, Origin},
    cause::Cause,
};

use tokio::time::Instant;

use super::{
    Phones,
    telephone::{Happened, OwnLeg, Telephone},
};
use crate::{
    centre::{Heard, Side},
    random,
};

/// How long a call that has to wait goes unanswered: most often a desk begins to ring at once.
const MOMENT: Duration = Duration::from_millis(300);

struct Caller {
    telephone: Telephone,
    stage: Stage,
    /// What answers the call.
    sdp: String,
    /// Our description is the offer: theirs comes with the confirmation.
    late: bool,
    music: Programme,
    /// When the call is answered because it waits, unless a desk rings before.
    answer_at: Option<Instant>,
}

/// How far the call is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Not answered yet.
    Ringing,
    /// Answered.
    Answered,
    /// Over: we said so.
    Over,
}

/// Serves a caller until the call is over.
pub(super) async fn serve(phones: Arc<Phones>, arrived: Arrived) {
    let Arrived {
        call,
        events,
        origin,
        dialled,
        caller,
        offer,
    } = arrived;
    let directory = phones.directory();
    let secure = directory.is_secure(&origin);
    let own = OwnLeg::open(&phones, secure);
    let want = Want {
        video: true,
        ..Want::default()
    };
    let late = offer.is_none();
    let (sdp, described) = match offer {
        None => match own.leg.offer(Want::default()).await {
            Ok(sdp) => (sdp, None),
            Err(_) => return call.reject(Cause::ServerError { status: 500 }),
        },
        Some(offer) => match own.leg.answer(offer, want).await {
            Ok((sdp, described)) => (sdp, Some(described)),
            Err(error @ (MediaError::Ports(_) | MediaError::Gone(_))) => {
                tracing::error!(%error, "a caller could not be taken");
                return call.reject(Cause::ServerError { status: 500 });
            }
            Err(error) => {
                tracing::info!(%error, ?origin, "a caller offered nothing that can be taken");
                return call.reject(Cause::NotAcceptable);
            }
        },
    };
    let music = phones.programme(directory.sound_of(&dialled)).await;
    let now = phones.app.clock.now();
    let interaction = InteractionId::new(now, random::bits());
    let mut telephone = Telephone::new(&phones, call, events, own, interaction);
    telephone.described = described;
    if let Some(described) = described {
        phones.remember(interaction, described.codec);
    }
    let caller = match origin {
        // Who logged in is known; what its From says anybody may write.
        Origin::Account(user) => Who {
            name: directory.name_of(&user).or(caller.name),
            number: Some(user),
            dialled,
        },
        Origin::Trunk(_) => Who {
            number: caller.number,
            name: caller.name,
            dialled,
        },
    };
    let arrived = Does::Arrived {
        session: SessionId::new(now, random::bits()),
        connection: telephone.connection(),
        interaction,
        peer: telephone.peer,
        caller,
    };
    let line = telephone.line.clone();
    let joined = Heard::joined(line, Side::Visitor, Input::Telephone(arrived));
    phones.hear(joined).await;
    let mut caller = Caller {
        telephone,
        stage: Stage::Ringing,
        sdp,
        late,
        music,
        answer_at: None,
    };
    let how = caller.run().await;
    let connection = caller.telephone.connection();
    phones.forget(interaction);
    let Some(how) = how else {
        return;
    };
    let left = Input::Telephone(Does::CallerLeft { connection, how });
    phones.hear(Heard::left(connection, left)).await;
}

impl Caller {
    async fn run(&mut self) -> Option<Left> {
        loop {
            let answer_at = self.answer_at;
            let happened = tokio::select! {
                biased;
                happened = self.telephone.next() => happened,
                () = until(answer_at) => {
                    self.telephone.call.queue();
                    self.answer();
                    continue;
                }
            };
            match happened {
                Happened::Call(CallEvent::Ended { cause, by_them }) => {
                    return match by_them && !is_lost(cause) {
                        true => Some(Left::HungUp),
                        false => Some(Left::Lost),
                    };
                }
                Happened::Call(event) => self.call(event).await,
                Happened::Silent => {
                    self.hang_up(Cause::Timeout);
                    return Some(Left::Lost);
                }
                Happened::Pressed(key) => self.pressed(key).await,
                Happened::Frame(frame) => {
                    if let Some(down) = Telephone::read(&frame) {
                        self.down(down).await;
                    }
                }
                Happened::Told(told) => {
                    self.telephone.told(told, true).await;
                    self.listen();
                }
                Happened::SentAway => self.hang_up(Cause::Hangup),
                Happened::Stop => {
                    // What becomes of the call is decided when the server starts again.
                    self.hang_up(Cause::ServerError { status: 503 });
                    return None;
                }
            }
        }
    }

    async fn call(&mut self, event: CallEvent) {
        match event {
            CallEvent::Answered { sdp: Some(sdp) } if self.late => {
                self.late = false;
                if self.telephone.agreed(sdp).await.is_none() {
                    self.hang_up(Cause::NotAcceptable);
                }
                self.listen();
            }
            // Our offer has no answer: nothing would be heard (RFC 3261 §13.2.2.4).
            CallEvent::Answered { sdp: None } if self.late => {
                self.hang_up(Cause::NotAcceptable);
            }
            CallEvent::Offered { sdp, reply } => {
                if self.telephone.offered(sdp, reply).await.is_some() {
                    self.listen();
                }
            }
            CallEvent::Agreed { sdp } => {
                self.telephone.agreed(sdp).await;
                self.listen();
            }
            CallEvent::Pressed(key) => {
                self.telephone.press_across(key);
                self.pressed(key).await;
            }
            // Callers are passed on by agents alone: what a caller's telephone asks for is not done.
            CallEvent::Refer(refer) => refer.reply.refuse(),
            CallEvent::Answered { .. }
            | CallEvent::Trying
            | CallEvent::Ringing
            | CallEvent::Progress { .. }
            | CallEvent::Ended { .. } => {}
        }
    }

    async fn pressed(&self, key: char) {
        let (connection, digits) = (self.telephone.connection(), key.to_string());
        let pressed = Does::CallerPressed { connection, digits };
        self.telephone.phones.tell(pressed).await;
    }

    async fn down(&mut self, down: Down<VisitorEvent>) {
        match down {
            Down::Relay { signal, .. } => {
                self.telephone.signal(signal, true).await;
                self.listen();
            }
            Down::Tell(event) => self.event(event),
            Down::Welcome(_) | Down::Done { .. } | Down::Ice(_) | Down::Pong | Down::Bye(_) => {}
        }
    }

    fn event(&mut self, event: VisitorEvent) {
        match event {
            VisitorEvent::Waiting { ringing, .. } => match (self.stage, ringing) {
                // Whoever held the call has it no longer.
                (Stage::Answered, _) if self.telephone.held => {
                    self.telephone.held = false;
                    self.listen();
                }
                (Stage::Ringing, true) => {
                    self.answer_at = None;
                    self.telephone.call.ring();
                }
                (Stage::Ringing, false) => {
                    self.answer_at.get_or_insert(Instant::now() + MOMENT);
                }
                (Stage::Answered | Stage::Over, _) => {}
            },
            VisitorEvent::Connected { .. } => {
                self.telephone.held = false;
                self.answer();
                self.listen();
            }
            VisitorEvent::Held { held, .. } => {
                self.telephone.held = held;
                self.listen();
            }
            VisitorEvent::Digits { digits, .. } => self.press(digits),
            VisitorEvent::Ended { cause, .. } => self.hang_up(cause_of(cause)),
            VisitorEvent::Refused { reason, .. } => self.hang_up(refusal(reason)),
            VisitorEvent::Elsewhere { .. } => self.hang_up(Cause::Hangup),
            VisitorEvent::Session(_)
            | VisitorEvent::Centre(_)
            | VisitorEvent::Invited(_)
            | VisitorEvent::Uninvited(_)
            | VisitorEvent::Asked { .. }
            | VisitorEvent::BadAnswers { .. }
            | VisitorEvent::Directed { .. }
            | VisitorEvent::Monitored(_)
            | VisitorEvent::PeerChanged { .. }
            | VisitorEvent::Reachable { .. }
            | VisitorEvent::Said { .. }
            | VisitorEvent::Typing { .. }
            | VisitorEvent::Read { .. } => {}
        }
    }

    /// Keys for the caller's telephone: with the sound, or by INFO where it takes none there.
    fn press(&self, digits: String) {
        match self.telephone.described {
            Some(described) if !described.digits => {
                for key in digits.chars() {
                    self.telephone.call.press_by_info(key);
                }
            }
            Some(_) | None => self.telephone.own.leg.press(digits),
        }
    }

    fn answer(&mut self) {
        self.answer_at = None;
        if self.stage == Stage::Ringing {
            self.stage = Stage::Answered;
            self.telephone.call.answer(self.sdp.clone());
            self.listen();
        }
    }

    fn listen(&self) {
        let otherwise = match self.stage {
            Stage::Answered => Hears::Sound(self.music.clone()),
            Stage::Ringing | Stage::Over => Hears::Nothing,
        };
        self.telephone.listen(otherwise);
    }

    /// Ends the call as its state demands; that it ended is heard from the call.
    fn hang_up(&mut self, cause: Cause) {
        if self.stage != Stage::Over {
            self.stage = Stage::Over;
            self.telephone.call.hang_up(cause);
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Whether a call that ended like this broke off.
pub(super) fn is_lost(cause: Cause) -> bool {
    match cause {
        Cause::Timeout | Cause::Unreachable | Cause::ServerError { .. } => true,
        Cause::Hangup
        | Cause::Cancelled
        | Cause::Busy
        | Cause::NoAnswer
        | Cause::Rejected
        | Cause::NotFound
        | Cause::NotAcceptable
        | Cause::Forbidden
        | Cause::Other { .. } => false,
    }
}

/// Why the centre ends a caller's call.
fn cause_of(cause: EndCause) -> Cause {
    match cause {
        EndCause::NoAnswer => Cause::NoAnswer,
        EndCause::Declined => Cause::Rejected,
        EndCause::HungUp | EndCause::Abandoned | EndCause::Vanished | EndCause::Directed => {
            Cause::Hangup
        }
    }
}

fn refusal(reason: VisitorRefusal) -> Cause {
    match reason {
        VisitorRefusal::NotOffered | VisitorRefusal::NoSuchInteraction => Cause::NotFound,
        VisitorRefusal::Closed => Cause::NoAnswer,
        VisitorRefusal::Full | VisitorRefusal::TooFast | VisitorRefusal::AlreadyInOne => {
            Cause::Busy
        }
        VisitorRefusal::BadText | VisitorRefusal::NotAsked => Cause::Rejected,
    }
}
