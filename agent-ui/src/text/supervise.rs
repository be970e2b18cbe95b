//! The texts of the supervision pages.

use bellwire_proto::interaction::{EndCause, Role};

pub(crate) const CONTACTS_HINT: &str =
    "Every contact, newest first. Choose one to see what was decided about it, and why.";
pub(crate) const NO_CONTACTS: &str = "There was no contact yet.";
pub(crate) const WHEN: &str = "When";
pub(crate) const WHO: &str = "Who";
pub(crate) const HOW: &str = "How";
pub(crate) const QUEUE: &str = "Queue";
pub(crate) const AGENT: &str = "Agent";
pub(crate) const ABOUT: &str = "About";
pub(crate) const STATE: &str = "State";
pub(crate) const OLDER: &str = "Show older ones";
pub(crate) const REFRESH: &str = "Read anew";
pub(crate) const ALL_CONTACTS: &str = "All contacts";
pub(crate) const DECISIONS: &str = "What was decided, and why";
pub(crate) const NO_DECISIONS: &str = "Nothing was decided yet.";
pub(crate) const CHAT: &str = "What was written";
pub(crate) const JOURNEY: &str = "Journey";
pub(crate) const NO_JOURNEY: &str = "Nothing is kept of the journey.";
pub(crate) const INVITATIONS: &str = "Invitations";
pub(crate) const INVITATIONS_HINT: &str = "What became of those who were invited, beside those who would have been and were left alone. The difference is what an invitation brings about.";
pub(crate) const NO_INVITATIONS: &str = "Nobody was invited yet.";
pub(crate) const INVITATION: &str = "Invitation";
pub(crate) const SHOWN: &str = "Shown";
pub(crate) const ACCEPTED: &str = "Accepted";
pub(crate) const DISMISSED: &str = "Put away";
pub(crate) const IGNORED: &str = "Not looked at";
pub(crate) const CONTACTED: &str = "Made contact";
pub(crate) const HELD: &str = "Left alone";
pub(crate) const HELD_CONTACTED: &str = "Of these, made contact";
pub(crate) const DIFFERENCE: &str = "Difference";
pub(crate) const WAITS: &str = "How well waits are foretold";
pub(crate) const WAITS_HINT: &str =
    "Visitors are told a range; four in five waits should end within it.";
pub(crate) const NO_WAITS: &str = "Nobody has waited yet.";
pub(crate) const MEDIUM: &str = "Medium";
pub(crate) const COUNTED: &str = "Waits";
pub(crate) const ERROR: &str = "Error";
pub(crate) const BIAS: &str = "On average told";
pub(crate) const WITHIN: &str = "Within the range";
pub(crate) const ESTIMATOR: &str = "Estimator";

/// How far a contact got, in a word.
pub(crate) fn stage(stage: &str, cause: Option<EndCause>) -> &'static str {
    match (stage, cause) {
        ("waiting", _) => "waiting",
        ("talking", _) => "in contact",
        ("wrap_up", _) => "wrap-up",
        (_, Some(EndCause::HungUp)) => "ended",
        (_, Some(EndCause::Abandoned)) => "gave up waiting",
        (_, Some(EndCause::NoAnswer)) => "not answered",
        (_, Some(EndCause::Declined)) => "declined",
        (_, Some(EndCause::Vanished)) => "not reachable any more",
        (_, Some(EndCause::Directed)) => "led to a page",
        (_, None) => "over",
    }
}

/// A writer by name, or by role.
pub(crate) fn writer(name: Option<&str>, role: Role) -> String {
    match (name.filter(|name| !name.trim().is_empty()), role) {
        (Some(name), _) => name.to_owned(),
        (None, Role::Customer) => "Visitor".to_owned(),
        (None, Role::Agent) => "Agent".to_owned(),
    }
}

/// A part of a whole: `12 (34 %)`; without a share where the whole is nothing.
pub(crate) fn share(part: u32, whole: u32) -> String {
    match percent(part, whole) {
        Some(percent) => format!("{part} ({percent:.0} %)"),
        None => part.to_string(),
    }
}

/// How much more often those who saw an invitation made contact, in points of per cent; a dash
/// where one side is empty.
pub(crate) fn difference(seen: (u32, u32), held: (u32, u32)) -> String {
    match (percent(seen.0, seen.1), percent(held.0, held.1)) {
        (Some(seen), Some(held)) => format!("{:+.1} points", seen - held),
        (Some(_) | None, None) | (None, Some(_)) => "–".to_owned(),
    }
}

/// Whether waits were told too long or too short, on average.
pub(crate) fn bias(seconds: f64) -> String {
    if seconds.abs() < 0.5 {
        "just right".to_owned()
    } else if seconds > 0.0 {
        format!("{seconds:.0} s too long")
    } else {
        format!("{:.0} s too short", -seconds)
    }
}

fn percent(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) * 100.0 / f64::from(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_compared_with_those_left_alone() {
        assert_eq!(difference((12, 100), (4, 50)), "+4.0 points");
        assert_eq!(difference((1, 100), (4, 50)), "-7.0 points");
        assert_eq!(difference((1, 100), (0, 0)), "–");
        assert_eq!(share(12, 48), "12 (25 %)");
        assert_eq!(share(0, 0), "0");
    }

    #[test]
    fn a_bias_is_told_as_what_visitors_heard() {
        assert_eq!(bias(12.4), "12 s too long");
        assert_eq!(bias(-8.0), "8 s too short");
        assert_eq!(bias(0.1), "just right");
    }
}
