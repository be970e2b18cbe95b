//! Invitations: who gets one, when it is taken back, and what becomes of it.

use bellwire_core::{Recalled, record::InvitationOutcome as Outcome, setup::Setup};
use bellwire_proto::{id::ConnectionId, visitor::InvitationAct};

use crate::{
    given::{invitation, invites},
    sim::{ANNA, BORIS, CARLA, Sim, interaction, setup},
};

fn inviting() -> Setup {
    let mut setup = setup();
    setup.invitations = vec![invites(1, "cart")];
    setup
}

/// Visitors `1..=n` look at their carts, while these agents are free.
fn tempted(setup: Setup, agents: &[u128], n: u128) -> (Sim, Vec<ConnectionId>) {
    let mut sim = Sim::with(setup);
    for agent in agents {
        sim.ready(*agent);
    }
    sim.pass_s(1);
    let pages: Vec<_> = (1..=n).map(|n| sim.page(n)).collect();
    for page in &pages {
        sim.views(*page, "cart");
    }
    (sim, pages)
}

fn invited(sim: &Sim, pages: &[ConnectionId]) -> usize {
    (pages.iter())
        .filter(|page| sim.widgets[page].invited.is_some())
        .count()
}

fn outcomes(sim: &Sim) -> Vec<Outcome> {
    sim.stored.invitations.iter().map(|(_, act)| *act).collect()
}

#[test]
fn who_does_what_a_rule_names_is_invited_while_somebody_is_free() {
    let (sim, pages) = tempted(inviting(), &[ANNA], 1);

    let view = sim.widgets[&pages[0]].invited.clone().expect("invited");
    assert_eq!(view.invitation, invitation(1));
    assert_eq!(view.text, "Can we help?");
}

#[test]
fn nobody_is_invited_where_nobody_is_free() {
    let (mut sim, pages) = tempted(inviting(), &[], 1);
    assert_eq!(invited(&sim, &pages), 0);

    sim.ready(ANNA);
    sim.pass_s(1);

    assert_eq!(invited(&sim, &pages), 1, "as soon as somebody is");
}

#[test]
fn no_more_invitations_stand_than_agents_are_free() {
    let (mut sim, pages) = tempted(inviting(), &[ANNA, BORIS], 5);
    assert_eq!(invited(&sim, &pages), 2);

    sim.chats(90);
    sim.chats(91);
    sim.pass_s(1);

    assert_eq!(invited(&sim, &pages), 0, "taken back: both desks ring");
}

#[test]
fn of_two_invitations_the_one_that_was_not_seen_is_taken_back() {
    let (mut sim, pages) = tempted(inviting(), &[ANNA, BORIS], 2);
    sim.acts(pages[1], 1, InvitationAct::Shown);

    sim.chats(90);
    sim.pass_s(1);

    assert!(sim.widgets[&pages[0]].invited.is_none());
    assert!(sim.widgets[&pages[1]].invited.is_some());
}

#[test]
fn what_becomes_of_an_invitation_is_counted_once() {
    for (act, outcome) in [
        (InvitationAct::Accepted, Outcome::Accepted),
        (InvitationAct::Dismissed, Outcome::Dismissed),
        (InvitationAct::Ignored, Outcome::Ignored),
    ] {
        let (mut sim, pages) = tempted(inviting(), &[ANNA], 1);
        for act in [InvitationAct::Shown, InvitationAct::Shown, act, act] {
            sim.acts(pages[0], 1, act);
        }

        assert_eq!(outcomes(&sim), [Outcome::Shown, outcome]);
        assert!(sim.widgets[&pages[0]].invited.is_none());
        sim.start_chat(pages[0], 1);
        assert_eq!(outcomes(&sim)[2..], [Outcome::Contacted]);
        sim.leaves(pages[0], 1);
        sim.start_chat(pages[0], 2);
        assert_eq!(outcomes(&sim).len(), 3, "credited once");
    }
}

#[test]
fn a_contact_on_the_next_page_of_the_visit_is_credited_too() {
    let (mut sim, pages) = tempted(inviting(), &[ANNA], 1);
    sim.acts(pages[0], 1, InvitationAct::Shown);
    sim.page_leaves(pages[0]);

    sim.chats(1);

    assert_eq!(outcomes(&sim), [Outcome::Shown, Outcome::Contacted]);
}

