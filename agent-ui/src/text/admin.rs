//! The texts of the administration pages; those of the fields are in [`fields`].

mod fields;

use bellwire_proto::{
    admin::{CallProgress, Kind, TestCallResult, TrunkState},
    interaction::Medium,
    setup::{SipTransport, Trunk, UserRole},
};

pub(crate) use self::fields::*;
use crate::route::Route;

// Requests.
pub(crate) const UNREACHABLE: &str =
    "The server does not answer. Check your network and try again; what you typed is kept.";
pub(crate) const NOT_SIGNED_IN: &str =
    "You are no longer signed in. Load this page anew and sign in; what you typed is kept.";
pub(crate) const FORBIDDEN: &str = "You may not do that. Ask an administrator of your centre.";
pub(crate) const GONE: &str = "It is not there any more: somebody deleted it.";
pub(crate) const OUTDATED: &str = "Somebody changed the set-up meanwhile. Load it again: what you typed stays, and you can save then.";
pub(crate) const FAILED: &str =
    "The server could not do that just now. Please try again in a moment.";

// Saving.
pub(crate) const SAVE: &str = "Save";
pub(crate) const SAVED: &str = "Saved.";
pub(crate) const SAVE_ANYWAY: &str = "Save anyway";
pub(crate) const WARNED: &str = "Nothing is saved yet: please look at these warnings first.";
pub(crate) const DISCARD: &str = "Discard changes";
pub(crate) const UNSAVED: &str = "Not saved yet.";
pub(crate) const BUSY: &str = "One moment…";
pub(crate) const STILL_HERE: &str = "What you typed here before is still here, and not saved yet.";
pub(crate) const LOAD_AGAIN: &str = "Load again";
pub(crate) const LOADED_AGAIN: &str = "Loaded again. What you typed is still here.";
pub(crate) const NOT_READABLE: &str =
    "Something is missing or cannot be read yet. Look at the marked fields.";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const DELETE_SURELY: &str = "Really delete";
pub(crate) const KEEP: &str = "Keep";
pub(crate) const DELETED: &str = "Deleted. Undo the last change under Changes to get it back.";
pub(crate) const DELETE_ANYWAY: &str = "Delete anyway";
pub(crate) const WARNED_DELETING: &str =
    "Nothing is deleted yet: please look at these warnings first.";
pub(crate) const ERROR: &str = "Error";
pub(crate) const WARNING: &str = "Warning";
pub(crate) const TO_FIELD: &str = "Go to the field";
pub(crate) const LEAVE_TITLE: &str = "Leave without saving?";
pub(crate) const LEAVE_MORE: &str = "What you typed on this page is not saved.";
pub(crate) const STAY: &str = "Stay here";
pub(crate) const LEAVE: &str = "Leave and discard";

// Lists.
pub(crate) const ADMINISTRATION: &str = "Administration";
pub(crate) const NAME: &str = "Name";
pub(crate) const NAMELESS: &str = "(no name)";
pub(crate) const IN_SHORT: &str = "In short";
pub(crate) const ORDER: &str = "Order";
pub(crate) const UP: &str = "Up";
pub(crate) const DOWN: &str = "Down";
pub(crate) const REMOVE: &str = "Remove";
pub(crate) const ENTRY: &str = "Entry";
pub(crate) const NOTHING_TO_TICK: &str = "There is nothing to choose from yet.";
pub(crate) const NOT_THERE: &str = "not there any more";
pub(crate) const CHOOSE: &str = "Please choose";
pub(crate) const PLEASE_CHOOSE: &str = "Please choose one.";
pub(crate) const NOTHING: &str = "Nothing";

// Changes.
pub(crate) const CHANGES_HINT: &str =
    "Every change of the set-up, newest first. The last one can be undone.";
pub(crate) const WHEN: &str = "When";
pub(crate) const WHO: &str = "Who";
pub(crate) const WHAT_CHANGED: &str = "What";
pub(crate) const OLDER: &str = "Show older ones";
pub(crate) const UNDO: &str = "Undo the last change";
pub(crate) const UNDO_SURELY: &str = "Really undo the last change";
pub(crate) const UNDO_OUTDATED: &str =
    "Somebody changed the set-up meanwhile. Look at the list, then decide again.";
pub(crate) const UNDONE: &str = "The last change is undone.";

// The file.
pub(crate) const EXPORT: &str = "Export";
pub(crate) const EXPORT_HINT: &str =
    "Everything that these pages show, in one file. Passwords are not part of it.";
pub(crate) const EXPORT_NOW: &str = "Export the set-up";
pub(crate) const IMPORT: &str = "Import";
pub(crate) const IMPORT_HINT: &str =
    "Puts a file in place of the whole set-up. First you see what would change.";
