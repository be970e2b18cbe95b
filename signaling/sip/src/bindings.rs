//! Where the accounts' phones are: a registrar's memory (RFC 3261 §10.3) without its IO.
//!
//! Whoever calls has checked who registers ([`crate::digest`]) and that it is their own address.
//! Time comes in as `now_ms`; [`Bindings::next_expiry_ms`] says when to come back.

mod contacts;

use std::{collections::BTreeMap, net::SocketAddr};

use crate::{
    settings::{Binding, Settings, Transport},
    words::{self, SipUri},
};
use contacts::{Wanted, read};

/// How long a registration lasts that does not say (RFC 3261 §10.2.1.1 leaves it to us).
const DEFAULT_S: u32 = 3600;
/// Below this a registrar may refuse an interval as too brief (RFC 3261 §10.3 step 6).
const AN_HOUR_S: u32 = 3600;

/// What is granted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// The shortest registration, in seconds.
    pub min_s: u32,
    /// The longest registration, in seconds.
    pub max_s: u32,
    /// The most contacts of one account. With one more, the one that would end first goes.
    pub most_contacts: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_s: 60,
            max_s: 3600,
            most_contacts: 10,
        }
    }
}

impl From<&Settings> for Policy {
    fn from(settings: &Settings) -> Self {
        Self {
            min_s: settings.register_min_s,
            max_s: settings.register_max_s,
            ..Self::default()
        }
    }
}

/// A REGISTER whose sender is known.
#[derive(Clone, Copy, Debug)]
pub struct Register<'a> {
    /// The values of its Contact headers, one by one; each may be a comma list.
    pub contacts: &'a [&'a str],
    /// The value of its Expires header.
    pub expires: Option<&'a str>,
    /// Its Call-ID.
    pub call_id: &'a str,
    /// The number of its `CSeq`.
    pub cseq: u32,
    /// Where it came from.
    pub source: SocketAddr,
    /// What it came over.
    pub transport: Transport,
    /// The value of its User-Agent; empty where there is none.
    pub agent: &'a str,
    /// The values of its Path headers (RFC 3327), one by one; each may be a comma list.
    pub path: &'a [&'a str],
}

/// What was granted: answer 200.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Accepted {
    /// The values of the answer's Contact headers: every contact of the account, with the seconds
    /// that remain (RFC 3261 §10.3 step 8).
    pub contacts: Vec<String>,
    /// The value of the answer's Path header (RFC 3327 §5.3), where the request had one.
    pub path: Option<String>,
    /// Whether a phone came, went or moved. A mere refresh is no change.
    pub changed: bool,
}

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Too short: answer 423 with Min-Expires (RFC 3261 §21.4.17).
    #[error("the registration is shorter than the {min_s} seconds that we grant")]
    TooBrief {
        /// The value of Min-Expires, in seconds.
        min_s: u32,
    },
    /// Not to be understood: answer 400.
    #[error("the registration cannot be read: {0}")]
    Malformed(&'static str),
    /// More contacts than an account may have: answer 403.
    #[error("the registration has more contacts than an account may have")]
    TooMany,
    /// Older than what we know (RFC 3261 §10.3 step 7): answer 500.
    #[error("the registration is older than the one that we know")]
    OutOfOrder,
}

impl Refusal {
    /// Status and reason phrase of the answer.
    #[must_use]
    pub const fn response(self) -> (u16, &'static str) {
        match self {
            Self::TooBrief { .. } => (423, "Interval Too Brief"),
            Self::Malformed(_) => (400, "Bad Request"),
            Self::TooMany => (403, "Too Many Contacts"),
            Self::OutOfOrder => (500, "Registration Out of Order"),
        }
    }
}

/// The contacts of all accounts.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    policy: Policy,
    accounts: BTreeMap<String, Vec<Binding>>,
}