#[test]
fn nobody_is_invited_again_within_a_day_whatever_became_of_it() {
    let (mut sim, pages) = tempted(inviting(), &[ANNA], 1);
    sim.acts(pages[0], 1, InvitationAct::Dismissed);
    sim.views(pages[0], "cart");
    sim.restart();
    sim.desk(ANNA);
    sim.pass_s(3600);
    let page = sim.page(1);
    sim.views(page, "cart");
    sim.acts(page, 1, InvitationAct::Shown);
    assert_eq!(invited(&sim, &[page]), 1, "nobody saw it, so none was kept");
    sim.acts(page, 1, InvitationAct::Dismissed);

    sim.restart();
    sim.desk(ANNA);
    let page = sim.page(1);
    sim.views(page, "cart");

    assert_eq!(invited(&sim, &[page]), 0);
}

#[test]
fn some_are_left_alone_and_counted_for_comparison() {
    let mut setup = inviting();
    setup.invitations[0].holdout = 100;
    let (mut sim, pages) = tempted(setup, &[ANNA], 2);
    assert_eq!(invited(&sim, &pages), 0);
    assert_eq!(outcomes(&sim), [Outcome::Held, Outcome::Held]);

    sim.start_chat(pages[1], 1);

    assert_eq!(outcomes(&sim)[2..], [Outcome::Contacted]);
}

#[test]
fn who_is_not_watched_is_never_invited() {
    let mut sim = Sim::with(inviting());
    sim.ready(ANNA);
    sim.pass_s(1);
    let quiet = Recalled {
        quiet: true,
        ..Recalled::default()
    };
    let opted_out = Recalled {
        opted_out: true,
        ..Recalled::default()
    };
    let pages = [quiet, opted_out].map(|known| sim.page_known(7, "shop", 7, known));

    for page in pages {
        sim.views(page, "cart");
    }
    sim.pass_s(60);

    assert_eq!(invited(&sim, &pages[1..]), 0);
    assert!(sim.stored.invitations.is_empty());
}

#[test]
fn who_opts_out_or_goes_leaves_the_place_of_their_invitation_to_another() {
    let (mut sim, pages) = tempted(inviting(), &[ANNA], 3);
    assert_eq!(invited(&sim, &pages), 1);

    sim.page_asks(
        pages[0],
        bellwire_proto::visitor::VisitorCommand::Monitoring { on: false },
    );
    assert!(sim.widgets[&pages[0]].invited.is_none());
    sim.views(pages[1], "cart");
    assert!(sim.widgets[&pages[1]].invited.is_some());
    sim.page_leaves(pages[1]);
    sim.pass_s(15);
    sim.views(pages[2], "cart");

    assert!(sim.widgets[&pages[2]].invited.is_some());
}

#[test]
fn an_invitation_goes_with_its_rule() {
    let (mut sim, pages) = tempted(inviting(), &[ANNA, BORIS, CARLA], 1);
    assert_eq!(invited(&sim, &pages), 1);

    sim.set_up(|setup| setup.invitations[0].enabled = false);

    assert_eq!(invited(&sim, &pages), 0);
}

#[test]
fn who_waits_or_talks_is_not_invited() {
    let mut sim = Sim::with(inviting());
    sim.ready(ANNA);
    let page = sim.chats(1);

    sim.views(page, "cart");

    assert_eq!(invited(&sim, &[page]), 0);
    sim.leaves(page, 1);
    sim.views(page, "cart");
    assert_eq!(invited(&sim, &[page]), 1);
    assert!(!sim.is_stored_waiting(1));
    assert!(sim.stored.interactions.contains_key(&interaction(1)));
}

#[test]
fn an_invitation_stands_while_the_visitor_goes_to_the_next_page() {
    let (mut sim, pages) = tempted(inviting(), &[ANNA], 1);
    sim.acts(pages[0], 1, InvitationAct::Shown);
    sim.page_leaves(pages[0]);
    sim.pass_s(3);

    let page = sim.page_on(1, "shop", 2);
    assert_eq!(invited(&sim, &[page]), 1);
    sim.acts(page, 1, InvitationAct::Accepted);

    assert_eq!(outcomes(&sim), [Outcome::Shown, Outcome::Accepted]);
}
