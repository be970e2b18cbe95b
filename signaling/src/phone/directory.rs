//! The set-up's telephones in the words of the SIP endpoint, and what of the set-up is looked up while calls run.

use std::collections::BTreeMap;

use bellwire_proto::{
    admin::Kind,
    id::{AgentId, TrunkId},
    setup::{self, Destination, DialLimits, Phone, Queue, Setup, SipTransport, WaitingSound},
    time::Timestamp,
};
use bellwire_sip::{
    api::{Origin, TrunkStatus},
    settings::{self as sip, Account, Binding, Login, Secret},
};

use crate::{config, store::Registered};

/// The telephones of a centre.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) phones: Vec<Phone>,
    pub(super) trunks: Vec<setup::Trunk>,
    pub(super) limits: DialLimits,
    numbers: Vec<setup::Number>,
    queues: Vec<Queue>,
    agents: BTreeMap<AgentId, String>,
    secrets: BTreeMap<(Kind, String), Secret>,
    options_every_s: u32,
}

impl Directory {
    pub(super) fn new(
        setup: Setup,
        secrets: Vec<(Kind, String, String)>,
        config: &config::Phone,
    ) -> Self {
        let mut trunks = setup.trunks;
        trunks.sort_by_key(|trunk| trunk.order);
        Self {
            phones: setup.phones,
            trunks,
            limits: setup.dialling,
            numbers: setup.numbers,
            queues: setup.queues,
            agents: (setup.users.into_iter())
                .map(|user| (user.id, user.name))
                .collect(),
            secrets: (secrets.into_iter())
                .map(|(kind, id, secret)| ((kind, id), Secret::new(secret)))
                .collect(),
            options_every_s: config.options_every_s,
        }
    }

    /// Whom the endpoint knows. Who lacks a password, as after an import, cannot sign in until it has one.
    pub(super) fn endpoint(&self) -> sip::Directory {
        let accounts = self.phones.iter().filter_map(|phone| self.account(phone));
        let trunks = self.trunks.iter().filter(|trunk| trunk.on);
        sip::Directory {
            accounts: accounts.collect(),
            trunks: trunks.filter_map(|trunk| self.trunk(trunk)).collect(),
        }
    }

    fn account(&self, phone: &Phone) -> Option<Account> {
        let password = self.secret(Kind::Phone, &phone.id.to_string())?;
        let account = Account {
            user: phone.user.clone(),
            password,
            name: (self.agents.get(&phone.agent))
                .cloned()
                .unwrap_or_else(|| phone.name.clone()),
        };
        checked(account.check().err(), &phone.name).then_some(account)
    }

    fn trunk(&self, trunk: &setup::Trunk) -> Option<sip::Trunk> {
        let id = trunk.id.to_string();
        let login = match &trunk.login {
            None => None,
            Some(login) => {
                let Some(password) = self.secret(Kind::Trunk, &id) else {
                    tracing::warn!(trunk = trunk.name, "the trunk has no password yet");
                    return None;
                };
                Some(Login {
                    user: login.user.clone(),
                    auth_user: (login.auth_user.clone()).unwrap_or_else(|| login.user.clone()),
                    password,
                    register: login.register,
                })
            }
        };
        let known = sip::Trunk {
            id,
            name: trunk.name.clone(),
            host: trunk.host.clone(),
            transport: match trunk.transport {
                SipTransport::Udp => sip::Transport::Udp,
                SipTransport::Tcp => sip::Transport::Tcp,
                SipTransport::Tls => sip::Transport::Tls,
            },
            login,
            from_addresses: trunk.addresses.clone(),
            caller_id: trunk.caller_id.clone(),
            most_calls: trunk.most_calls,
            options_every_s: self.options_every_s,
        };
        checked(known.check().err(), &trunk.name).then_some(known)
    }

    fn secret(&self, kind: Kind, id: &str) -> Option<Secret> {
        self.secrets.get(&(kind, id.to_owned())).cloned()
    }

    /// Every phone's owner and account.
    pub(super) fn owners(&self) -> impl Iterator<Item = (AgentId, &str)> {
        (self.phones.iter()).map(|phone| (phone.agent, phone.user.as_str()))
    }

    /// The phones of this agent.
    pub(super) fn phones_of(&self, agent: AgentId) -> impl Iterator<Item = &Phone> {
        (self.phones.iter()).filter(move |phone| phone.agent == agent)
    }

    /// What the phone that logs in as this user is called.
    pub(super) fn name_of(&self, user: &str) -> Option<String> {
        let phone = self.phones.iter().find(|phone| phone.user == user)?;
        Some(phone.name.clone())
    }

