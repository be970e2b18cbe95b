//! Phones that register, and those that may not.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bellwire_proto::agent::Device;
use bellwire_tests::{
    house::{House, PASSWORD, SUPPORT},
    http,
    phones::{
        ear::Ears,
        garbage,
        telephone::{Login, Settings, Telephone, Transport},
    },
    wait,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_registers_and_the_desk_shows_it() -> Result<()> {
    let house = House::open().await?;
    let anna = house.desk("anna", Device::Browser).await?;
    ensure!(anna.now().mirror.devices.phone == Some(false));

    let phone = house.phone("anna").await?;

    anna.until("the phone", |known| {
        known.mirror.devices.phone == Some(true)
    })
    .await?;
    let lines = house.phone_lines().await?;
    let here: Vec<_> = lines.iter().flat_map(|line| &line.registered).collect();
    ensure!(here.len() == 1 && here[0].transport == "udp", "{here:?}");
    ensure!(phone.register_for(0).await?.status() == Some(200));
    anna.until("no phone", |known| {
        known.mirror.devices.phone == Some(false)
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_user_are_answered_alike() -> Result<()> {
    let house = House::open().await?;
    let mut answers = vec![];
    for (user, password) in [("anna", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD)] {
        let phone = Telephone::plug_in(Settings {
            domain: "localhost".to_owned(),
            ..Settings::account(house.sip, user, password)
        })
        .await?;
        let answer = phone.register_for(300).await?;
        let names: Vec<_> = (answer.headers.iter())
            .map(|(name, _)| name.clone())
            .collect();
        answers.push((answer.status(), names));
    }
    ensure!(answers[0].0 == Some(401), "{answers:?}");
    ensure!(
        answers.windows(2).all(|two| two[0] == two[1]),
        "{answers:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_shown_until_the_phone_has_its_password() -> Result<()> {
    let house = House::open().await?;
    let refused = async || {
        let lines = house.phone_lines().await?;
        let refused = lines.into_iter().filter_map(|line| line.refused);
        anyhow::Ok(refused.collect::<Vec<_>>())
    };
    for user in ["anna", "nobody"] {
        let phone = Telephone::plug_in(Settings {
            domain: "localhost".to_owned(),
            ..Settings::account(house.sip, user, "wrong")
        })
        .await?;
        ensure!(phone.register_for(300).await?.status() == Some(401));
    }
    let shown = refused().await?;
    ensure!(shown.len() == 1, "{shown:?}");
    ensure!(shown[0].source.starts_with("127.0.0.1:"), "{shown:?}");

    let _phone = house.phone("anna").await?;
    let shown = refused().await?;
    ensure!(shown.is_empty(), "{shown:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_over_tcp_and_websocket_are_called_on_their_connection() -> Result<()> {
    let ws = bellwire_tests::centre::free_port()?;
    let listen = format!("127.0.0.1:{ws}");
    let house = House::open_with(&[("BELLWIRE_PHONE_WS", &listen)]).await?;
    for (transport, server) in [
        (Transport::Tcp, house.sip),
        (Transport::Ws, listen.parse()?),
    ] {
        let phone = house
            .phone_like(Settings {
                transport,
                ..Settings::account(server, "anna", PASSWORD)
            })
            .await
            .with_context(|| format!("{transport:?}"))?;
        let anna = house.desk("anna", Device::Phone).await?;
        let caller = house.phone("boris").await?;

        let out = caller.dial(SUPPORT).await?;
        let at_anna = phone.rings().await?;
        at_anna.answer()?;
        out.answered().await?;
        tokio::try_join!(out.hears(440.0), at_anna.hears(440.0))?;
        out.hang_up().await?;
        at_anna.ended().await?;
        ensure!(phone.register_for(0).await?.status() == Some(200));
        let known = anna
            .until("the call", |known| !known.mirror.items.is_empty())
            .await?;
        for interaction in known.mirror.items.keys() {
            anna.finish(*interaction).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_nowhere_and_are_banned() -> Result<()> {
    let house = House::open_with(&[("BELLWIRE_PHONE_FAILED_LOGINS", "3")]).await?;
    let stranger = Telephone::plug_in(Settings {
        domain: "localhost".to_owned(),
        ..Settings::stranger(house.sip, "anna")
    })
    .await?;
    for number in [SUPPORT, "+34910000001"] {
        let out = stranger.dial(number).await?;
        let end = out.ended().await?;
        ensure!(end.status == Some(407), "{number}: {end:?}");
    }
    let guesser = Telephone::plug_in(Settings {
        domain: "localhost".to_owned(),
        login: Some(Login {
            user: "anna".to_owned(),
            password: "guess".to_owned(),
        }),
        ..Settings::stranger(house.sip, "anna")
    })
    .await?;
    for _ in 0..3 {
        let _ = guesser.register_for(300).await;
    }

    wait::until("a ban in the log", wait::SOON, async || {
        let log = house.centre.log();
        let banned = log.contains("sip ban source=127.0.0.1 reason=login seconds=60");
        Ok(banned.then_some(()))
    })
    .await?;
    let metrics = http::get(house.centre.port, "/metrics").await?.body;
    ensure!(
        metrics.contains("bellwire_sip_banned_sources 1"),
        "{metrics}"
    );
    ensure!(
        !house.centre.log().contains(PASSWORD),
        "a secret in the log"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_of_every_kind_delays_nobody() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let _anna = house.desk("anna", Device::Phone).await?;
    let caller = house.phone("boris").await?;

    garbage::torture(house.sip, 7, 400).await?;
    garbage::flood(house.sip, 8, 2000).await?;
    garbage::drip(house.sip, 9, 20, Duration::from_millis(300)).await?;
    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    out.answered().await?;

    tokio::try_join!(out.hears(440.0), at_anna.hears(440.0))?;
    out.hang_up().await?;
    at_anna.ended().await?;
    ensure!(house.centre.runs()?, "{}", house.centre.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logged_in_is_shown_as_who_it_is() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let _desk = house.desk("anna", Device::Phone).await?;
    let pretender = Telephone::plug_in(Settings {
        domain: "localhost".to_owned(),
        user: "+34600999888".to_owned(),
        name: Some("The bank".to_owned()),
        ..Settings::account(house.sip, "boris", PASSWORD)
    })
    .await?;

    let out = pretender.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    let from = at_anna.invite().must("From")?;

    ensure!(at_anna.caller() == "boris", "{from}");
    ensure!(!from.contains("bank"), "{from}");
    out.cancel().await?;
    at_anna.ended().await?;
    Ok(())
}

/// A phone behind a router that changes addresses: what it says of itself leads nowhere.
async fn behind_a_router(house: &House, user: &str, pitch: f64) -> Result<Telephone> {
    house
        .phone_like(Settings {
            shown_at: [10, 99, 0, 9].into(),
            pitch: Some(pitch),
            ..Settings::account(house.sip, user, PASSWORD)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_behind_routers_are_called_heard_and_hung_up() -> Result<()> {
    let house = House::open().await?;
    let phone = behind_a_router(&house, "anna", 440.0).await?;
    let caller = behind_a_router(&house, "boris", 1000.0).await?;
    let anna = house.desk("anna", Device::Phone).await?;

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    out.rings().await?;
    out.cancel().await?;
    ensure!(at_anna.ended().await?.status == Some(487));

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    out.answered().await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    at_anna.hold().await?;
    out.hears_other_than(440.0).await?;
    at_anna.resume().await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    let known = anna
        .until("the call", |known| !known.mirror.items.is_empty())
        .await?;
    let interaction = *known.mirror.items.keys().next().context("a call")?;
    anna.finish(interaction).await?;

    at_anna.ended().await?;
    out.ended().await?;
    phone.is_content()?;
    caller.is_content()
}
