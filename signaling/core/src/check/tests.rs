//! Each finding with its sentence and its place, against a set-up that has none.

mod centre;
mod forms;
mod hours;
mod queues;
mod random;
mod rules;
mod sites;
mod telephones;
mod users;

use bellwire_proto::{
    admin::{Finding, Kind},
    setup::Setup,
};

use centre::good;

/// What is found in the good set-up after `change`.
fn after(change: impl FnOnce(&mut Setup)) -> Vec<Finding> {
    let mut setup = good();
    change(&mut setup);
    super::check(&setup)
}

/// Asserts that `change` is found: a kind, a place and a sentence.
#[track_caller]
fn finds(kind: Kind, at: &str, say: &str, error: bool, change: impl FnOnce(&mut Setup)) {
    let findings = after(change);
    let found = findings.iter().any(|finding| {
        (
            finding.kind,
            finding.at.as_str(),
            finding.say.as_str(),
            finding.error,
        ) == (kind, at, say, error)
    });
    assert!(found, "{kind:?} at {at}: {say}\nis not among {findings:#?}");
}

#[track_caller]
fn refuses(kind: Kind, at: &str, say: &str, change: impl FnOnce(&mut Setup)) {
    finds(kind, at, say, true, change);
}

#[track_caller]
fn warns(kind: Kind, at: &str, say: &str, change: impl FnOnce(&mut Setup)) {
    finds(kind, at, say, false, change);
}

#[test]
fn a_good_set_up_has_no_finding() {
    assert_eq!(super::check(&good()), []);
}

#[test]
fn a_finding_names_its_document() {
    let findings = after(|setup| setup.queues[1].media.clear());

    let queue = centre::queue(2).to_string();
    assert_eq!(findings[0].id, queue, "{findings:#?}");
}

#[test]
fn errors_come_before_warnings() {
    let findings = after(|setup| {
        setup.sites[0].origins.clear();
        setup.queues[0].name.clear();
    });

    let errors: Vec<_> = findings.iter().map(|finding| finding.error).collect();
    assert_eq!(errors, [true, false]);
}

#[test]
fn what_is_too_large_has_no_other_finding() {
    let say = "There are 501 queues; at most 500 are possible. Take some away.";

    let findings = after(|setup| setup.queues.resize(501, setup.queues[0].clone()));

    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].say, say);
}

#[test]
fn many_findings_are_cut_off_by_kind() {
    let findings = after(|setup| {
        let mut user = setup.users[0].clone();
        user.languages = vec!["Klingon".into()];
        setup.users.resize(1000, user);
        setup.sites[0].origins.clear();
    });

    assert_eq!(findings.iter().filter(|finding| finding.error).count(), 500);
    assert!(findings.iter().any(|finding| finding.at == "origins"));
}
