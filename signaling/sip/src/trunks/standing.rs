//! How a trunk stands and what is done next, without IO: outcomes and times go in, steps come out.
//!
//! Two things are followed: the registration, where there is one, and whether the far end answers at all. A trunk that
//! registers stands as its registration stands.

use std::collections::BTreeMap;

use super::registers;
use crate::{api::TrunkState, settings::Trunk};

/// How long a registration we ask for lasts: short, so that a registrar that forgot us knows us again soon.
const EXPIRES_S: u32 = 600;
/// The longest registration that we take, also where a registrar asks for more by 423.
const EXPIRES_MOST_S: u32 = 24 * 3600;
/// Between attempts that were refused, first and at most.
const REFUSED_MS: (u64, u64) = (60_000, 600_000);
/// Between attempts that nobody answered, first and at most.
const SILENT_MS: (u64, u64) = (10_000, 120_000);
/// After the first OPTIONS that nobody answered.
const AGAIN_MS: u64 = 5_000;
/// How often the addresses of a trunk that is asked nothing are looked up.
const RESOLVE_MS: u64 = 300_000;
/// For how long a silent trunk that is asked nothing is left alone: nothing but a call would show that it is back.
const FORGET_MS: u64 = 60_000;
/// So many failed calls in a row, or unanswered OPTIONS, make a trunk silent.
const FAILED_CALLS: u8 = 3;
const UNANSWERED: u8 = 2;

/// The time: of a clock that only goes forward, for what is done, and of the world's, for what is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) ms: u64,
    pub(super) wall_ms: u64,
}

/// What is done next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// REGISTER for so long.
    Register { expires_s: u32 },
    /// OPTIONS.
    Options,
    /// Look up its addresses.
    Resolve,
    /// Nothing for so long.
    Wait { ms: u64 },
}

/// What became of a [`Step`]. `why` is a sentence for an administrator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// REGISTER: 200, for so long.
    Registered { expires_s: u32 },
    /// REGISTER: 423, at least so long.
    TooBrief { min_s: u32, why: String },
    /// REGISTER: not with this login.
    Refused { why: String, after_s: u32 },
    /// REGISTER: the server failed.
    Failed { why: String, after_s: u32 },
    /// REGISTER: nobody answered.
    Silent { why: String },
    /// OPTIONS: anything final.
    Answered,
    /// OPTIONS: nobody answered, or no address was found.
    Unanswered { why: String },
    /// The addresses were found.
    Found,
}

impl Outcome {
    /// Whether nobody answered.
    pub(super) const fn is_silence(&self) -> bool {
        match self {
            Self::Silent { .. } | Self::Unanswered { .. } => true,
            Self::Registered { .. }
            | Self::TooBrief { .. }
            | Self::Refused { .. }
            | Self::Failed { .. }
            | Self::Answered
            | Self::Found => false,
        }
    }
}

/// The registration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Registration {
    NotWanted,
    Pending,
    Held {
        until_ms: u64,
    },
    Refused,
    /// Nobody answered (`heard` is false), or the server failed.
    Lost {
        heard: bool,
    },
}

/// Whether the far end answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reach {
    Unknown,
    Answers,
    Silent,
}

/// What went wrong: it stays until that works.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Source {
    Registration,
    Reach,
    Calls,
}

/// A pause that doubles.
#[derive(Clone, Copy, Debug)]
struct Backoff {
    next_ms: u64,
    range_ms: (u64, u64),
}

impl Backoff {
    const fn new(range_ms: (u64, u64)) -> Self {
        Self {
            next_ms: range_ms.0,
            range_ms,
        }
    }

    /// This pause; the next is twice as long. At least what the server asks for, as far as the longest allows.
    fn pause(&mut self, after_s: u32) -> u64 {
        let asked = u64::from(after_s) * 1000;
        let pause = self.next_ms.max(asked).min(self.range_ms.1);
        self.next_ms = (self.next_ms * 2).min(self.range_ms.1);
        pause
    }
}

