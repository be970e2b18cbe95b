//! Telephones: callers without a page, and agents who take calls on a phone.

use bellwire_core::{Left, Note, PhoneRefusal, RingAt, Telephone};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, AgentRefusal, AgentState, Chosen, Device, WorkStage},
    id::ConnectionId,
    interaction::{EndCause, Medium, Role},
    visitor::{VisitorCommand, VisitorEvent, VisitorRefusal, VisitorStage},
};

use crate::sim::{ANNA, BORIS, CARLA, Sim, agent, interaction};

/// Anna is ready, and takes calls on this device. Her desk phone is registered.
fn on(device: Device) -> (Sim, ConnectionId) {
    let mut sim = Sim::new();
    reachable(&mut sim, ANNA, true);
    let anna = sim.ready(ANNA);
    sim.desk_asks(anna, AgentCommand::TakeCallsOn { device });
    (sim, anna)
}

fn reachable(sim: &mut Sim, n: u128, reachable: bool) {
    let agent = agent(n);
    sim.telephone(Telephone::Reachable { agent, reachable });
}

/// Anna talks on her desk phone with a visitor who called from a page.
fn talking_on_the_phone() -> (Sim, ConnectionId, ConnectionId, ConnectionId) {
    let (mut sim, anna) = on(Device::Phone);
    let page = sim.calls(1);
    let phone = sim.picks_up(ANNA);
    (sim, anna, page, phone)
}

fn refused(sim: &Sim, desk: ConnectionId) -> Option<AgentRefusal> {
    sim.agent_events
        .iter()
        .rev()
        .find_map(|(to, event)| match event {
            AgentEvent::Refused { reason, .. } if *to == desk => Some(*reason),
            _ => None,
        })
}

#[test]
fn a_caller_rings_at_the_desk_of_the_numbers_queue() {
    let mut sim = Sim::new();
    let boris = sim.ready(BORIS);
    let anna = sim.ready(ANNA);

    sim.dials(1, "1002");

    assert_eq!(sim.rings(boris), None, "Boris cannot do laptops");
    let card = sim.desks[&anna].offer.clone().unwrap();
    let caller = card.offer.context.caller.unwrap();
    assert_eq!(caller.number.as_deref(), Some("+34600000001"));
    assert_eq!(card.offer.context.name.as_deref(), Some("Ada"));
    assert_eq!(card.offer.context.site, "Laptops");
    assert_eq!(card.offer.rings, Device::Browser);
}

#[test]
fn a_caller_and_a_page_are_bridged_and_a_hang_up_reaches_the_other() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let caller = sim.dials(1, "+34 910 000 001");

    sim.accept(anna);
    assert_eq!(sim.bridges[&interaction(1)], (caller, anna));
    sim.caller_hangs_up(caller);

    let stage = sim.desks[&anna].items[&interaction(1)].stage;
    assert!(matches!(
        stage,
        WorkStage::WrapUp {
            cause: EndCause::HungUp,
            by: Some(Role::Customer),
            ..
        }
    ));
    assert!(sim.bridges.is_empty());
}

#[test]
fn a_caller_who_gives_up_leaves_nothing_ringing() {
    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let caller = sim.dials(1, "1002");

    sim.caller_hangs_up(caller);

    assert_eq!(sim.rings(anna), None);
    assert!(sim.notes.contains(&Note::Ended {
        medium: Medium::Call,
        cause: EndCause::Abandoned,
        talked_ms: 0,
    }));
}

#[test]
fn a_number_that_leads_nowhere_is_refused() {
    let mut sim = Sim::new();
    let caller = sim.dials(1, "9999");

    let told: Vec<_> = (sim.visitor_events.iter())
        .filter(|(to, _)| *to == caller)
        .map(|(_, event)| event.clone())
        .collect();

    assert_eq!(
        told,
        [VisitorEvent::Refused {
            interaction: Some(interaction(1)),
            reason: VisitorRefusal::NotOffered,
        }]
    );
}

