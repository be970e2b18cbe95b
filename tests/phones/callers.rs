//! sipp against the telephone of this process, in both roles.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, ensure};
use bellwire_tests::phones::{
    ear::Ears,
    g711::Law,
    sipp::{Scenario, Sipp, Wishes},
    telephone::{Direction, Pickup, Settings, Telephone},
};

async fn telephone(pickup: Pickup, server: SocketAddr) -> Result<Telephone> {
    let settings = Settings::stranger(server, "anna");
    Telephone::plug_in(Settings { pickup, ..settings }).await
}

fn nobody() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9))
}

#[tokio::test]
async fn a_caller_is_heard_and_hangs_up() -> Result<()> {
    let anna = telephone(Pickup::AtOnce, nobody()).await?;
    for (scenario, codec) in [(Scenario::Call, Law::Mu), (Scenario::LateOffer, Law::A)] {
        let wishes = Wishes {
            scenario,
            codec,
            pitch: 620.0,
            ..Wishes::call(anna.address(), "100")
        };

        let sipp = Sipp::start(&wishes).await?;
        let call = anna.rings().await?;
        call.hears(620.0).await?;
        call.ended().await?;

        sipp.succeed().await?;
    }
    ensure!(anna.complaints().is_empty(), "{:#?}", anna.complaints());
    Ok(())
}

#[tokio::test]
async fn a_caller_holds_and_another_gives_up() -> Result<()> {
    let quick = telephone(Pickup::AtOnce, nobody()).await?;
    let slow = telephone(Pickup::ByHand, nobody()).await?;
    let wishes = Wishes {
        talk: Duration::from_millis(600),
        ..Wishes::call(quick.address(), "100")
    };

    let holding = Sipp::start(&Wishes {
        scenario: Scenario::Hold,
        ..wishes.clone()
    })
    .await?;
    let call = quick.rings().await?;
    call.is_offered(Direction::SendOnly).await?;
    call.is_offered(Direction::SendRecv).await?;
    let wishes = Wishes {
        scenario: Scenario::Cancel,
        server: Some(slow.address()),
        ..wishes
    };
    let cancelling = Sipp::start(&wishes).await?;

    assert_eq!(slow.rings().await?.ended().await?.status, Some(487));
    holding.succeed().await?;
    cancelling.succeed().await?;
    Ok(())
}

#[tokio::test]
async fn a_callee_answers_echoes_refuses_or_rings() -> Result<()> {
    let answering = Scenario::Answer {
        ring: Duration::from_millis(100),
    };
    let refusing = Scenario::Refuse {
        status: "486 Busy Here".into(),
    };
    // The keep-alive of a trunk counts as one more.
    let answering = Sipp::start(&Wishes {
        calls: 2,
        ..Wishes::callee(answering)
    })
    .await?;
    let refusing = Sipp::start(&Wishes::callee(refusing)).await?;
    let ringing = Sipp::start(&Wishes::callee(Scenario::Ring)).await?;
    let anna = telephone(Pickup::ByHand, answering.address).await?;

    let ping = bellwire_tests::phones::telephone::Message::request("OPTIONS", "sip:callee");
    assert_eq!(anna.ask(ping).await?.status(), Some(200));
    let call = anna.dial("100").await?;
    call.answered().await?;
    call.hears(440.0).await?;
    call.hold().await?;
    call.resume().await?;
    call.hears(440.0).await?;
    call.hang_up().await?;
    let busy = anna.dial(&format!("sip:100@{}", refusing.address)).await?;
    assert_eq!(busy.ended().await?.status, Some(486));
    let unanswered = anna.dial(&format!("sip:100@{}", ringing.address)).await?;
    unanswered.rings().await?;
    unanswered.cancel().await?;
    assert_eq!(unanswered.ended().await?.status, Some(487));

    assert_eq!(answering.succeed().await?.successful, 2);
    refusing.succeed().await?;
    ringing.succeed().await?;
    Ok(())
}
