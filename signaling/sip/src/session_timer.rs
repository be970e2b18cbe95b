//! Whether a call is still there: session timers (RFC 4028) as a machine on a virtual clock.
//!
//! One side refreshes the session at half of its interval; if nothing was refreshed shortly before
//! the interval ends, the call is over. Where the far end knows nothing of timers we refresh all
//! the same (§7.2 and §9 let us), so that a phone that died does not keep its call for ever.
//!
//! ```text
//!   INVITE in : accept(asked) ──▶ Granted { timer, headers of the 2xx } or TooSmall (422)
//!   INVITE out: Wish::headers, then SessionTimer::of_answer(2xx), or Wish::raised(422)
//!   then      : poll_timeout_ms ──▶ handle_timeout ──▶ Refresh │ Expire
//! ```

use crate::{settings::Settings, words::Parameters};

/// The shortest interval that RFC 4028 §4 allows, in seconds.
pub const LEAST_S: u32 = 90;
/// The longest interval that we agree to, in seconds: a day.
const MOST_S: u32 = 24 * 3600;
/// How long a refresh waits that crossed one of the far end's (RFC 3261 §14.1: the owner of the
/// Call-ID waits 2.1 to 4 seconds, the other less), in milliseconds.
const CROSSED_MS: u64 = 2_500;

/// What we ask for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wish {
    /// The session interval, in seconds.
    pub session_expires_s: u32,
    /// The shortest that we accept, in seconds.
    pub min_se_s: u32,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            session_expires_s: 1800,
            min_se_s: LEAST_S,
        }
    }
}

impl From<&Settings> for Wish {
    fn from(settings: &Settings) -> Self {
        Self {
            session_expires_s: settings.session_expires_s,
            min_se_s: settings.min_se_s,
        }
    }
}

impl Wish {
    /// The headers of an INVITE of ours (§7.1). `Supported: timer` is the caller's, as it is one
    /// header with the other extensions.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("Session-Expires", self.session_expires_s.to_string()),
            ("Min-SE", self.min_se_s.to_string()),
        ]
    }

    /// The wish to try again with after a 422 that brought this `Min-SE` (§7.3); `None` where it
    /// says nothing new or more than a day, so that nobody can make us try for ever.
    #[must_use]
    pub fn raised(&self, min_se: Option<&str>) -> Option<Self> {
        let (min_se_s, _) = read(min_se?)?;
        let new = min_se_s > self.min_se_s && min_se_s <= MOST_S;
        new.then(|| Self {
            session_expires_s: self.session_expires_s.max(min_se_s),
            min_se_s,
        })
    }
}

/// Who refreshes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refresher {
    /// We do.
    Us,
    /// The far end does.
    Them,
}

/// How a session is refreshed (§7.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// By UPDATE without a body: nothing is negotiated, nothing can clash.
    Update,
    /// By a re-INVITE with the session description as it was last: the far end knows no UPDATE.
    Reinvite,
}

/// What a request of the far end says about the session: an INVITE, a re-INVITE or an UPDATE.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Asked<'a> {
    /// The value of Session-Expires (or `x`).
    pub session_expires: Option<&'a str>,
    /// The value of `Min-SE`.
    pub min_se: Option<&'a str>,
    /// Whether Supported or Require name `timer`.
    pub supports_timer: bool,
    /// Whether Allow names UPDATE.
    pub allows_update: bool,
}

/// What the 2xx to such a request says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Granted {
    /// The value of Session-Expires, if there is to be one.
    pub session_expires: Option<String>,
    /// Whether Require is to name `timer`.
    pub require_timer: bool,
}

/// The interval that was asked for is too small: answer 422 with this `Min-SE` (§6).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the session interval that was asked for is shorter than the {min_se_s} seconds that we accept"
)]
pub struct TooSmall {
    /// The value of `Min-SE`, in seconds.
    pub min_se_s: u32,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Due {
    /// Refresh the session with [`SessionTimer::headers`]; then tell how it went.
    Refresh(Method),
    /// The far end is gone: send BYE (§10).
    Expire,
}

/// Where the timer of a running session stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Our refresh is due at this time, in milliseconds.
    Waiting { refresh_at_ms: u64 },
    /// Our refresh is on its way.
    Refreshing,
    /// The far end refreshes.
    Listening,
    /// It is over.
    Expired,
}

/// The timer of a running session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionTimer {
    wish: Wish,
    interval_s: u32,
    refresher: Refresher,
    method: Method,
    state: State,
    expires_at_ms: u64,
    /// Both agreed on an interval. Otherwise our refreshes only ask whether somebody is there (§7.2).
    agreed: bool,
}