#[test]
fn a_caller_waits_in_line_with_those_who_came_by_a_page() {
    let mut sim = Sim::new();
    sim.calls(1);
    let caller = sim.dials(2, "+34910000001");

    let position = sim
        .visitor_events
        .iter()
        .rev()
        .find_map(|(to, event)| match event {
            VisitorEvent::Waiting { position, .. } if *to == caller => Some(*position),
            _ => None,
        });
    assert_eq!(position, Some(2));
    let anna = sim.ready(ANNA);
    assert_eq!(sim.rings(anna), Some(interaction(1)));
}

#[test]
fn a_call_rings_where_the_agent_takes_calls() {
    for (device, at, page) in [
        (Device::Phone, Some(RingAt::Phones), false),
        (Device::Both, Some(RingAt::Phones), true),
        (
            Device::Number,
            Some(RingAt::Number("+34910000009".into())),
            false,
        ),
        (Device::Browser, None, true),
    ] {
        let (mut sim, anna) = on(device);

        sim.calls(1);

        assert_eq!(sim.phones_ring.first().map(|ring| ring.at.clone()), at);
        assert_eq!(
            sim.rings(anna),
            Some(interaction(1)),
            "the desk shows who calls"
        );
        let rings = sim.desks[&anna].offer.as_ref().unwrap().offer.rings;
        assert_eq!(rings.has_page(), page, "{device:?}");
    }
}

#[test]
fn chats_come_to_the_desk_whatever_takes_calls() {
    let (mut sim, anna) = on(Device::Phone);

    sim.chats(1);

    assert_eq!(sim.rings(anna), Some(interaction(1)));
    assert!(sim.phones_ring.is_empty());
}

#[test]
fn who_answers_first_has_the_call_and_the_other_stops_ringing() {
    let (mut sim, anna) = on(Device::Both);
    let page = sim.calls(1);
    sim.accept(anna);
    assert!(sim.phones_ring.is_empty(), "the page was quicker");
    assert_eq!(sim.bridges[&interaction(1)], (page, anna));

    let (mut sim, anna) = on(Device::Both);
    let page = sim.calls(1);
    let phone = sim.picks_up(ANNA);
    assert_eq!(sim.rings(anna), None, "the phone was quicker");
    assert_eq!(sim.bridges[&interaction(1)], (page, phone));
    assert!(sim.desks[&anna].items[&interaction(1)].phone.is_some());
}

#[test]
fn a_phone_that_answers_too_late_is_sent_away() {
    let (mut sim, anna) = on(Device::Both);
    let page = sim.calls(1);
    let ring = sim.phones_ring[0].clone();
    sim.accept(anna);

    sim.phones_ring.push(ring);
    let late = sim.picks_up(ANNA);

    assert!(sim.dropped.iter().any(|(gone, _)| *gone == late));
    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
}

#[test]
fn a_phone_that_declines_passes_the_call_to_the_next_agent() {
    let (mut sim, anna) = on(Device::Phone);
    let carla = sim.ready(CARLA);
    sim.calls(1);
    let ring = sim.phones_ring[0].clone();

    sim.telephone(Telephone::Refused {
        agent: ring.agent,
        interaction: ring.interaction,
        epoch: ring.epoch,
        why: PhoneRefusal::Declined,
    });

    assert!(sim.phones_ring.is_empty());
    assert_eq!(sim.rings(anna), None);
    assert_eq!(sim.rings(carla), Some(interaction(1)));
    assert_eq!(sim.desks[&anna].state, AgentState::Ready);
}

#[test]
fn a_phone_that_is_not_reached_makes_its_agent_not_ready_unless_the_page_rings_too() {
    let (mut sim, anna) = on(Device::Phone);
    sim.calls(1);
    let ring = sim.phones_ring[0].clone();
    let unreachable = |ring: &bellwire_core::Ring| Telephone::Refused {
        agent: ring.agent,
        interaction: ring.interaction,
        epoch: ring.epoch,
        why: PhoneRefusal::Unreachable,
    };
    sim.telephone(unreachable(&ring));
    assert!(matches!(sim.desks[&anna].chosen, Chosen::NotReady { .. }));

    let (mut sim, anna) = on(Device::Both);
    sim.calls(1);
    let ring = sim.phones_ring[0].clone();
    sim.telephone(unreachable(&ring));
    assert_eq!(sim.rings(anna), Some(interaction(1)));
    assert_eq!(sim.desks[&anna].state, AgentState::Offered);
}