pub(crate) const IMPORT_FILE: &str = "File";
pub(crate) const WOULD_CHANGE: &str = "This would change";
pub(crate) const SAME_ALREADY: &str = "Nothing would change: the set-up is like this already.";
pub(crate) const IMPORT_WRONG: &str =
    "This file cannot be imported. Correct what is wrong in it, then choose it again.";
pub(crate) const IMPORT_NOW: &str = "Import now";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const IMPORTED: &str = "Imported. Undo the last change under Changes to go back.";
pub(crate) const PASSWORDS_ONCE: &str =
    "First passwords of new users and phones. They are shown this once: note them now.";
pub(crate) const PASSWORD_ONCE: &str =
    "A password was made. It is shown this once: note it now, or put it into the phone.";

// How phones and trunks stand.
pub(crate) const NOW: &str = "Now";
pub(crate) const NOT_REGISTERED: &str = "It is not registered, so it does not ring. Look whether its name and password are right, and whether it reaches this server.";
pub(crate) const NOT_KNOWN_YET: &str = "The server does not know it yet. This takes a moment.";
pub(crate) const CONTACT_DEVICE: &str = "Phone";
pub(crate) const CONTACT_FROM: &str = "From";
pub(crate) const CONTACT_BY: &str = "By";
pub(crate) const CONTACT_ADDRESS: &str = "Address it gave";
pub(crate) const CONTACT_UNTIL: &str = "Until";
pub(crate) const TRUNK_WHY: &str = "What went wrong last";
pub(crate) const TRUNK_REFUSED: &str = "Its last trouble";
pub(crate) const TEST_CALL: &str = "Test call";
pub(crate) const TEST_RUNS: &str = "It is dialled. This takes some seconds…";

/// Languages that fields suggest.
pub(crate) const LANGUAGES: [&str; 32] = [
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "he", "hi", "hr", "hu",
    "it", "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sv", "tr", "uk", "zh",
];

/// Values with their names, for a choice.
pub(crate) fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(value, name): &(&str, &str)| ((*value).to_owned(), (*name).to_owned());
    all.iter().map(pair).collect()
}

/// What is wrong with a number.
pub(crate) fn whole_number(least: u32, most: u32) -> String {
    format!("Please enter a whole number from {least} to {most}.")
}

/// The name of a row's buttons.
pub(crate) fn row_buttons(number: usize) -> String {
    format!("Row {number}")
}

/// Moves a row up.
pub(crate) fn row_up(number: usize) -> String {
    format!("Move row {number} up")
}

/// Moves a row down.
pub(crate) fn row_down(number: usize) -> String {
    format!("Move row {number} down")
}

/// Takes a row away.
pub(crate) fn row_remove(number: usize) -> String {
    format!("Remove row {number}")
}

/// Takes something with a name away.
pub(crate) fn remove_named(name: &str) -> String {
    format!("Remove {name}")
}

/// The line to paste into a site's pages.
pub(crate) fn tag(origin: &str, key: &str) -> String {
    format!(r#"<script async src="{origin}/bellwire.js" data-site="{key}"></script>"#)
}

/// When and where a tag was seen.
pub(crate) fn seen(origin: &str, when: &str, now: u32) -> String {
    let pages = match now {
        0 => "no page is open now".to_owned(),
        1 => "one page is open now".to_owned(),
        count => format!("{count} pages are open now"),
    };
    format!("The tag was seen on {origin}, last {when}; {pages}.")
}

/// What a file is that is no set-up.
pub(crate) fn not_a_setup(line: usize, why: &str) -> String {
    format!("This file is not a set-up of Bellwire. Look at line {line}: {why}")
}

/// What a try found.
pub(crate) fn tried(journeys: u32, changed: u32) -> String {
    match (journeys, changed) {
        (0, _) => "No journeys are recorded yet, so there is nothing to try it on.".to_owned(),
        (1, 0) => "1 journey looked at; it would have no other intent.".to_owned(),
        (1, _) => "1 journey looked at; it would have another intent.".to_owned(),
        (journeys, 0) => format!("{journeys} journeys looked at; none would have another intent."),
        (journeys, 1) => format!("{journeys} journeys looked at; one would have another intent."),
        (journeys, changed) => {
            format!("{journeys} journeys looked at; {changed} would have another intent.")
        }
    }
}

/// The name of a page.
pub(crate) fn page_name(route: &Route) -> &'static str {
    match route {
        Route::Docs(kind) | Route::Doc(kind, _) => match kind {
            Kind::Site => "Sites",
            Kind::Queue => "Queues",
            Kind::User => "Users",
            Kind::Hours => "Hours",
            Kind::Intent => "Intent rules",
            Kind::Form => "Forms and menus",
            Kind::Invitation => "Invitations",
            Kind::Phone => "Phones",
            Kind::Trunk => "Trunks",
            Kind::Number => "Numbers",
            Kind::Dialling => "Dialling limits",
            Kind::Skills => "Skills",
            Kind::Reasons => "Reasons",
            Kind::Dispositions => "Dispositions",
        },
        Route::Changes => "Changes",
        Route::File => "Import and export",
        Route::Home | Route::Desk => "Desk",
        Route::Contacts | Route::Contact(_) => "Contacts",
        Route::Results => "Invitations and waits",
    }
}