/// The timer of a call that comes in, and what our 2xx says (§9).
///
/// # Errors
///
/// [`TooSmall`] where the interval that was asked for is shorter than we accept.
pub fn accept(
    wish: Wish,
    asked: &Asked<'_>,
    now_ms: u64,
) -> Result<(SessionTimer, Granted), TooSmall> {
    let mut timer = SessionTimer {
        wish,
        interval_s: wish.session_expires_s,
        refresher: Refresher::Us,
        method: Method::Reinvite,
        state: State::Listening,
        expires_at_ms: 0,
        agreed: false,
    };
    let granted = timer.refreshed_by_them(asked, now_ms)?;
    Ok((timer, granted))
}

impl SessionTimer {
    /// The timer of a call of ours that was answered (§7.2). `session_expires` and `allows_update`
    /// are of the 2xx; `wish` is what the INVITE said.
    #[must_use]
    pub fn of_answer(
        wish: Wish,
        session_expires: Option<&str>,
        allows_update: bool,
        now_ms: u64,
    ) -> Self {
        let mut timer = Self {
            wish,
            interval_s: wish.session_expires_s,
            refresher: Refresher::Us,
            method: method(allows_update),
            state: State::Listening,
            expires_at_ms: 0,
            agreed: false,
        };
        timer.refreshed_by_us(session_expires, now_ms);
        timer
    }

    /// A call that came in is answered now: its interval begins (§10).
    pub fn answered(&mut self, now_ms: u64) {
        self.restart(now_ms);
    }

    /// Who refreshes.
    #[must_use]
    pub const fn refresher(&self) -> Refresher {
        self.refresher
    }

    /// The session interval, in seconds.
    #[must_use]
    pub const fn interval_s(&self) -> u32 {
        self.interval_s
    }