    /// The trunks to try, in order: those known not to work come last, because they may work again.
    pub(super) fn trunks_to_dial(&self, status: &[TrunkStatus]) -> Vec<setup::Trunk> {
        let is_usable = |trunk: &setup::Trunk| {
            let id = trunk.id.to_string();
            (status.iter())
                .find(|status| status.id == id)
                .is_some_and(|status| status.state.is_usable())
        };
        let mut trunks: Vec<_> = (self.trunks.iter())
            .filter(|trunk| trunk.on)
            .cloned()
            .collect();
        trunks.sort_by_key(|trunk| (!is_usable(trunk), trunk.order));
        trunks
    }

    /// The trunk with this id.
    pub(super) fn trunk_of(&self, id: TrunkId) -> Option<&setup::Trunk> {
        self.trunks.iter().find(|trunk| trunk.id == id)
    }

    /// What a trunk is called.
    pub(super) fn trunk_name(&self, id: &str) -> &str {
        (self.trunks.iter())
            .find(|trunk| trunk.id.to_string() == id)
            .map_or("unknown", |trunk| trunk.name.as_str())
    }

    /// Whether calls from there must be encrypted.
    pub(super) fn is_secure(&self, origin: &Origin) -> bool {
        match origin {
            Origin::Account(user) => {
                (self.phones.iter()).any(|phone| phone.user == *user && phone.secure)
            }
            Origin::Trunk(id) => {
                (self.trunks.iter()).any(|trunk| trunk.id.to_string() == *id && trunk.secure)
            }
        }
    }

    /// What callers of this number hear while they wait.
    pub(super) fn sound_of(&self, dialled: &str) -> WaitingSound {
        let bare = |number: &str| -> String {
            number
                .chars()
                .filter(|c| c.is_ascii_alphanumeric())
                .collect()
        };
        let queue = (self.numbers.iter())
            .find(|number| bare(&number.number) == bare(dialled))
            .and_then(|number| match &number.to {
                Destination::Queue(queue) => Some(*queue),
                Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => None,
            });
        (self.queues.iter())
            .find(|known| Some(known.id) == queue)
            .map_or_else(WaitingSound::default, |queue| queue.sound.clone())
    }
}

/// Tells why something cannot be used; the administrators' checks let it through only in an import.
fn checked(wrong: Option<sip::SettingsError>, name: &str) -> bool {
    match wrong {
        None => true,
        Some(why) => {
            tracing::warn!(name, "left out: {why}");
            false
        }
    }
}

/// A contact as it is stored.
pub(super) fn registered(user: &str, binding: &Binding) -> Registered {
    Registered {
        phone: user.to_owned(),
        contact: binding.contact.clone(),
        source: binding.source.to_string(),
        transport: binding.transport.to_string(),
        agent: binding.agent.clone(),
        expires_at: Timestamp(binding.expires_at_ms),
        whole: serde_json::to_string(binding).unwrap_or_default(),
    }
}

/// Contacts as they were stored. One that cannot be read is left out: the phone registers again.
pub(super) fn bindings(rows: Vec<Registered>) -> Vec<(String, Binding)> {
    let read = |row: Registered| {
        if let Ok(binding) = serde_json::from_str(&row.whole) {
            return Some((row.phone, binding));
        }
        let (source, transport) = (row.source.parse().ok()?, row.transport.parse().ok()?);
        let mut binding = Binding::new(row.contact, source, transport, row.expires_at.0);
        binding.agent = row.agent;
        Some((row.phone, binding))
    };
    rows.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding() -> Binding {
        let source = std::net::SocketAddr::from(([192, 0, 2, 7], 5060));
        let mut binding = Binding::new("sip:1001@10.0.0.4", source, sip::Transport::Udp, 9_000);
        binding.agent = "Desk 1".to_owned();
        binding
    }

    #[test]
    fn a_contact_comes_back_from_the_store_with_its_path() {
        let mut binding = binding();
        binding.path = vec!["<sip:edge.example;lr>".to_owned()];
        binding.cseq = 12;

        let row = registered("1001", &binding);

        assert_eq!(bindings(vec![row]), [("1001".to_owned(), binding)]);
    }

    #[test]
    fn what_an_older_version_stored_still_reaches_the_phone() {
        let mut row = registered("1001", &binding());
        row.whole = String::new();

        assert_eq!(bindings(vec![row]), [("1001".to_owned(), binding())]);
    }
}