/// How a trunk stands.
#[derive(Debug)]
pub(super) struct Standing {
    registration: Registration,
    reach: Reach,
    troubles: BTreeMap<Source, (String, u64)>,
    /// A call worked after the registration was lost.
    works_without: bool,
    register_at: u64,
    expires_s: u32,
    /// The time was raised by 423 in this attempt.
    raised: bool,
    refused: Backoff,
    silent: Backoff,
    options_every_ms: Option<u64>,
    probe_at: u64,
    unanswered: u8,
    failed_calls: u8,
    forget_at: Option<u64>,
}

impl Standing {
    pub(super) fn new(trunk: &Trunk, now: Now) -> Self {
        let registration = if registers(trunk) {
            Registration::Pending
        } else {
            Registration::NotWanted
        };
        Self {
            registration,
            reach: Reach::Unknown,
            troubles: BTreeMap::new(),
            works_without: false,
            register_at: now.ms,
            expires_s: EXPIRES_S,
            raised: false,
            refused: Backoff::new(REFUSED_MS),
            silent: Backoff::new(SILENT_MS),
            options_every_ms: every(trunk),
            probe_at: now.ms,
            unanswered: 0,
            failed_calls: 0,
            forget_at: None,
        }
    }

    /// The trunk changed, but not how it is reached or logged in at.
    pub(super) fn change(&mut self, trunk: &Trunk, now: Now) {
        let options_every_ms = every(trunk);
        if self.options_every_ms != options_every_ms {
            self.options_every_ms = options_every_ms;
            self.probe_at = now.ms;
            self.unanswered = 0;
            if self.reach == Reach::Silent {
                self.leave_alone(now);
            }
        }
    }

    pub(super) fn state(&self) -> TrunkState {
        let by_reach = match self.reach {
            Reach::Unknown => TrunkState::Unknown,
            Reach::Answers => TrunkState::Answers,
            Reach::Silent => TrunkState::Silent,
        };
        match self.registration {
            Registration::NotWanted | Registration::Pending => by_reach,
            Registration::Held { until_ms } if self.reach != Reach::Silent => {
                TrunkState::Registered { until_ms }
            }
            Registration::Lost { .. } if self.works_without => by_reach,
            Registration::Held { .. } | Registration::Lost { .. } => TrunkState::Silent,
            Registration::Refused => TrunkState::Refuses,
        }
    }

    /// The last trouble of those that are there still.
    pub(super) fn trouble(&self) -> Option<(String, u64)> {
        let last = self.troubles.values().max_by_key(|(_, when)| *when);
        last.cloned()
    }

    /// What to do now. Its outcome goes to [`Self::apply`]; a wait has none.
    pub(super) fn next(&mut self, now: Now) -> Step {
        if self.forget_at.is_some_and(|at| at <= now.ms) {
            self.forget_at = None;
            self.reach = Reach::Unknown;
            self.failed_calls = FAILED_CALLS - 1;
        }
        let registers = self.registration != Registration::NotWanted;
        if registers && self.register_at <= now.ms {
            return Step::Register {
                expires_s: self.expires_s,
            };
        }
        if self.probe_at <= now.ms {
            return match self.options_every_ms {
                Some(_) => Step::Options,
                None => Step::Resolve,
            };
        }
        let next = [
            registers.then_some(self.register_at),
            Some(self.probe_at),
            self.forget_at,
        ];
        let next = next.into_iter().flatten().min().unwrap_or(u64::MAX);
        Step::Wait {
            ms: next.saturating_sub(now.ms),
        }
    }

