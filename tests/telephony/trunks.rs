//! Trunks: how they stand, calls over them both ways, and what is not dialled.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    admin::{CallProgress, TrunkState},
    agent::Device,
    id::NumberId,
    setup::{Destination, Number, TrunkLogin},
};
use bellwire_tests::{
    chance,
    house::{House, PASSWORD, SUPPORT},
    phones::{
        carrier::{Carrier, Config},
        ear::Ears,
        telephone::{Pickup, Settings, Telephone},
    },
};

/// What Anna's mobile phone is called.
const MOBILE: &str = "+34600111222";

/// The telephone network: a telephone that answers by hand and says 1000 hertz.
async fn network() -> Result<Telephone> {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
    Telephone::plug_in(Settings {
        pitch: Some(1000.0),
        ..Settings::stranger(nobody, "network")
    })
    .await
}

fn login() -> TrunkLogin {
    TrunkLogin {
        user: "bellwire".to_owned(),
        auth_user: None,
        register: true,
    }
}

/// A carrier's passwords are letters and digits.
fn password() -> String {
    PASSWORD.replace('-', "")
}

/// The number of the queue "Support" in the telephone network.
async fn public_number(house: &House) -> Result<()> {
    let number = Number {
        id: NumberId::new(chance::now(), chance::bits()),
        number: "+34910000001".to_owned(),
        name: "Madrid".to_owned(),
        to: Destination::Queue(house.administrator.queue("Support").await?.id),
        language: "es".to_owned(),
    };
    let id = number.id.to_string();
    house
        .administrator
        .save(bellwire_proto::admin::Kind::Number, &id, number)
        .await?;
    Ok(())
}