impl Bindings {
    /// Nobody registered.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        Self {
            policy,
            accounts: BTreeMap::new(),
        }
    }

    /// Takes in a REGISTER of `user`: all of it, or nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal`] says what to answer; nothing has changed.
    pub fn register(
        &mut self,
        user: &str,
        register: &Register<'_>,
        now_ms: u64,
    ) -> Result<Accepted, Refusal> {
        let path = path(register.path)?;
        let known = self.of(user, now_ms);
        let (after, changed) = match read(register.contacts, register.expires)? {
            Wanted::Nothing => (known, false),
            Wanted::AllGone => {
                if known
                    .iter()
                    .any(|binding| is_out_of_order(binding, register))
                {
                    return Err(Refusal::OutOfOrder);
                }
                let changed = !known.is_empty();
                (Vec::new(), changed)
            }
            Wanted::These(contacts) => self.merge(known, contacts, register, &path, now_ms)?,
        };
        let answer = after
            .iter()
            .map(|binding| contacts::answer(binding, now_ms))
            .collect();
        if after.is_empty() {
            self.accounts.remove(user);
        } else {
            self.accounts.insert(user.to_owned(), after);
        }
        let path = (!path.is_empty()).then(|| path.join(", "));
        Ok(Accepted {
            contacts: answer,
            path,
            changed,
        })
    }

    /// The contacts of `user` that have not ended, in the order in which to call them: higher `q`
    /// first, then the newest (RFC 3261 §16.6 step 5 orders by `q`).
    #[must_use]
    pub fn of(&self, user: &str, now_ms: u64) -> Vec<Binding> {
        let mut bindings: Vec<Binding> = self
            .accounts
            .get(user)
            .into_iter()
            .flatten()
            .filter(|binding| binding.expires_at_ms > now_ms)
            .cloned()
            .collect();
        sort(&mut bindings);
        bindings
    }

    /// The contacts of everybody who has one.
    #[must_use]
    pub fn all(&self, now_ms: u64) -> Vec<(String, Vec<Binding>)> {
        self.accounts
            .keys()
            .map(|user| (user.clone(), self.of(user, now_ms)))
            .filter(|(_, bindings)| !bindings.is_empty())
            .collect()
    }

    /// How many accounts have a contact.
    #[must_use]
    pub fn registered(&self) -> usize {
        self.accounts.len()
    }

    /// When the next contact ends, in milliseconds.
    #[must_use]
    pub fn next_expiry_ms(&self) -> Option<u64> {
        self.accounts
            .values()
            .flatten()
            .map(|binding| binding.expires_at_ms)
            .min()
    }

    /// Drops what has ended, and says whose contacts changed by that.
    pub fn expire(&mut self, now_ms: u64) -> Vec<String> {
        self.retain(|_, binding| binding.expires_at_ms > now_ms)
    }

    /// Drops the contacts that came over a connection that is no more (RFC 5626 §5.3), and says
    /// whose contacts changed by that. Datagrams have no connection: nothing happens then.
    pub fn connection_lost(&mut self, source: SocketAddr, transport: Transport) -> Vec<String> {
        self.retain(|_, binding| {
            !transport.is_reliable() || binding.source != source || binding.transport != transport
        })
    }

    /// Drops everything of users who are no longer known, and says whose contacts changed by that.
    pub fn keep_users(&mut self, is_known: impl Fn(&str) -> bool) -> Vec<String> {
        self.retain(|user, _| is_known(user))
    }

    /// Takes back what was stored before a restart. What has ended, cannot be read, or is known
    /// already is left out; so is what an account may not have.
    pub fn restore(&mut self, stored: impl IntoIterator<Item = (String, Binding)>, now_ms: u64) {
        for (user, binding) in stored {
            let known = self
                .accounts
                .get(&user)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let fits = words::is_account(&user)
                && binding.expires_at_ms > now_ms
                // Its connection is gone, and nobody listens at the other end of it.
                && !binding.transport.is_reliable()
                && known.len() < self.policy.most_contacts
                && SipUri::parse(&binding.contact).is_some()
                && !known
                    .iter()
                    .any(|known| is_same_uri(&known.contact, &binding.contact));
            if fits {
                self.accounts.entry(user).or_default().push(binding);
            }
        }
    }

    /// `known` with `contacts` put in, moved, refreshed or taken out.
    fn merge(
        &self,
        mut known: Vec<Binding>,
        contacts: Vec<contacts::Contact>,
        register: &Register<'_>,
        path: &[String],
        now_ms: u64,
    ) -> Result<(Vec<Binding>, bool), Refusal> {
        if contacts.len() > self.policy.most_contacts {
            return Err(Refusal::TooMany);
        }
        let is_late =
            |it: &&Binding| is_out_of_order(it, register) && contacts.iter().any(|c| c.is_at(it));
        if known.iter().find(is_late).is_some() {
            return Err(Refusal::OutOfOrder);
        }
        let mut changed = false;
        for contact in contacts {
            let place = known.iter().position(|binding| contact.is_at(binding));
            let expires_s = self.granted(contact.expires_s.unwrap_or(DEFAULT_S))?;
            let before = place.map(|at| known.remove(at));
            if expires_s == 0 {
                changed |= before.is_some();
                continue;
            }
            let binding = Binding {
                contact: contact.uri,
                source: register.source,
                transport: register.transport,
                expires_at_ms: now_ms.saturating_add(u64::from(expires_s) * 1000),
                agent: words::cleaned(register.agent, words::NAME_CHARS),
                registered_at_ms: now_ms,
                q: contact.q,
                call_id: register.call_id.to_owned(),
                cseq: register.cseq,
                instance: contact.instance,
                reg_id: contact.reg_id,
                path: path.to_vec(),
            };
            changed |= before.is_none_or(|before| {
                before.contact != binding.contact
                    || before.source != binding.source
                    || before.transport != binding.transport
                    || before.path != binding.path
            });
            known.push(binding);
        }
        while known.len() > self.policy.most_contacts {
            // An account with many phones that moved about: the one not refreshed for longest is
            // the one least likely there.
            let stalest = known
                .iter()
                .enumerate()
                .min_by_key(|(_, binding)| (binding.registered_at_ms, binding.expires_at_ms))
                .map(|(at, _)| at);
            let Some(stalest) = stalest else { break };
            known.remove(stalest);
            changed = true;
        }
        sort(&mut known);
        Ok((known, changed))
    }

    /// The seconds that are granted for `wanted_s`.
    fn granted(&self, wanted_s: u32) -> Result<u32, Refusal> {
        let Policy { min_s, max_s, .. } = self.policy;
        if wanted_s > 0 && wanted_s < AN_HOUR_S && wanted_s < min_s {
            return Err(Refusal::TooBrief { min_s });
        }
        Ok(wanted_s.min(max_s))
    }

    fn retain(&mut self, stays: impl Fn(&str, &Binding) -> bool) -> Vec<String> {
        let mut changed = Vec::new();
        self.accounts.retain(|user, bindings| {
            let before = bindings.len();
            bindings.retain(|binding| stays(user, binding));
            if bindings.len() != before {
                changed.push(user.clone());
            }
            !bindings.is_empty()
        });
        changed
    }
}