    pub(super) fn apply(&mut self, now: Now, outcome: Outcome) {
        match outcome {
            Outcome::Registered { expires_s } => {
                let lasts_ms = u64::from(expires_s.min(EXPIRES_MOST_S)) * 1000;
                self.registration = Registration::Held {
                    until_ms: now.wall_ms + lasts_ms,
                };
                // At 80 %: one refresh may be lost.
                self.register_at = now.ms + (lasts_ms / 10 * 8).max(1000);
                self.raised = false;
                self.refused = Backoff::new(REFUSED_MS);
                self.silent = Backoff::new(SILENT_MS);
                self.heard();
                self.works(&[Source::Registration, Source::Reach]);
            }
            Outcome::TooBrief { min_s, why } => {
                if !self.raised && min_s > self.expires_s && min_s <= EXPIRES_MOST_S {
                    self.raised = true;
                    self.expires_s = min_s;
                    self.register_at = now.ms;
                } else {
                    self.refuse(now, why, 0);
                }
            }
            Outcome::Refused { why, after_s } => self.refuse(now, why, after_s),
            Outcome::Failed { why, after_s } => self.lose(now, why, after_s, true),
            Outcome::Silent { why } => self.lose(now, why, 0, false),
            Outcome::Answered => {
                let back = self.reach == Reach::Silent;
                self.heard();
                self.works(&[Source::Reach]);
                self.probe_later(now);
                // It is back, and may have forgotten us meanwhile.
                let lost = self.registration == (Registration::Lost { heard: false });
                if lost || (back && matches!(self.registration, Registration::Held { .. })) {
                    self.register_at = now.ms;
                }
            }
            Outcome::Unanswered { why } => {
                self.unanswered = self.unanswered.saturating_add(1);
                self.probe_later(now);
                if self.unanswered < UNANSWERED {
                    self.probe_at = self.probe_at.min(now.ms + AGAIN_MS);
                } else {
                    self.fail(now, Source::Reach, why);
                    self.reach = Reach::Silent;
                }
            }
            Outcome::Found => {
                // That says nothing about whether it answers; but it is worth a try again.
                if self.unanswered >= UNANSWERED {
                    self.reach = Reach::Unknown;
                }
                self.unanswered = 0;
                self.works(&[Source::Reach]);
                self.probe_later(now);
            }
        }
    }

    /// A call worked.
    pub(super) fn call_worked(&mut self) {
        self.failed_calls = 0;
        self.heard();
        self.works_without = true;
        self.works(&[Source::Calls, Source::Reach]);
    }

    /// A call failed.
    pub(super) fn call_failed(&mut self, now: Now, why: String) {
        self.failed_calls = self.failed_calls.saturating_add(1);
        self.fail(now, Source::Calls, why);
        if self.failed_calls >= FAILED_CALLS {
            self.reach = Reach::Silent;
            self.leave_alone(now);
        }
    }

    /// A call was not answered at all.
    pub(super) fn call_unreachable(&mut self, now: Now, why: String) {
        self.failed_calls = FAILED_CALLS - 1;
        self.call_failed(now, why);
    }

    /// It answered something.
    fn heard(&mut self) {
        self.reach = Reach::Answers;
        self.unanswered = 0;
        self.forget_at = None;
        // The next call may try; if it fails, too, that is enough.
        self.failed_calls = self.failed_calls.min(FAILED_CALLS - 1);
    }

    /// A trunk is silent by its calls: what is asked regularly is asked soon, and what is not is tried again later.
    fn leave_alone(&mut self, now: Now) {
        match self.options_every_ms {
            Some(_) => {
                self.forget_at = None;
                self.probe_at = self.probe_at.min(now.ms + AGAIN_MS);
            }
            None => self.forget_at = Some(now.ms + FORGET_MS),
        }
    }

    fn refuse(&mut self, now: Now, why: String, after_s: u32) {
        self.registration = Registration::Refused;
        self.raised = false;
        self.heard();
        self.register_at = now.ms + self.refused.pause(after_s);
        self.fail(now, Source::Registration, why);
    }

    fn lose(&mut self, now: Now, why: String, after_s: u32, heard: bool) {
        self.registration = Registration::Lost { heard };
        self.raised = false;
        self.works_without = false;
        self.register_at = now.ms + self.silent.pause(after_s);
        self.fail(now, Source::Registration, why);
    }

    fn probe_later(&mut self, now: Now) {
        self.probe_at = now.ms + self.options_every_ms.unwrap_or(RESOLVE_MS);
    }

    fn fail(&mut self, now: Now, source: Source, why: String) {
        self.troubles.insert(source, (why, now.wall_ms));
    }

    fn works(&mut self, sources: &[Source]) {
        self.troubles.retain(|source, _| !sources.contains(source));
    }
}

/// How often OPTIONS is sent, if at all.
fn every(trunk: &Trunk) -> Option<u64> {
    (trunk.options_every_s > 0).then(|| u64::from(trunk.options_every_s) * 1000)
}

#[cfg(test)]
mod tests;