async fn give_anna_a_mobile(house: &House) -> Result<()> {
    house
        .administrator
        .change_user("anna", |user| user.number = Some(MOBILE.to_owned()))
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_registers_takes_calls_and_makes_them() -> Result<()> {
    let network = network().await?;
    let config = Config {
        customers: vec![("bellwire".to_owned(), password())],
        ..Config::registered("bellwire", "x", network.address())
    };
    let carrier = Carrier::start(&config).await?;
    let house = House::open().await?;
    public_number(&house).await?;
    give_anna_a_mobile(&house).await?;
    house.allow_dialling().await?;
    let trunk = house
        .trunk_with(&password(), |trunk| {
            trunk.host = carrier.address.to_string();
            trunk.login = Some(login());
        })
        .await?;
    house
        .until_trunk(trunk, |line| line.state == TrunkState::Up)
        .await?;

    let anna = house.desk("anna", Device::Number).await?;
    let call = network
        .dial(&format!("sip:34910000001@{}", carrier.inward))
        .await?;
    let mobile = network.rings().await?;
    ensure!(
        mobile
            .invite()
            .header("To")
            .is_some_and(|to| to.contains(MOBILE)),
        "{}",
        mobile.invite()
    );
    mobile.answer()?;
    call.answered().await?;
    tokio::try_join!(call.hears(1000.0), mobile.hears(1000.0))?;
    ensure!(house.trunk_line(trunk).await?.calls == 2);
    mobile.press("5")?;
    call.takes_digits("5").await?;
    // The carrier challenges what comes in calls, too: our re-INVITE, and our BYE.
    mobile.hold().await?;
    call.hears_other_than(1000.0).await?;
    mobile.resume().await?;
    call.hears(1000.0).await?;
    mobile.hang_up().await?;
    call.ended().await?;
    anna.until("wrapping up", |known| !known.mirror.items.is_empty())
        .await?;
    network.is_content()?;
    carrier.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_in_words() -> Result<()> {
    let network = network().await?;
    let config = Config::registered("bellwire", "right", network.address());
    let carrier = Carrier::start(&config).await?;
    let house = House::open().await?;
    let trunk = house
        .trunk(|trunk| {
            trunk.host = carrier.address.to_string();
            trunk.login = Some(login());
        })
        .await?;

    let line = house
        .until_trunk(trunk, |line| line.state == TrunkState::Down)
        .await?;

    let why = line.why.context("no reason")?;
    ensure!(why.contains("password"), "{why}");
    ensure!(!why.contains(PASSWORD), "{why}");
    carrier.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_is_down_leaves_its_calls_to_the_next() -> Result<()> {
    let far = Telephone::plug_in(Settings {
        pickup: Pickup::AtOnce,
        pitch: Some(700.0),
        ..Settings::stranger(SocketAddr::from(([127, 0, 0, 1], 9)), "far")
    })
    .await?;
    let house = House::open().await?;
    give_anna_a_mobile(&house).await?;
    house.allow_dialling().await?;
    let dead = house
        .trunk(|trunk| {
            trunk.name = "Dead".to_owned();
            trunk.host = "127.0.0.1:9".to_owned();
            trunk.order = 1;
        })
        .await?;
    let live = house
        .trunk(|trunk| {
            trunk.name = "Live".to_owned();
            trunk.host = far.address().to_string();
            trunk.order = 2;
            trunk.caller_id = Some("+34910000001".to_owned());
        })
        .await?;
    let _anna = house.desk("anna", Device::Number).await?;
    let caller = house.phone("boris").await?;

    let out = caller.dial(SUPPORT).await?;
    let at_far = far.rings().await?;
    out.answered().await?;

    ensure!(
        at_far.caller().contains("34910000001"),
        "{}",
        at_far.caller()
    );
    tokio::try_join!(out.hears(700.0), at_far.hears(440.0))?;
    at_far.hang_up().await?;
    out.ended().await?;
    house
        .until_trunk(dead, |line| line.state == TrunkState::Down)
        .await?;
    house
        .until_trunk(live, |line| line.state == TrunkState::Up)
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_dialled_until_it_is_allowed() -> Result<()> {
    let far = network().await?;
    let house = House::open().await?;
    give_anna_a_mobile(&house).await?;
    let trunk = house
        .trunk(|trunk| trunk.host = far.address().to_string())
        .await?;
    let anna = house.desk("anna", Device::Number).await?;
    let caller = house.phone("boris").await?;

    let out = caller.dial(SUPPORT).await?;
    anna.until("not ready", |known| {
        matches!(
            known.mirror.chosen,
            bellwire_proto::agent::Chosen::NotReady { .. }
        )
    })
    .await?;
    out.answered().await?;
    out.hang_up().await?;
    let refused = house.test_call(trunk, MOBILE).await?;
    ensure!(refused.outcome == CallProgress::Rejected, "{refused:?}");
    ensure!(!far.has_rung().await, "it was dialled all the same");

    house.allow_dialling().await?;
    let barred = house.test_call(trunk, "+34803000000").await?;
    ensure!(barred.say.contains("barred"), "{barred:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_call_says_what_became_of_it() -> Result<()> {
    let far = |pickup| async move {
        let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
        Telephone::plug_in(Settings {
            pickup,
            ..Settings::stranger(nobody, "far")
        })
        .await
    };
    let answers = far(Pickup::AtOnce).await?;
    let busy = far(Pickup::Refuse(486)).await?;
    let house = House::open().await?;
    house.allow_dialling().await?;
    for (address, outcome) in [
        (answers.address().to_string(), CallProgress::Answered),
        (busy.address().to_string(), CallProgress::Busy),
    ] {
        let trunk = house
            .trunk(|trunk| {
                trunk.name.clone_from(&address);
                trunk.host = address;
            })
            .await?;
        let result = house.test_call(trunk, MOBILE).await?;
        ensure!(result.outcome == outcome, "{result:?}");
    }
    answers.rings().await?.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_known_by_its_address_calls_in_as_often_as_it_may() -> Result<()> {
    let house = House::open().await?;
    public_number(&house).await?;
    let trunk = house
        .trunk(|trunk| {
            trunk.host = "127.0.0.1:9".to_owned();
            trunk.addresses = vec!["127.0.0.0/8".to_owned()];
            trunk.most_calls = 1;
        })
        .await?;
    let carrier = Telephone::plug_in(Settings {
        domain: "localhost".to_owned(),
        ..Settings::stranger(house.sip, "+34600111222")
    })
    .await?;
    let desk = house.desk("anna", Device::Browser).await?;
    house
        .until_trunk(trunk, |line| line.state == TrunkState::Down)
        .await?;

    let one = carrier.dial("34910000001").await?;
    let known = desk
        .until("the desk rings", |known| known.mirror.offer.is_some())
        .await?;
    let card = known.mirror.offer.context("an offer")?.offer;
    let caller = card.context.caller.context("a caller")?;
    ensure!(
        caller.number.as_deref() == Some("+34600111222"),
        "{caller:?}"
    );
    ensure!(card.context.site == "Madrid", "{:?}", card.context.site);
    let two = carrier.dial("34910000001").await?;
    ensure!(two.ended().await?.status == Some(503));
    one.cancel().await?;
    one.ended().await?;
    let outward = carrier.dial("+34600999999").await?;
    ensure!(outward.ended().await?.status == Some(404), "passed outward");

    let three = carrier.dial("+34910000001").await?;
    three.rings().await?;
    three.cancel().await?;
    three.ended().await?;
    Ok(())
}