#[test]
fn calls_pass_an_agent_by_whose_only_phone_is_not_registered() {
    let (mut sim, anna) = on(Device::Phone);
    reachable(&mut sim, ANNA, false);
    assert_eq!(sim.desks[&anna].devices.phone, Some(false));

    let page = sim.calls(1);
    assert_eq!(sim.rings(anna), None);
    reachable(&mut sim, ANNA, true);

    assert_eq!(sim.phones_ring.len(), 1);
    sim.picks_up(ANNA);
    assert!(matches!(
        sim.widgets[&page].contacts[&interaction(1)].stage,
        VisitorStage::Connected { .. }
    ));
}

#[test]
fn a_device_that_an_agent_does_not_have_is_refused() {
    let mut sim = Sim::new();
    let boris = sim.ready(BORIS);

    let device = Device::Number;
    sim.desk_asks(boris, AgentCommand::TakeCallsOn { device });

    assert_eq!(refused(&sim, boris), Some(AgentRefusal::NoSuchDevice));
    assert_eq!(sim.desks[&boris].devices.chosen, Device::Browser);
}

#[test]
fn the_chosen_device_outlives_a_restart() {
    let (mut sim, _) = on(Device::Phone);

    sim.restart();
    reachable(&mut sim, ANNA, true);
    let anna = sim.desk(ANNA);

    assert_eq!(sim.desks[&anna].devices.chosen, Device::Phone);
    sim.calls(1);
    assert_eq!(sim.phones_ring.len(), 1);
}

#[test]
fn the_desk_holds_mutes_and_hangs_up_a_call_on_the_phone() {
    let (mut sim, anna, page, phone) = talking_on_the_phone();
    let id = interaction(1);
    let told = |sim: &Sim| -> Vec<AgentEvent> {
        let all = sim.agent_events.iter().filter(|(to, _)| *to == phone);
        all.map(|(_, event)| event.clone()).collect()
    };

    sim.desk_asks(anna, AgentCommand::Hold { interaction: id });
    assert_eq!(
        told(&sim).last(),
        Some(&AgentEvent::Held {
            interaction: id,
            held: true
        })
    );
    let stage = &sim.widgets[&page].contacts[&id].stage;
    assert!(matches!(stage, VisitorStage::Connected { held: true, .. }));
    sim.desk_asks(anna, AgentCommand::Resume { interaction: id });
    sim.desk_asks(
        anna,
        AgentCommand::Mute {
            interaction: id,
            muted: true,
        },
    );
    assert!(sim.desks[&anna].items[&id].phone.unwrap().muted);
    assert!(
        matches!(told(&sim).last(), Some(AgentEvent::OnPhone { phone: Some(p), .. }) if p.muted)
    );
    sim.desk_asks(anna, AgentCommand::HangUp { interaction: id });

    assert!(matches!(told(&sim).last(), Some(AgentEvent::WrapUp { .. })));
    assert!(sim.widgets[&page].contacts[&id].ended().is_some());
}

#[test]
fn the_phone_holds_and_hangs_up_and_the_desk_shows_it() {
    let (mut sim, anna, page, phone) = talking_on_the_phone();
    let id = interaction(1);

    let (connection, held) = (phone, true);
    sim.telephone(Telephone::AgentHeld { connection, held });
    assert!(matches!(
        sim.desks[&anna].items[&id].stage,
        WorkStage::Talking { held: true, .. }
    ));
    let how = Left::HungUp;
    sim.telephone(Telephone::AgentLeft { connection, how });

    assert!(matches!(
        sim.desks[&anna].items[&id].stage,
        WorkStage::WrapUp {
            by: Some(Role::Agent),
            ..
        }
    ));
    assert!(sim.widgets[&page].contacts[&id].ended().is_some());
}

