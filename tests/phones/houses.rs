//! What stands behind telephones: a carrier and a media proxy; and hostile senders.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use bellwire_tests::phones::{
    carrier::{Carrier, Config, Deliver, NumberIn},
    desk_phone::{self, DeskPhone},
    ear::Ears,
    garbage,
    rtpengine::Rtpengine,
    telephone::{Pickup, Settings, Telephone, Transport},
};
use serde_json::json;

async fn network() -> Result<Telephone> {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
    let settings = Settings::stranger(nobody, "network");
    Telephone::plug_in(Settings {
        pickup: Pickup::AtOnce,
        pitch: Some(1000.0),
        ..settings
    })
    .await
}

#[tokio::test]
async fn a_customer_registers_calls_out_and_is_called() -> Result<()> {
    let network = network().await?;
    let config = Config::registered("bellwire", "secret", network.address());
    let carrier = Carrier::start(&config).await?;
    let account = Settings::account(carrier.address, "bellwire", "secret");
    let account = Settings {
        domain: config.domain.clone(),
        ..account
    };
    let customer = Telephone::plug_in(account.clone()).await?;
    let wrong = Telephone::plug_in(Settings::account(carrier.address, "bellwire", "wrong")).await?;

    customer.register().await?;
    ensure!(wrong.register().await.is_err(), "a wrong password is good");
    let out = customer.dial("+4930123456").await?;
    out.answered().await?;
    out.hears(1000.0).await?;
    let there = network.rings().await?;
    ensure!(
        there
            .invite()
            .header("To")
            .is_some_and(|to| to.contains("+4930123456"))
    );
    there.hang_up().await?;
    out.ended().await?;
    let call = network
        .dial(&format!("sip:4930999@{}", carrier.inward))
        .await?;
    let here = customer.rings().await?;
    here.answer()?;
    call.answered().await?;
    here.hears(1000.0).await?;
    here.hang_up().await?;
    call.ended().await?;

    ensure!(
        here.invite().to_string().starts_with("INVITE sip:4930999@"),
        "{}",
        here.invite()
    );
    ensure!(
        customer.complaints().is_empty(),
        "{:#?}",
        customer.complaints()
    );
    carrier.stop().await
}

#[tokio::test]
async fn a_customer_is_known_by_its_address_or_by_its_stream() -> Result<()> {
    let network = network().await?;
    let own = Settings::stranger(network.address(), "bellwire");
    let customer = Telephone::plug_in(Settings {
        pickup: Pickup::AtOnce,
        ..own
    })
    .await?;
    let config = Config::by_address(customer.address(), network.address());
    let carrier = Carrier::start(&config).await?;
    let port = carrier.address.port();

    let call = network
        .dial(&format!("sip:4930999@{}", carrier.inward))
        .await?;
    call.answered().await?;
    call.hang_up().await?;
    carrier.stop().await?;
    let config = Config {
        number_in: NumberIn::To,
        deliver: Deliver::Customer("bellwire".into()),
        ..Config::registered("bellwire", "secret", network.address())
    };
    let carrier = Carrier::start_at(&config, port).await?;
    let account = Settings::account(carrier.address, "bellwire", "secret");
    let by_stream = Settings {
        transport: Transport::Tcp,
        domain: config.domain.clone(),
        ..account
    };
    let by_stream = Telephone::plug_in(by_stream).await?;
    by_stream.register().await?;
    let out = by_stream.dial("+4930123456").await?;

    out.answered().await?;
    out.hang_up().await
}

#[tokio::test]
async fn a_desk_phone_registers_with_the_carrier() -> Result<()> {
    let network = network().await?;
    let config = Config::registered("1002", "secret", network.address());
    let carrier = Carrier::start(&config).await?;
    let account = desk_phone::Config::account(carrier.address, "1002", "secret");
    let account = desk_phone::Config {
        domain: config.domain.clone(),
        ..account
    };

    let phone = DeskPhone::start(account).await?;
    phone.dial("4930123456").await?;
    phone.talks().await?;
    network.rings().await?.hears(1000.0).await?;
    phone.hears(1000.0).await?;

    phone.stop().await
}

#[tokio::test]
async fn rtpengine_takes_orders() -> Result<()> {
    let rtpengine = Rtpengine::start().await?;
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
    let offer = json!({ "command": "offer", "call-id": "c", "from-tag": "a", "sdp": sdp });

    let answer = rtpengine.ask(offer).await?;

    ensure!(answer["result"] == "ok", "{answer}");
    assert_eq!(rtpengine.calls().await?, 1);
    rtpengine.stop().await
}

#[tokio::test]
async fn a_telephone_survives_garbage_and_complains() -> Result<()> {
    let (tortured, good) = (network().await?, network().await?);

    garbage::torture(tortured.address(), 1, 500).await?;

    let call = good
        .dial(tortured.contact().trim_matches(['<', '>']))
        .await?;
    call.answered().await?;
    ensure!(!tortured.complaints().is_empty(), "garbage was not noticed");
    Ok(())
}