/// Whether a REGISTER comes later than it was sent (RFC 3261 §10.3 steps 6 and 7).
fn is_out_of_order(binding: &Binding, register: &Register<'_>) -> bool {
    binding.call_id == register.call_id && register.cseq <= binding.cseq
}

/// Whether two texts are the same address (RFC 3261 §19.1.4).
fn is_same_uri(one: &str, other: &str) -> bool {
    one == other
        || match (SipUri::parse(one), SipUri::parse(other)) {
            (Some(one), Some(other)) => one.is_same_as(&other),
            (Some(_) | None, _) => false,
        }
}

/// The hops of a Path, in their order.
fn path(values: &[&str]) -> Result<Vec<String>, Refusal> {
    const MOST_HOPS: usize = 8;
    let hops: Vec<&str> = values
        .iter()
        .take(MOST_HOPS + 1)
        .flat_map(|value| words::split_commas(value))
        .collect();
    let fits = |hop: &&str| {
        words::header_value(hop).is_some()
            && words::Address::parse(hop).is_some_and(|address| address.uri.is_some())
    };
    if hops.len() > MOST_HOPS || !hops.iter().all(fits) {
        return Err(Refusal::Malformed("its Path is no list of addresses"));
    }
    Ok(hops.into_iter().map(str::to_owned).collect())
}

fn sort(bindings: &mut [Binding]) {
    bindings.sort_by(|one, other| {
        (other.q, other.registered_at_ms).cmp(&(one.q, one.registered_at_ms))
    });
}

#[cfg(test)]
mod tests;
