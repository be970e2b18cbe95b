//! The desk phone against the telephone of this process.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use bellwire_tests::phones::{
    desk_phone::{Config, DeskPhone, Srtp, Voice},
    ear::Ears,
    telephone::{Pickup, Settings, Telephone},
};

/// A desk phone that is called directly, without a registrar.
async fn desk_phone(change: impl FnOnce(Config) -> Config) -> Result<DeskPhone> {
    let nobody: SocketAddr = "127.0.0.1:9".parse()?;
    let config = Config {
        registers: false,
        ..Config::account(nobody, "1002", "secret")
    };
    DeskPhone::start(change(config)).await
}

async fn telephone(pickup: Pickup) -> Result<Telephone> {
    let settings = Settings::stranger("127.0.0.1:9".parse()?, "anna");
    Telephone::plug_in(Settings { pickup, ..settings }).await
}

#[tokio::test]
async fn a_desk_phone_talks_holds_and_hears_again() -> Result<()> {
    let (phone, anna) = (
        desk_phone(|config| config).await?,
        telephone(Pickup::ByHand).await?,
    );

    let call = anna.dial(&format!("sip:1002@{}", phone.address)).await?;
    phone.rings().await?;
    phone.answer().await?;
    call.answered().await?;
    phone.talks().await?;
    phone.hears(440.0).await?;
    call.hears(1000.0).await?;
    phone.hold().await?;
    phone.hears_nothing().await?;
    phone.resume().await?;
    phone.hears(440.0).await?;
    call.hold().await?;
    call.say(Some(600.0));
    phone.hears(600.0).await?;
    call.resume().await?;
    phone.hears(600.0).await?;
    call.hears(1000.0).await?;
    call.press("42")?;
    phone.takes_digits("42").await?;
    phone.press("7#").await?;
    call.takes_digits("7#").await?;
    phone.hang_up().await?;

    call.ended().await?;
    ensure!(anna.complaints().is_empty(), "{:#?}", anna.complaints());
    Ok(())
}

#[tokio::test]
async fn a_desk_phone_calls_transfers_and_dies() -> Result<()> {
    let phone = desk_phone(|config| Config {
        voice: Voice::Sine(700),
        ..config
    })
    .await?;
    let anna = telephone(Pickup::AtOnce).await?;

    phone.dial(anna.contact().trim_matches(['<', '>'])).await?;
    let call = anna.rings().await?;
    phone.talks().await?;
    call.hears(700.0).await?;
    phone.transfer("sip:1003@127.0.0.1").await?;

    assert_eq!(call.referred().await?.user, "1003");
    phone.kill().await?;
    call.hears_nothing().await
}

#[tokio::test]
async fn two_desk_phones_talk_in_opus_and_in_secret() -> Result<()> {
    let secret = |config| Config {
        codecs: vec!["opus"],
        srtp: Srtp::Required,
        ..config
    };
    let calling = desk_phone(|config| {
        secret(Config {
            voice: Voice::Sine(500),
            ..config
        })
    })
    .await?;
    let called = desk_phone(|config| {
        secret(Config {
            answers: true,
            ..config
        })
    })
    .await?;

    calling
        .dial(&format!("sip:1002@{}", called.address))
        .await?;
    calling.talks().await?;

    calling.hears(1000.0).await?;
    called.hears(500.0).await?;
    ensure!(calling.log().contains("SRTP"), "{}", calling.log());
    calling.hang_up().await?;
    called.closes().await.map(drop)
}
