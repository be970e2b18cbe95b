//! Whether a change may be made: what is found in the whole set-up as it would be, and that
//! somebody can still sign in to change it again.

use bellwire_core::check::check;
use bellwire_proto::{
    admin::{Finding, Kind},
    id::AgentId,
    setup::{Setup, UserRole},
};

use super::refused::Refused;

/// A change as it would be.
pub(super) struct Judged<'a> {
    /// The set-up before.
    pub(super) before: &'a Setup,
    /// The set-up after.
    pub(super) after: &'a Setup,
    /// Who makes it.
    pub(super) by: AgentId,
}

/// What the change is about: what was wrong before stands in the way only there.
pub(super) enum About<'a> {
    /// One document.
    Document(Kind, &'a str),
    /// Whatever it breaks.
    News,
    /// All of it.
    Everything,
}

impl Judged<'_> {
    /// What is wrong or strange about the change.
    pub(super) fn findings(&self, about: &About<'_>) -> Vec<Finding> {
        let known = match about {
            About::Document(..) | About::News => check(self.before),
            About::Everything => Vec::new(),
        };
        let counts = |finding: &Finding| match about {
            About::Document(kind, id) => {
                (finding.kind == *kind && finding.id == *id) || !known.contains(finding)
            }
            About::News | About::Everything => !known.contains(finding),
        };
        let mut findings = self.locked_out();
        findings.extend(check(self.after).into_iter().filter(counts));
        findings
    }

    /// The warnings of a change that may be made.
    pub(super) fn allow(
        &self,
        about: &About<'_>,
        despite_warnings: bool,
    ) -> Result<Vec<Finding>, Refused> {
        let findings = self.findings(about);
        if findings.iter().any(|finding| finding.error) {
            return Err(Refused::with(
                "invalid",
                self.sum(&findings, true),
                findings,
            ));
        }
        if !findings.is_empty() && !despite_warnings {
            return Err(Refused::with(
                "warnings",
                self.sum(&findings, false),
                findings,
            ));
        }
        Ok(findings)
    }

    /// Nobody takes away their own way in, nor the last administrator's.
    fn locked_out(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |id: AgentId, at: &str, say: &str| {
            findings.push(Finding {
                kind: Kind::User,
                id: id.to_string(),
                at: at.to_owned(),
                say: say.to_owned(),
                error: true,
            });
        };
        let users = &self.after.users;
        if users.iter().all(|user| user.id != self.by) {
            let say = "You cannot delete yourself: please ask another administrator.";
            add(self.by, "", say);
        } else if users
            .iter()
            .all(|user| user.role != UserRole::Administrator)
        {
            let say = "The last administrator must stay one: please make somebody else an \
                       administrator first.";
            add(self.by, "role", say);
        }
        findings
    }

    /// The first finding with its place in words, and how many more there are.
    fn sum(&self, findings: &[Finding], errors: bool) -> String {
        let mut these = findings.iter().filter(|finding| finding.error == errors);
        let Some(first) = these.next() else {
            return String::new();
        };
        let more = match these.count() {
            0 => String::new(),
            more => format!(" (And {more} more.)"),
        };
        let (place, say) = (self.place(first), &first.say);
        let ask = if errors { "" } else { " Save it all the same?" };
        format!("{place}: {say}{more}{ask}")
    }

    /// The document of a finding, as an administrator calls it.
    fn place(&self, finding: &Finding) -> String {
        let id = finding.id.as_str();
        let setup = self.after;
        let named = |word: &str, name: Option<&str>| match name {
            Some("") => format!("{word} without a name"),
            Some(name) => format!("{word} {name}"),
            None => format!("{word} {id}"),
        };
        match finding.kind {
            Kind::Site => {
                let site = setup.sites.iter().find(|site| site.key.0 == id);
                named("Site", site.map(|site| site.name.as_str()))
            }
            Kind::Queue => {
                let queue = setup.queues.iter().find(|queue| queue.id.to_string() == id);
                named("Queue", queue.map(|queue| queue.name.as_str()))
            }
            Kind::User => {
                let users = || self.before.users.iter().chain(&setup.users);
                let user = users().find(|user| user.id.to_string() == id);
                named("User", user.map(|user| user.user.as_str()))
            }
            Kind::Hours => {
                let hours = setup.hours.iter().find(|hours| hours.id.to_string() == id);
                named("Hours", hours.map(|hours| hours.name.as_str()))
            }
            Kind::Intent => {
                let rule = setup.intents.iter().find(|rule| rule.id.to_string() == id);
                named("Rule", rule.map(|rule| rule.name.as_str()))
            }
            Kind::Form => {
                let form = setup.forms.iter().find(|form| form.id.to_string() == id);
                named("Form", form.map(|form| form.name.as_str()))
            }
            Kind::Invitation => {
                let all = &setup.invitations;
                let invitation = all
                    .iter()
                    .find(|invitation| invitation.id.to_string() == id);
                named("Invitation", invitation.map(|one| one.name.as_str()))
            }
            Kind::Phone => {
                let phone = setup.phones.iter().find(|phone| phone.id.to_string() == id);
                named("Phone", phone.map(|phone| phone.name.as_str()))
            }
            Kind::Trunk => {
                let trunk = setup.trunks.iter().find(|trunk| trunk.id.to_string() == id);
                named("Trunk", trunk.map(|trunk| trunk.name.as_str()))
            }
            Kind::Number => {
                let mut numbers = setup.numbers.iter();
                let number = numbers.find(|number| number.id.to_string() == id);
                named("Number", number.map(|number| number.name.as_str()))
            }
            Kind::Dialling => "Dialling limits".to_owned(),
            Kind::Skills => "Skills".to_owned(),
            Kind::Reasons => "Reasons".to_owned(),
            Kind::Dispositions => "Dispositions".to_owned(),
        }
    }
}