/// The button for a new document.
pub(crate) fn new_one(kind: Kind) -> &'static str {
    match kind {
        Kind::Site => "New site",
        Kind::Queue => "New queue",
        Kind::User => "New user",
        Kind::Hours => "New hours",
        Kind::Intent => "New rule",
        Kind::Form => "New form or menu",
        Kind::Invitation => "New invitation",
        Kind::Phone => "New phone",
        Kind::Trunk => "New trunk",
        Kind::Number => "New number",
        Kind::Dialling => "New limits",
        Kind::Skills => "New skill",
        Kind::Reasons => "New reason",
        Kind::Dispositions => "New disposition",
    }
}

/// What an empty list says.
pub(crate) fn none_yet(kind: Kind) -> &'static str {
    match kind {
        Kind::Site => "There is no site yet. Make one, and paste its tag into your pages.",
        Kind::Queue => "There is no queue yet. Contacts need one to wait in.",
        Kind::User => "There is no user yet.",
        Kind::Hours => "There are no hours yet. Queues without hours are always open.",
        Kind::Intent => "There is no rule yet. Without rules, visitors are asked what it is about.",
        Kind::Form => "There is no form yet. Without forms, visitors are asked nothing.",
        Kind::Invitation => "There is no invitation yet. Nobody is invited.",
        Kind::Phone => "There is no phone yet. Agents take calls in the browser.",
        Kind::Trunk => {
            "There is no trunk yet. No calls come from the telephone network, and none go there."
        }
        Kind::Number => "There is no number yet. Nobody can call in.",
        Kind::Dialling => "Nothing may be dialled.",
        Kind::Skills | Kind::Reasons | Kind::Dispositions => "There is none yet.",
    }
}

/// What a kind of document is for.
pub(crate) fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::Site => "Web sites that carry the tag: who may use it, and where their visitors go.",
        Kind::Queue => "Where contacts wait, whom they need, and where they go instead.",
        Kind::User => "Who works here, what they may do and what they take.",
        Kind::Hours => "When queues are open, by the clock of a time zone.",
        Kind::Intent => "What a visitor's journey tells. Between equals, the first rule counts.",
        Kind::Form => "What visitors are asked where too little is known.",
        Kind::Invitation => "Whom to invite, to what, and how often.",
        Kind::Phone => "Agents' desk phones: what they register with, and whose they are.",
        Kind::Trunk => "Ways to the telephone network: a carrier's, or those of your own exchange.",
        Kind::Number => "What people dial, and the queue it leads to.",
        Kind::Dialling => "What may be dialled into the telephone network, and how much of it.",
        Kind::Skills => "What agents can do. Queues, rules and users name skills from this list.",
        Kind::Reasons => "What agents choose from when they are not ready.",
        Kind::Dispositions => "What agents choose from when a contact is over.",
    }
}

/// A role in a word.
pub(crate) fn role(role: UserRole) -> &'static str {
    match role {
        UserRole::Agent => "agent",
        UserRole::Supervisor => "supervisor",
        UserRole::Administrator => "administrator",
    }
}

/// How much a user takes at once.
pub(crate) fn capacity(calls: u8, chats: u8) -> String {
    match (calls, chats) {
        (0, 0) => "takes no contacts".to_owned(),
        (0, 1) => "1 chat".to_owned(),
        (0, chats) => format!("{chats} chats"),
        (_, 0) => "calls".to_owned(),
        (_, 1) => "calls and 1 chat".to_owned(),
        (_, chats) => format!("calls and {chats} chats"),
    }
}

/// A site in the list.
pub(crate) fn site_in_short(origins: usize, entries: usize, key: &str) -> String {
    format!(
        "{} · {} · key {key}",
        count(origins, "origin", "origins"),
        count(entries, "entry", "entries"),
    )
}

/// A queue in the list.
pub(crate) fn queue_in_short(media: &[Medium], agents: usize) -> String {
    let takes = match (media.contains(&Medium::Call), media.contains(&Medium::Chat)) {
        (true, true) => "calls and chats",
        (true, false) => "calls",
        (false, true) => "chats",
        (false, false) => "takes nothing",
    };
    format!("{takes} · {}", count(agents, "agent", "agents"))
}

