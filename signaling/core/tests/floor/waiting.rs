//! What one who waits is told of how long it will be.

use bellwire_proto::{
    id::ConnectionId,
    visitor::{VisitorCommand, VisitorStage, Wait},
};

use crate::sim::{ANNA, Sim, interaction, peer};

fn told(sim: &Sim, page: ConnectionId, n: u128) -> Option<Wait> {
    match sim.contact(page, n).stage {
        VisitorStage::Waiting { wait, .. } => wait,
        _ => None,
    }
}

/// Anna has served ten calls of five minutes, others waiting meanwhile.
fn busy_day() -> (Sim, ConnectionId) {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    sim.calls(100);
    for n in 0..10 {
        sim.calls(101 + n);
        let id = sim.accept(anna);
        sim.pass_s(300);
        sim.finish(anna, id);
    }
    (sim, anna)
}

#[test]
fn nothing_is_told_where_nothing_is_known() {
    let mut sim = Sim::new();
    sim.ready(ANNA);
    let page = sim.page(9);
    let _first = sim.calls(1);
    let second = sim.calls(2);

    sim.pass_s(10);

    assert_eq!(told(&sim, second, 2), None);
    assert_eq!(sim.widgets[&page].centre.call_wait, None);
}

#[test]
fn a_range_is_told_to_those_who_wait_and_to_those_who_might() {
    let (mut sim, anna) = busy_day();
    sim.accept(anna);
    let page = sim.page(90);
    let first = sim.calls(91);
    let second = sim.calls(92);

    sim.pass_s(6);

    let (one, two) = (told(&sim, first, 91), told(&sim, second, 92));
    let (one, two) = (one.expect("known"), two.expect("known"));
    assert!(one.from_s <= one.to_s && one.to_s < 3_600, "{one:?}");
    assert!(two.to_s > one.to_s, "{one:?} {two:?}");
    assert_eq!(sim.position(second, 92), Some(2));
    let joining = sim.widgets[&page].centre.call_wait.expect("known");
    assert!(joining.to_s >= two.to_s, "{joining:?} {two:?}");
}

#[test]
fn the_range_comes_down_as_the_line_moves() {
    let (mut sim, anna) = busy_day();
    let talks = sim.accept(anna);
    sim.calls(91);
    let page = sim.calls(92);
    sim.pass_s(6);
    let before = told(&sim, page, 92).expect("known");

    sim.finish(anna, talks);
    sim.accept(anna);
    sim.pass_s(6);

    let after = told(&sim, page, 92).expect("known");
    assert!(after.to_s < before.to_s, "{before:?} {after:?}");
    assert_eq!(sim.position(page, 92), Some(1));
}

#[test]
fn how_well_waits_were_foretold_is_told_to_the_public_status() {
    let (mut sim, _) = busy_day();
    sim.pass_s(10);

    let sales = sim.statuses.iter().find(|s| s.view.topic == "Sales");
    let accuracy = &sales.expect("told").accuracy;

    assert_eq!(accuracy.len(), 1, "calls alone were waited for");
}

#[test]
fn after_a_restart_waits_are_told_from_what_contacts_took_before() {
    let (mut sim, anna) = busy_day();
    sim.accept(anna);
    sim.calls(91);
    sim.pass_s(6);

    sim.restart();
    sim.desk(ANNA);
    let page = sim.page(91);
    sim.page_asks(
        page,
        VisitorCommand::Attach {
            interaction: interaction(91),
            peer: peer(91),
        },
    );
    sim.pass_s(6);

    let told = told(&sim, page, 91).expect("known");
    assert!((60..3_600).contains(&told.to_s), "{told:?}");
}
