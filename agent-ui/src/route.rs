//! Which page is shown, as the address says it after its `#`: reload and back then work.

use bellwire_proto::{
    admin::Kind,
    id::InteractionId,
    setup::{Capacity, UserRole},
};

/// A place in the program.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Route {
    /// Wherever the user works: see [`home`].
    #[default]
    Home,
    /// The desk.
    Desk,
    /// All contacts.
    Contacts,
    /// One contact with every decision about it.
    Contact(InteractionId),
    /// What invitations brought about, and how well waits are foretold.
    Results,
    /// All documents of a kind.
    Docs(Kind),
    /// One document.
    Doc(Kind, Which),
    /// The changes of the set-up.
    Changes,
    /// The set-up as one file.
    File,
}

/// Which document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Which {
    /// One that is not there yet.
    New,
    /// The one of this id or key.
    One(String),
}

/// A page of the bar at the top.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tab {
    /// The desk.
    Desk,
    /// Contacts.
    Contacts,
    /// Invitations and waits.
    Results,
    /// Administration.
    Admin,
}

impl Route {
    /// The place that `hash` names, `#` included; home where it names none.
    pub(crate) fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches('#').trim_matches('/');
        let parts: Vec<_> = path.split('/').collect();
        match *parts.as_slice() {
            ["desk"] => Self::Desk,
            ["contacts"] => Self::Contacts,
            ["contacts", id] => id.parse().map_or(Self::Contacts, Self::Contact),
            ["results"] => Self::Results,
            ["admin"] => Self::Docs(Kind::Site),
            ["admin", "changes"] => Self::Changes,
            ["admin", "file"] => Self::File,
            ["admin", word] => kind_of(word).map_or(Self::Home, Self::Docs),
            ["admin", word, "new"] => {
                kind_of(word).map_or(Self::Home, |kind| Self::Doc(kind, Which::New))
            }
            ["admin", word, id] => {
                kind_of(word).map_or(Self::Home, |kind| Self::Doc(kind, Which::One(decode(id))))
            }
            _ => Self::Home,
        }
    }

    /// The address after the page's own, `#` included.
    pub(crate) fn hash(&self) -> String {
        match self {
            Self::Home => "#/".to_owned(),
            Self::Desk => "#/desk".to_owned(),
            Self::Contacts => "#/contacts".to_owned(),
            Self::Contact(id) => format!("#/contacts/{id}"),
            Self::Results => "#/results".to_owned(),
            Self::Docs(kind) => format!("#/admin/{}", word(*kind)),
            Self::Doc(kind, Which::New) => format!("#/admin/{}/new", word(*kind)),
            Self::Doc(kind, Which::One(id)) => format!("#/admin/{}/{}", word(*kind), encode(id)),
            Self::Changes => "#/admin/changes".to_owned(),
            Self::File => "#/admin/file".to_owned(),
        }
    }

    /// The page of the bar it belongs to.
    pub(crate) fn tab(&self) -> Tab {
        match self {
            Self::Home | Self::Desk => Tab::Desk,
            Self::Contacts | Self::Contact(_) => Tab::Contacts,
            Self::Results => Tab::Results,
            Self::Docs(_) | Self::Doc(..) | Self::Changes | Self::File => Tab::Admin,
        }
    }
}

impl Tab {
    /// The pages that a user of this role may see.
    pub(crate) fn of(role: UserRole) -> &'static [Self] {
        match role {
            UserRole::Agent => &[Self::Desk],
            UserRole::Supervisor => &[Self::Desk, Self::Contacts, Self::Results],
            UserRole::Administrator => &[Self::Desk, Self::Contacts, Self::Results, Self::Admin],
        }
    }

    /// Where it leads first.
    pub(crate) fn route(self) -> Route {
        match self {
            Self::Desk => Route::Desk,
            Self::Contacts => Route::Contacts,
            Self::Results => Route::Results,
            Self::Admin => Route::Docs(Kind::Site),
        }
    }
}

/// Where someone works who did not say: whoever takes no contacts has nothing to do at the desk.
pub(crate) fn home(role: UserRole, capacity: Capacity) -> Route {
    let takes_some = capacity.calls > 0 || capacity.chats > 0;
    match role {
        UserRole::Agent => Route::Desk,
        UserRole::Supervisor | UserRole::Administrator if takes_some => Route::Desk,
        UserRole::Supervisor => Route::Contacts,
        UserRole::Administrator => Route::Docs(Kind::Site),
    }
}

/// Whether a user of this role may see a place.
pub(crate) fn may_see(role: UserRole, route: &Route) -> bool {
    Tab::of(role).contains(&route.tab())
}

/// The word for a kind's page.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Site => "sites",
        Kind::Queue => "queues",
        Kind::User => "users",
        Kind::Hours => "hours",
        Kind::Intent => "intents",
        Kind::Form => "forms",
        Kind::Invitation => "invitations",
        Kind::Phone => "phones",
        Kind::Trunk => "trunks",
        Kind::Number => "numbers",
        Kind::Dialling => "dialling",
        Kind::Skills => "skills",
        Kind::Reasons => "reasons",
        Kind::Dispositions => "dispositions",
    }
}

fn kind_of(plural: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| word(*kind) == plural)
}

/// A name as a part of an address.
pub(crate) fn encode(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::time::Timestamp;

    use super::*;

    #[test]
    fn every_place_reads_back_from_its_address() {
        let places = [
            Route::Desk,
            Route::Contacts,
            Route::Contact(InteractionId::new(Timestamp(1), 2)),
            Route::Results,
            Route::Docs(Kind::Queue),
            Route::Doc(Kind::Form, Which::New),
            Route::Doc(Kind::Site, Which::One("shop & more/ñ%".to_owned())),
            Route::Changes,
            Route::File,
        ];

        for place in places {
            assert_eq!(Route::parse(&place.hash()), place);
        }
    }

    #[test]
    fn a_place_that_is_not_there_is_home() {
        for hash in ["", "#", "#/", "#/admin/wishes", "#/nowhere/at/all", "#/%"] {
            assert_eq!(Route::parse(hash), Route::Home);
        }
    }

    #[test]
    fn an_agent_sees_the_desk_alone() {
        assert!(may_see(UserRole::Agent, &Route::Desk));
        assert!(!may_see(UserRole::Agent, &Route::Contacts));
        assert!(may_see(UserRole::Supervisor, &Route::Results));
        assert!(!may_see(UserRole::Supervisor, &Route::Changes));
        assert!(may_see(UserRole::Administrator, &Route::Changes));
    }

    #[test]
    fn who_takes_no_contacts_does_not_land_at_a_silent_desk() {
        let none = Capacity { calls: 0, chats: 0 };
        let chats = Capacity { calls: 0, chats: 3 };

        assert_eq!(home(UserRole::Administrator, none), Route::Docs(Kind::Site));
        assert_eq!(home(UserRole::Supervisor, none), Route::Contacts);
        assert_eq!(home(UserRole::Administrator, chats), Route::Desk);
        assert_eq!(home(UserRole::Agent, none), Route::Desk);
    }
}
