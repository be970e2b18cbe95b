//! Whom to listen to: rates, failed logins, scanners and nonsense, by source.
//!
//! A source is an IPv4 address or an IPv6 /64, the least that one attacker has. Nothing here sends
//! or logs: [`Guard`] says what to do with a message, and hands out a [`Ban`] to be logged when
//! one begins. The memory is bounded, whatever comes.
//!
//! ```text
//!   arrived ──▶ Let: go on │ Slow: answer 503, or nothing │ Ban: log it, drop │ Drop: banned
//!   failed, malformed ──▶ Some(Ban) when it was one too many
//! ```
//!
//! Over UDP anybody can write any sender. So a source that has logged in lately is not banned for
//! what needs no proof of being there (a scanner's name, nonsense, a flood): such messages are
//! dropped, and the phone behind that address goes on working. A trunk's addresses are never
//! banned.

mod bucket;
mod running;
mod table;

use std::{fmt, net::IpAddr};

use crate::{
    networks::{Networks, masked},
    settings::Limits,
};
use bucket::Bucket;
use running::Bans;
use table::Table;

/// How long a source that logged in is known, in milliseconds: the longest usual registration,
/// twice.
const KNOWN_MS: u64 = 2 * 3600 * 1000;
/// How many messages over the rate make a flood; as many as the rate are forgiven in a second.
const FLOOD: u64 = 500;
/// How many times as many failed logins are borne from where somebody is logged in.
const FAILED_WHERE_KNOWN: u64 = 20;
/// What scanners call themselves in User-Agent, in lower case.
const SCANNERS: [&str; 16] = [
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sipcli",
    "sip-scan",
    "sipscan",
    "sundayddr",
    "siparmyknife",
    "sip army knife",
    "iwar",
    "sivus",
    "gulp",
    "smap",
    "vaxsipuseragent",
    "vaxipuseragent",
    "pplsip",
];

/// What is borne.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// New INVITEs a second from one source; twice as many at once.
    pub invites_per_second: u32,
    /// REGISTERs a second from one source; twice as many at once.
    pub registers_per_second: u32,
    /// Other requests a second from one source; twice as many at once.
    pub others_per_second: u32,
    /// The failed login that brings a ban, counted from 1; one is forgiven a minute.
    pub failed_logins: u32,
    /// The unreadable message that brings a ban, counted from 1; one is forgiven a second.
    pub malformed: u32,
    /// The first ban, in seconds.
    pub ban_s: u32,
    /// Sources that are remembered, and bans that are, each.
    pub most_sources: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self::from(&Limits::default())
    }
}

impl From<&Limits> for Policy {
    fn from(limits: &Limits) -> Self {
        Self {
            invites_per_second: limits.invites_per_second,
            registers_per_second: limits.registers_per_second,
            others_per_second: 50,
            failed_logins: limits.failed_logins,
            malformed: 50,
            ban_s: limits.ban_s,
            most_sources: 65_536,
        }
    }
}

/// What kind of request came: each has a rate of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// An INVITE outside of a dialog.
    Invite,
    /// A REGISTER.
    Register,
    /// Anything else outside of a dialog.
    Other,
}

/// Why a source is banned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It failed to log in too often.
    Login,
    /// It calls itself by a scanner's name.
    Scanner,
    /// It sent too much that cannot be read.
    Malformed,
    /// It went on far beyond its rate.
    Flood,
}

impl Reason {
    /// As the log line names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Scanner => "scanner",
            Self::Malformed => "malformed",
            Self::Flood => "flood",
        }
    }
}

/// A ban that begins. Its text is the line to log, which stays as it is so that other software can
/// read it: `sip ban source=203.0.113.9 reason=login seconds=60`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ban {
    /// Who.
    pub source: Source,
    /// Why.
    pub reason: Reason,
    /// For how long.
    pub seconds: u64,
}

impl fmt::Display for Ban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            reason,
            seconds,
        } = self;
        write!(
            f,
            "sip ban source={source} reason={} seconds={seconds}",
            reason.name()
        )
    }
}

/// An IPv4 address, or the /64 of an IPv6 address.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            address @ IpAddr::V4(_) => Self(address),
            address @ IpAddr::V6(_) => Self(masked(address, 64)),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Go on.
    Let,
    /// Too much from there: answer 503 with Retry-After. Over UDP to a source that is not known
    /// answer nothing: it may be somebody else whom the answers shall hit.
    Slow {
        /// The value of Retry-After, in seconds.
        retry_after_s: u32,
        /// Whether somebody there logged in lately.
        known: bool,
    },
    /// Drop it, and log that a ban begins.
    Ban(Ban),
    /// Drop it: its source is banned, or it is a scanner's.
    Drop,
}

/// Decides whom to listen to.
#[derive(Debug)]
pub struct Guard {
    policy: Policy,
    trusted: Networks,
    sources: Table<Used>,
    /// Until when a source counts as one that logged in, in milliseconds. It is a table of its
    /// own, so that invented sources cannot push the known ones out.
    known: Table<u64>,
    bans: Bans,
}

/// What a source used of its allowances.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    invites: Bucket,
    registers: Bucket,
    others: Bucket,
    failed: Bucket,
    malformed: Bucket,
    /// Messages over the rate.
    over: Bucket,
}