#[test]
fn a_phone_that_dies_in_a_call_puts_the_customer_back_into_line() {
    let (mut sim, anna, page, phone) = talking_on_the_phone();
    let carla = sim.ready(CARLA);

    let how = Left::Lost;
    let connection = phone;
    sim.telephone(Telephone::AgentLeft { connection, how });

    assert_eq!(sim.rings(carla), Some(interaction(1)));
    assert!(sim.desks[&anna].items.is_empty());
    assert!(matches!(sim.desks[&anna].chosen, Chosen::NotReady { .. }));
    sim.accept(carla);
    assert_eq!(sim.bridges[&interaction(1)], (page, carla));
}

#[test]
fn the_desk_may_take_the_call_from_the_phone() {
    let (mut sim, anna, page, phone) = talking_on_the_phone();

    let attach = AgentCommand::Attach {
        interaction: interaction(1),
        peer: crate::sim::peer(77),
    };
    sim.desk_asks(anna, attach);

    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
    assert!(sim.dropped.iter().any(|(gone, _)| *gone == phone));
    assert_eq!(sim.desks[&anna].items[&interaction(1)].phone, None);
    let (connection, how) = (phone, Left::HungUp);
    sim.telephone(Telephone::AgentLeft { connection, how });
    assert_eq!(sim.bridges[&interaction(1)], (page, anna));
}

#[test]
fn the_call_stays_on_the_phone_while_the_desk_is_loaded_anew() {
    let (mut sim, anna, page, phone) = talking_on_the_phone();

    sim.desk_leaves(anna);
    sim.pass_s(120);
    let anna = sim.desk(ANNA);

    assert_eq!(sim.bridges[&interaction(1)], (page, phone));
    assert!(sim.desks[&anna].items[&interaction(1)].phone.is_some());
}

#[test]
fn keys_reach_the_telephone_on_the_other_side() {
    let (mut sim, _, page, phone) = talking_on_the_phone();
    let id = interaction(1);
    let digits = "15#".to_owned();
    sim.page_asks(
        page,
        VisitorCommand::Digits {
            interaction: id,
            digits: digits.clone(),
        },
    );
    let event = AgentEvent::Digits {
        interaction: id,
        digits: digits.clone(),
    };
    assert!(sim.agent_events.contains(&(phone, event)));

    let mut sim = Sim::new();
    let anna = sim.ready(ANNA);
    let caller = sim.dials(1, "1002");
    sim.accept(anna);
    sim.desk_asks(
        anna,
        AgentCommand::Digits {
            interaction: id,
            digits: digits.clone(),
        },
    );
    let event = VisitorEvent::Digits {
        interaction: id,
        digits: digits.clone(),
    };
    assert!(sim.visitor_events.contains(&(caller, event)));
    sim.telephone(Telephone::CallerPressed {
        connection: caller,
        digits,
    });
    assert_eq!(sim.desks[&anna].items[&id].digits, "15#");
    sim.desk_asks(
        anna,
        AgentCommand::Digits {
            interaction: id,
            digits: "1;2".into(),
        },
    );
    assert_eq!(refused(&sim, anna), Some(AgentRefusal::NotNow));
}

#[test]
fn a_phone_passes_its_call_to_another_number_or_a_colleague() {
    for (to, rings_at) in [("1002", CARLA), ("Boris", BORIS)] {
        let (mut sim, anna, page, phone) = talking_on_the_phone();
        let other = sim.ready(rings_at);

        let connection = phone;
        sim.telephone(Telephone::AgentTransfers {
            connection,
            to: to.into(),
        });

        assert_eq!(sim.rings(other), Some(interaction(1)), "{to}");
        assert!(sim.desks[&anna].items.is_empty());
        assert!(sim.dropped.iter().any(|(gone, _)| *gone == phone));
        sim.accept(other);
        assert_eq!(sim.bridges[&interaction(1)], (page, other));
    }
}

