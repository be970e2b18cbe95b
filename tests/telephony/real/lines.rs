//! Lines to the outside: crowds of sipp that call over a trunk, and Kamailio that carries calls to a mobile phone.

use std::time::Duration;

use anyhow::{Result, ensure};
use bellwire_proto::{admin::TrunkState, agent::Device, setup::TrunkLogin};
use bellwire_tests::{
    house::{House, PASSWORD, SUPPORT},
    people::Agent,
    phones::{
        carrier::{self, Carrier},
        desk_phone::{Config, DeskPhone},
        ear::Ears,
        g711::Law,
        sipp::{Scenario, Sipp, Wishes},
        telephone::{Pickup, Settings, Telephone},
    },
};

use super::{caller, nothing_is_left, on_desk};

/// What Anna's mobile phone is called.
const MOBILE: &str = "+34600111222";

/// A trunk that is known by its address: everybody here.
async fn trunk_by_address(house: &House) -> Result<()> {
    house
        .trunk(|trunk| {
            trunk.addresses = vec!["127.0.0.1".to_owned()];
            trunk.most_calls = 100;
        })
        .await?;
    Ok(())
}

/// Calls from that trunk.
fn from_trunk(house: &House) -> Wishes {
    Wishes {
        domain: "localhost".to_owned(),
        user: "+34600999888".to_owned(),
        pitch: 620.0,
        ..Wishes::call(house.sip, SUPPORT)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_over_a_trunk_is_heard_and_hears() -> Result<()> {
    let house = House::open().await?;
    trunk_by_address(&house).await?;
    let phone = house.phone("anna").await?;
    let anna = house.desk("anna", Device::Phone).await?;
    for (scenario, pitch) in [(Scenario::Call, 620.0), (Scenario::Echo, 440.0)] {
        let sipp = Sipp::start(&Wishes {
            scenario,
            ..from_trunk(&house)
        })
        .await?;
        let at_anna = phone.rings().await?;
        ensure!(at_anna.caller() == "+34600999888", "{}", at_anna.caller());
        at_anna.answer()?;
        at_anna.hears(pitch).await?;
        at_anna.ended().await?;
        sipp.succeed().await?;
        anna.finish(on_desk(&anna).await?).await?;
    }
    nothing_is_left(&house).await
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_callers_over_a_trunk_leave_nothing_behind() -> Result<()> {
    let house = House::open().await?;
    trunk_by_address(&house).await?;
    let mut phones = vec![];
    let mut desks = vec![];
    for user in ["anna", "boris"] {
        let settings = Settings {
            pickup: Pickup::AtOnce,
            ..Settings::account(house.sip, user, PASSWORD)
        };
        phones.push(house.phone_like(settings).await?);
        desks.push(house.desk(user, Device::Phone).await?);
    }

    let sipp = Sipp::start(&Wishes {
        calls: 50,
        rate: 10,
        talk: Duration::from_secs(3),
        ..from_trunk(&house)
    })
    .await?;
    let work = async |phone: &Telephone, desk: &Agent| -> Result<()> {
        for _ in 0..2 {
            let call = phone.rings().await?;
            call.hears(620.0).await?;
            call.ended().await?;
            desk.finish(on_desk(desk).await?).await?;
        }
        Ok(())
    };
    tokio::try_join!(work(&phones[0], &desks[0]), work(&phones[1], &desks[1]))?;
    let outcome = sipp.succeed().await?;

    ensure!(outcome.successful == 50, "{outcome:?}");
    let contacts = house.administrator.contacts().await?.contacts;
    ensure!(contacts.len() == 50, "{} contacts", contacts.len());
    let waiting = contacts.iter().filter(|contact| contact.stage == "waiting");
    ensure!(waiting.count() == 0, "{contacts:?}");
    nothing_is_left(&house).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_own_number_is_reached_over_the_next_carrier_when_one_dies() -> Result<()> {
    let mobile = DeskPhone::start(Config {
        registers: false,
        ..Config::account("127.0.0.1:9".parse()?, MOBILE, "none")
    })
    .await?;
    // Passwords of a carrier are letters and digits.
    let password = PASSWORD.replace('-', "");
    let config = carrier::Config {
        customers: vec![("bellwire".to_owned(), password.clone())],
        ..carrier::Config::registered("bellwire", "x", mobile.address)
    };
    let (first, second) = tokio::try_join!(Carrier::start(&config), Carrier::start(&config))?;
    let house = House::open().await?;
    house.allow_dialling().await?;
    house
        .administrator
        .change_user("anna", |user| user.number = Some(MOBILE.to_owned()))
        .await?;
    let mut trunks = vec![];
    for (order, carrier) in [(1, &first), (2, &second)] {
        let trunk = house.trunk_with(&password, |trunk| {
            trunk.name = format!("Carrier {order}");
            trunk.order = order;
            trunk.host = carrier.address.to_string();
            trunk.login = Some(TrunkLogin {
                user: "bellwire".to_owned(),
                auth_user: None,
                register: true,
            });
        });
        trunks.push(trunk.await?);
    }
    for trunk in &trunks {
        house
            .until_trunk(*trunk, |line| line.state == TrunkState::Up)
            .await?;
    }
    let anna = house.desk("anna", Device::Number).await?;
    let caller = caller(&house, &[Law::Mu]).await?;

    for over in [0, 1] {
        if over == 1 {
            first.stop().await?;
        }
        let out = caller.dial(SUPPORT).await?;
        mobile.rings().await?;
        // The caller counts for the first trunk, whose address it has too.
        ensure!(house.trunk_line(trunks[1]).await?.calls == over);
        mobile.answer().await?;
        mobile.talks().await?;
        out.answered().await?;
        tokio::try_join!(out.hears(1000.0), mobile.hears(440.0))?;
        mobile.hang_up().await?;
        out.ended().await?;
        anna.finish(on_desk(&anna).await?).await?;
    }
    nothing_is_left(&house).await?;
    second.stop().await
}