/// A rule in the list.
pub(crate) fn rule_in_short(enabled: bool, topic: &str, confidence: u8) -> String {
    let topic = if topic.is_empty() {
        String::new()
    } else {
        format!("topic {topic} · ")
    };
    let off = if enabled { "" } else { " · not in use" };
    format!("{topic}{confidence} %{off}")
}

/// A form in the list.
pub(crate) fn fields_in_short(title: &str, fields: usize) -> String {
    format!("{title} · {}", count(fields, "field", "fields"))
}

/// A menu in the list.
pub(crate) fn menu_in_short(title: &str, choices: usize) -> String {
    format!("{title} · menu, {}", count(choices, "choice", "choices"))
}

/// An invitation in the list.
pub(crate) fn invitation_in_short(enabled: bool, said: &str) -> String {
    if enabled {
        said.to_owned()
    } else {
        format!("{said} · not in use")
    }
}

/// A phone in the list.
pub(crate) fn phone_in_short(user: &str, owner: &str) -> String {
    format!("{user} · {owner}")
}

/// A trunk in the list.
pub(crate) fn trunk_leads(trunk: &Trunk) -> String {
    let off = if trunk.on { "" } else { " · not in use" };
    format!("{} · {}{off}", trunk.host, transport(trunk.transport))
}

/// A number in the list.
pub(crate) fn number_in_short(number: &str, queue: &str) -> String {
    format!("{number} · leads to {queue}")
}

/// How SIP messages travel.
pub(crate) fn transport(transport: SipTransport) -> &'static str {
    match transport {
        SipTransport::Udp => "UDP",
        SipTransport::Tcp => "TCP",
        SipTransport::Tls => "TLS (encrypted)",
    }
}

/// At how many places a phone is reached.
pub(crate) fn registered(places: usize) -> String {
    match places {
        0 => "not registered".to_owned(),
        1 => "registered".to_owned(),
        places => format!("registered at {places} places"),
    }
}

/// A login of a phone was refused.
pub(crate) fn login_refused(when: &str, source: &str) -> String {
    format!(
        "A login with another password was refused ({when}, from {source}). If this is the phone, put its password in again; if it is not, nothing is wrong: whoever guesses is shut out."
    )
}

/// How a trunk stands.
pub(crate) fn trunk_in_short(state: TrunkState, calls: u32) -> String {
    let state = match state {
        TrunkState::Off => "not in use",
        TrunkState::Registering => "registering",
        TrunkState::Up => "up",
        TrunkState::Down => "down",
    };
    match calls {
        0 => state.to_owned(),
        1 => format!("{state} · 1 call"),
        calls => format!("{state} · {calls} calls"),
    }
}

/// Since when something is so.
pub(crate) fn since(when: &str) -> String {
    format!("since {when}")
}

/// What came of a test call.
pub(crate) fn test_result(result: &TestCallResult) -> String {
    let outcome = match result.outcome {
        CallProgress::Answered => "It was answered",
        CallProgress::Busy => "The number is busy",
        CallProgress::NoAnswer => "It rang, and nobody answered",
        CallProgress::Rejected => "The call was refused",
        CallProgress::Unreachable => "The far end did not answer",
        CallProgress::NotAllowed => "Nothing was dialled",
    };
    let status = match result.status {
        Some(status) => format!(", SIP status {status}"),
        None => String::new(),
    };
    let tenths = result.took_ms / 100;
    let took = format!("{}.{} s", tenths / 10, tenths % 10);
    format!("{outcome} ({took}{status}). {}", result.say)
}

fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_the_line_that_pages_paste() {
        assert_eq!(
            tag("https://centre.example", "shop"),
            r#"<script async src="https://centre.example/bellwire.js" data-site="shop"></script>"#
        );
    }

    #[test]
    fn a_test_call_is_told_in_words() {
        let result = TestCallResult {
            outcome: CallProgress::Busy,
            status: Some(486),
            say: "Busy Here.".to_owned(),
            took_ms: 1_240,
        };

        assert_eq!(
            test_result(&result),
            "The number is busy (1.2 s, SIP status 486). Busy Here."
        );
    }

    #[test]
    fn counts_read_as_a_person_would_say_them() {
        assert_eq!(site_in_short(1, 2, "k"), "1 origin · 2 entries · key k");
        assert_eq!(queue_in_short(&[Medium::Chat], 1), "chats · 1 agent");
        assert_eq!(capacity(1, 3), "calls and 3 chats");
        assert_eq!(capacity(0, 0), "takes no contacts");
    }
}