#[test]
fn a_call_that_is_passed_to_nobody_stays_where_it_is() {
    let (mut sim, anna, page, phone) = talking_on_the_phone();

    let connection = phone;
    sim.telephone(Telephone::AgentTransfers {
        connection,
        to: "+1900555".into(),
    });

    assert_eq!(sim.bridges[&interaction(1)], (page, phone));
    assert_eq!(refused(&sim, anna), Some(AgentRefusal::NotInList));
    assert!(
        sim.agent_events
            .iter()
            .any(|(to, event)| { *to == phone && matches!(event, AgentEvent::Refused { .. }) })
    );
}

#[test]
fn after_a_restart_callers_are_gone_and_visitors_of_phones_wait_again() {
    let (mut sim, _, _, _) = talking_on_the_phone();
    sim.dials(2, "1002");

    sim.restart();

    let stored = |n| &sim.stored.interactions[&interaction(n)];
    assert_eq!(stored(2).stage.name(), "closed");
    let page = sim.page(1);
    let attach = VisitorCommand::Attach {
        interaction: interaction(1),
        peer: crate::sim::peer(5),
    };
    sim.page_asks(page, attach);
    let boris = sim.ready(BORIS);
    assert_eq!(sim.rings(boris), Some(interaction(1)));
}

#[test]
fn a_phone_joins_its_customer_with_whom_it_asked() {
    for device in [Device::Phone, Device::Browser] {
        let (mut sim, anna, page, phone) = talking_on_the_phone();
        reachable(&mut sim, CARLA, true);
        let carla = sim.ready(CARLA);
        sim.desk_asks(carla, AgentCommand::TakeCallsOn { device });
        let consult = sim.dials(2, "1002");
        let at_carla = match device {
            Device::Phone => sim.picks_up(CARLA),
            Device::Browser | Device::Both | Device::Number => {
                sim.accept(carla);
                carla
            }
        };

        let connection = phone;
        sim.telephone(Telephone::AgentJoins {
            connection,
            consult,
        });

        assert!(sim.desks[&anna].items.is_empty(), "Anna is free");
        let held: Vec<_> = sim.desks[&carla].items.keys().copied().collect();
        assert_eq!(held, [interaction(1)], "Carla has the customer alone");
        assert!(matches!(
            sim.desks[&carla].items[&interaction(1)].stage,
            WorkStage::Talking { held: false, .. }
        ));
        let ended = (sim.visitor_events.iter())
            .any(|(to, event)| *to == consult && matches!(event, VisitorEvent::Ended { .. }));
        assert!(ended, "the second call is over");
        assert!(!sim.bridges.contains_key(&interaction(2)));
        match device {
            Device::Phone => assert_eq!(sim.bridges[&interaction(1)], (page, at_carla)),
            Device::Browser | Device::Both | Device::Number => {
                let attach = AgentCommand::Attach {
                    interaction: interaction(1),
                    peer: crate::sim::peer(78),
                };
                sim.desk_asks(carla, attach);
                assert_eq!(sim.bridges[&interaction(1)], (page, carla));
            }
        }
        // Both take the next one when it is their turn.
        sim.desk_asks(
            carla,
            AgentCommand::HangUp {
                interaction: interaction(1),
            },
        );
        assert!(
            sim.widgets[&page].contacts[&interaction(1)]
                .ended()
                .is_some()
        );
    }
}

#[test]
fn a_customer_who_is_joined_with_nobody_yet_goes_where_the_second_call_went() {
    let (mut sim, anna, page, phone) = talking_on_the_phone();
    let consult = sim.dials(2, "1002");

    let connection = phone;
    sim.telephone(Telephone::AgentJoins {
        connection,
        consult,
    });

    assert!(sim.desks[&anna].items.is_empty());
    let carla = sim.ready(CARLA);
    assert_eq!(sim.rings(carla), Some(interaction(1)));
    sim.accept(carla);
    assert_eq!(sim.bridges[&interaction(1)], (page, carla));
}