    /// The headers of every re-INVITE and UPDATE that we send in this session, for each of them
    /// refreshes it (§7.4). Whoever refreshes goes on to.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let refresher = match self.refresher {
            Refresher::Us => "uac",
            Refresher::Them => "uas",
        };
        vec![
            (
                "Session-Expires",
                format!("{};refresher={refresher}", self.interval_s),
            ),
            ("Min-SE", self.wish.min_se_s.to_string()),
        ]
    }

    /// When to call [`Self::handle_timeout`], in milliseconds; `None` once it is over.
    #[must_use]
    pub const fn poll_timeout_ms(&self) -> Option<u64> {
        match self.state {
            State::Waiting { refresh_at_ms } if refresh_at_ms < self.expires_at_ms => {
                Some(refresh_at_ms)
            }
            State::Waiting { .. } | State::Refreshing | State::Listening => {
                Some(self.expires_at_ms)
            }
            State::Expired => None,
        }
    }

    /// What is due at `now_ms`, once.
    pub fn handle_timeout(&mut self, now_ms: u64) -> Option<Due> {
        match self.state {
            State::Expired => None,
            State::Waiting { .. } | State::Refreshing | State::Listening
                if now_ms >= self.expires_at_ms =>
            {
                self.state = State::Expired;
                Some(Due::Expire)
            }
            State::Waiting { refresh_at_ms } if now_ms >= refresh_at_ms => {
                self.state = State::Refreshing;
                Some(Due::Refresh(self.method))
            }
            State::Waiting { .. } | State::Refreshing | State::Listening => None,
        }
    }

    /// A re-INVITE or UPDATE of ours, for whatever reason it was sent, was answered 2xx with this
    /// `session_expires` (§7.2).
    pub fn refreshed_by_us(&mut self, session_expires: Option<&str>, now_ms: u64) {
        match session_expires.and_then(read) {
            Some((interval_s, named)) => {
                // What is lower than the least would have us refresh all the time.
                self.interval_s = interval_s.clamp(LEAST_S, MOST_S);
                self.refresher = match named {
                    Some(Side::Uas) => Refresher::Them,
                    Some(Side::Uac) | None => Refresher::Us,
                };
            }
            // The far end knows no timers (any more).
            None => self.refresher = Refresher::Us,
        }
        self.agreed = session_expires.is_some();
        self.restart(now_ms);
    }

    /// Our refresh was answered with `status`, not 2xx, and this `Min-SE`; or with 408 where there
    /// was no answer. What is to be done now, if anything.
    pub fn refresh_failed(
        &mut self,
        status: u16,
        min_se: Option<&str>,
        now_ms: u64,
    ) -> Option<Due> {
        match (self.state, status) {
            (State::Expired, _) => None,
            // §10: the dialog is gone, or nobody is there.
            (State::Waiting { .. } | State::Refreshing | State::Listening, 408 | 481) => {
                self.state = State::Expired;
                Some(Due::Expire)
            }
            // §7.3: with a longer interval, at once.
            (State::Refreshing, 422) => {
                let raised = Wish {
                    session_expires_s: self.interval_s,
                    ..self.wish
                }
                .raised(min_se)?;
                self.wish.min_se_s = raised.min_se_s;
                self.interval_s = raised.session_expires_s;
                Some(Due::Refresh(self.method))
            }
            (State::Refreshing, 405 | 501) if self.method == Method::Update => {
                self.method = Method::Reinvite;
                Some(Due::Refresh(self.method))
            }
            (State::Refreshing, 491 | 500 | 503) => {
                let refresh_at_ms = now_ms.saturating_add(CROSSED_MS);
                self.state = State::Waiting { refresh_at_ms };
                None
            }
            // It was answered, so somebody is there.
            (State::Refreshing, _) if !self.agreed => {
                self.restart(now_ms);
                None
            }
            // It ends when the interval does.
            (State::Waiting { .. } | State::Refreshing | State::Listening, _) => None,
        }
    }

    /// A re-INVITE or UPDATE of the far end came: what our 2xx says (§9). Only a 2xx refreshes, so
    /// a request that is refused for other reasons is not to be told.
    ///
    /// # Errors
    ///
    /// [`TooSmall`] where the interval that was asked for is shorter than we accept.
    pub fn refreshed_by_them(
        &mut self,
        asked: &Asked<'_>,
        now_ms: u64,
    ) -> Result<Granted, TooSmall> {
        let their_min_s = asked
            .min_se
            .and_then(read)
            .map_or(LEAST_S, |(min_se_s, _)| min_se_s);
        let our_min_s = self.wish.min_se_s.clamp(LEAST_S, MOST_S);
        let least_s = their_min_s.clamp(our_min_s, MOST_S);
        let wanted = asked.session_expires.and_then(read);
        if let Some((interval_s, _)) = wanted
            && interval_s < self.wish.min_se_s
            && asked.supports_timer
        {
            return Err(TooSmall {
                min_se_s: self.wish.min_se_s,
            });
        }
        if asked.allows_update {
            self.method = Method::Update;
        }
        let ours_s = self.wish.session_expires_s.max(least_s);
        // Without timers at the far end a proxy asked; what is too short for us is as good as
        // nothing then, as 422 would help nobody.
        let wanted = wanted.filter(|(interval_s, _)| *interval_s >= self.wish.min_se_s);
        self.interval_s = wanted.map_or(ours_s, |(interval_s, _)| interval_s.min(ours_s));
        let named = wanted.and_then(|(_, named)| named);
        self.refresher = match named {
            // §9 table 2: who knows no timers cannot refresh.
            Some(Side::Uac) if asked.supports_timer => Refresher::Them,
            Some(Side::Uac | Side::Uas) | None => Refresher::Us,
        };
        self.agreed = asked.supports_timer;
        self.restart(now_ms);
        let side = match self.refresher {
            Refresher::Us => "uas",
            Refresher::Them => "uac",
        };
        let said = wanted.is_some() || asked.supports_timer;
        Ok(Granted {
            session_expires: said.then(|| format!("{};refresher={side}", self.interval_s)),
            // §9: must where they refresh, should where they could.
            require_timer: asked.supports_timer,
        })
    }

    /// The interval begins anew.
    fn restart(&mut self, now_ms: u64) {
        if self.state == State::Expired {
            return;
        }
        let interval_ms = u64::from(self.interval_s) * 1000;
        // §10: a third of the interval before it ends, but no more than 32 seconds.
        let early_ms = (interval_ms / 3).min(32_000);
        self.expires_at_ms = now_ms.saturating_add(interval_ms - early_ms);
        self.state = match self.refresher {
            // §7.4: at half of the interval.
            Refresher::Us => State::Waiting {
                refresh_at_ms: now_ms.saturating_add(interval_ms / 2),
            },
            Refresher::Them => State::Listening,
        };
    }
}

/// Who a `refresher` parameter names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Side {
    Uac,
    Uas,
}

const fn method(allows_update: bool) -> Method {
    if allows_update {
        Method::Update
    } else {
        Method::Reinvite
    }
}

/// The seconds of a Session-Expires or `Min-SE`, and the refresher, if one is named; `None` where
/// it cannot be read, which is as good as no header.
fn read(value: &str) -> Option<(u32, Option<Side>)> {
    let (seconds, parameters) = value.split_once(';').unwrap_or((value, ""));
    let seconds = seconds.trim();
    if seconds.is_empty() || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let parameters = Parameters::parse(parameters)?;
    let side = match parameters.get("refresher") {
        Some(side) if side.eq_ignore_ascii_case("uac") => Some(Side::Uac),
        Some(side) if side.eq_ignore_ascii_case("uas") => Some(Side::Uas),
        Some(_) | None => None,
    };
    Some((seconds.parse().unwrap_or(u32::MAX), side))
}

#[cfg(test)]
mod tests;