impl Guard {
    /// Nobody is banned.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            trusted: Networks::default(),
            sources: Table::new(policy.most_sources),
            known: Table::new(policy.most_sources),
            bans: Bans::default(),
        }
    }

    /// The networks that are never banned and have no rate: the trunks'. Replaces; bans of theirs
    /// end.
    pub fn trust(&mut self, networks: Networks) {
        self.bans
            .retain(|Source(address)| !networks.contains(address));
        self.trusted = networks;
    }

    /// Whether a source is banned now, and for how many milliseconds more. Needs no parsing: ask
    /// before anything else.
    #[must_use]
    pub fn banned_ms(&self, source: IpAddr, now_ms: u64) -> Option<u64> {
        self.bans.remaining_ms(source.into(), now_ms)
    }

    /// Judges a request outside of a dialog. `agent` is its User-Agent.
    pub fn arrived(
        &mut self,
        source: IpAddr,
        kind: Kind,
        agent: Option<&str>,
        now_ms: u64,
    ) -> Verdict {
        if self.trusted.contains(source) {
            return Verdict::Let;
        }
        let source = Source::from(source);
        if self.bans.remaining_ms(source, now_ms).is_some() {
            return Verdict::Drop;
        }
        if agent.is_some_and(is_scanner) {
            return match self.ban_unproven(source, Reason::Scanner, now_ms) {
                Some(ban) => Verdict::Ban(ban),
                None => Verdict::Drop,
            };
        }
        let policy = self.policy;
        let entry = self.sources.entry(source);
        let (bucket, per_second) = match kind {
            Kind::Invite => (&mut entry.invites, policy.invites_per_second),
            Kind::Register => (&mut entry.registers, policy.registers_per_second),
            Kind::Other => (&mut entry.others, policy.others_per_second),
        };
        if bucket.take(u64::from(per_second), 2 * u64::from(per_second), now_ms) {
            return Verdict::Let;
        }
        // In a flood, too, a message now and then is within the rate: that forgives nothing.
        if !entry.over.take(u64::from(per_second), FLOOD - 1, now_ms) {
            entry.over = Bucket::default();
            if let Some(ban) = self.ban_unproven(source, Reason::Flood, now_ms) {
                return Verdict::Ban(ban);
            }
        }
        Verdict::Slow {
            retry_after_s: 5,
            known: self.is_known(source, now_ms),
        }
    }

    /// Counts something that could not be read; a ban where it was one too many.
    #[must_use = "a ban that begins is to be logged"]
    pub fn malformed(&mut self, source: IpAddr, now_ms: u64) -> Option<Ban> {
        if self.trusted.contains(source) {
            return None;
        }
        let source = Source::from(source);
        let policy = self.policy;
        let entry = self.sources.entry(source);
        if entry
            .malformed
            .take(1, u64::from(policy.malformed.saturating_sub(1)), now_ms)
        {
            return None;
        }
        self.ban_unproven(source, Reason::Malformed, now_ms)
    }

    /// Counts a failed login ([`crate::digest::Verdict::Refused`], which is proof that the source
    /// is real); a ban where it was one too many.
    #[must_use = "a ban that begins is to be logged"]
    pub fn failed(&mut self, source: IpAddr, now_ms: u64) -> Option<Ban> {
        if self.trusted.contains(source) {
            return None;
        }
        let source = Source::from(source);
        // A whole office may be behind one address: one phone with a wrong password must not keep the others out.
        let patience = match self.is_known(source, now_ms) {
            true => FAILED_WHERE_KNOWN,
            false => 1,
        };
        let policy = self.policy;
        let entry = self.sources.entry(source);
        let borne = u64::from(policy.failed_logins.saturating_sub(1)) * patience;
        if entry.failed.take_per_minute(borne, now_ms) {
            return None;
        }
        Some(self.ban(source, Reason::Login, now_ms))
    }

    /// Notes that somebody there logged in: for two hours the source is known.
    pub fn passed(&mut self, source: IpAddr, now_ms: u64) {
        *self.known.entry(source.into()) = now_ms.saturating_add(KNOWN_MS);
    }

    /// Ends the ban of a source, as an administrator may; whether there was one.
    pub fn lift(&mut self, source: IpAddr, now_ms: u64) -> bool {
        let source = Source::from(source);
        let was = self.bans.remaining_ms(source, now_ms).is_some();
        self.bans.retain(|banned| banned != source);
        was
    }

    /// Who is banned now, and for how many milliseconds more.
    #[must_use]
    pub fn bans(&self, now_ms: u64) -> Vec<(Source, u64)> {
        self.bans.running(now_ms)
    }

    /// How many sources are remembered, the known and the banned ones not counted.
    #[must_use]
    pub fn sources(&self) -> usize {
        self.sources.len()
    }

    /// Whether somebody at `source` logged in lately.
    fn is_known(&self, source: Source, now_ms: u64) -> bool {
        self.known
            .get(source)
            .is_some_and(|until_ms| until_ms > now_ms)
    }

    /// A ban for what anybody could have sent in another's name.
    fn ban_unproven(&mut self, source: Source, reason: Reason, now_ms: u64) -> Option<Ban> {
        (!self.is_known(source, now_ms)).then(|| self.ban(source, reason, now_ms))
    }

    fn ban(&mut self, source: Source, reason: Reason, now_ms: u64) -> Ban {
        let first_ms = u64::from(self.policy.ban_s) * 1000;
        let ms = self
            .bans
            .begin(source, first_ms, self.policy.most_sources, now_ms);
        Ban {
            source,
            reason,
            seconds: ms / 1000,
        }
    }
}

/// Whether a User-Agent is one of a scanner.
fn is_scanner(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    SCANNERS.iter().any(|name| agent.contains(name))
}

#[cfg(test)]
mod tests;
