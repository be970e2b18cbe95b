//! The telephone of this process calls itself: both sides of everything it can do.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use bellwire_tests::phones::{
    ear::Ears,
    telephone::{By, Call, Dial, Direction, Message, Pickup, Settings, Telephone, Transport},
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        self,
        handshake::server::{ErrorResponse, Request, Response},
    },
};

async fn telephone(user: &str, pitch: f64) -> Result<Telephone> {
    // Nobody is called at this address: telephones call each other's contact.
    let nobody: SocketAddr = "127.0.0.1:9".parse()?;
    let settings = Settings::stranger(nobody, user);
    Telephone::plug_in(Settings {
        pitch: Some(pitch),
        ..settings
    })
    .await
}

async fn pair() -> Result<(Telephone, Telephone)> {
    Ok((
        telephone("anna", 440.0).await?,
        telephone("boris", 1000.0).await?,
    ))
}

fn contact(telephone: &Telephone) -> String {
    telephone.contact().trim_matches(['<', '>']).to_owned()
}

async fn connect(anna: &Telephone, boris: &Telephone) -> Result<(Call, Call)> {
    let out = anna.dial(&contact(boris)).await?;
    let at_boris = boris.rings().await?;
    out.rings().await?;
    at_boris.answer()?;
    out.answered().await?;
    Ok((out, at_boris))
}

#[tokio::test]
async fn two_telephones_talk_hold_and_press_keys() -> Result<()> {
    let (anna, boris) = pair().await?;
    let (out, at_boris) = connect(&anna, &boris).await?;
    out.hears(1000.0).await?;
    at_boris.hears(440.0).await?;

    out.hold().await?;
    at_boris.is_offered(Direction::SendOnly).await?;
    out.hears_nothing().await?;
    at_boris.hears(440.0).await?;
    out.resume().await?;
    out.hears(1000.0).await?;
    out.press("159#")?;
    at_boris.takes_digits("159#").await?;
    at_boris.press_by_info('7').await?;
    out.takes_digits("7").await?;
    at_boris.hang_up().await?;

    let end = out.ended().await?;
    assert_eq!((end.by, end.status), (By::Far, None));
    let traffic = at_boris.traffic();
    ensure!(
        traffic.lost == 0 && traffic.jumps == 0 && traffic.sources.len() == 1,
        "{traffic:?}"
    );
    anna.is_content()?;
    boris.is_content()
}

#[tokio::test]
async fn a_call_that_nobody_takes_ends_as_it_should() -> Result<()> {
    let (anna, boris) = pair().await?;

    let refused = anna.dial(&contact(&boris)).await?;
    boris.rings().await?.refuse(486);
    let cancelled = anna.dial(&contact(&boris)).await?;
    let at_boris = boris.rings().await?;
    cancelled.rings().await?;
    cancelled.cancel().await?;

    assert_eq!(refused.ended().await?.status, Some(486));
    assert_eq!(cancelled.ended().await?.status, Some(487));
    assert_eq!(at_boris.ended().await?.status, Some(487));
    anna.is_content()?;
    boris.is_content()
}

#[tokio::test]
async fn a_late_offer_and_an_early_answer_are_heard() -> Result<()> {
    let (anna, boris) = pair().await?;
    let late = Dial {
        to: contact(&boris),
        late_offer: true,
        ..Dial::default()
    };

    let out = anna.dial_as(late).await?;
    boris.rings().await?.answer()?;
    out.answered().await?;
    out.hears(1000.0).await?;
    out.hang_up().await?;
    let early = anna.dial(&contact(&boris)).await?;
    let at_boris = boris.rings().await?;
    at_boris.answer_early()?;

    early.hears(1000.0).await?;
    early.cancel().await?;
    at_boris.ended().await?;
    anna.is_content()?;
    boris.is_content()
}

#[tokio::test]
async fn a_transfer_is_asked_for_and_told_about() -> Result<()> {
    let (anna, boris) = pair().await?;
    let (out, at_boris) = connect(&anna, &boris).await?;
    let (other, _) = connect(&anna, &boris).await?;

    out.refer("sip:carol@127.0.0.1").await?;
    let blind = at_boris.referred().await?;
    out.refer_to_call(&other).await?;
    let replaces = at_boris.referred().await?;
    at_boris.tell_transfer(100).await?;
    at_boris.tell_transfer(200).await?;
    out.transferred(200).await?;

    assert_eq!(blind.user, "carol");
    let (_, header) = replaces
        .uri
        .split_once("?Replaces=")
        .context("no Replaces")?;
    ensure!(header.contains("%3Bto-tag%3D"), "{header}");
    assert_eq!(out.transfer(), [100, 200]);
    anna.is_content()?;
    boris.is_content()
}

#[tokio::test]
async fn both_may_offer_at_once() -> Result<()> {
    let (anna, boris) = pair().await?;
    let (out, at_boris) = connect(&anna, &boris).await?;

    let both = tokio::join!(out.hold(), at_boris.hold());

    both.0?;
    both.1?;
    anna.is_content()?;
    boris.is_content()
}

#[tokio::test]
async fn a_telephone_that_dies_says_nothing() -> Result<()> {
    let (anna, boris) = pair().await?;
    let (out, at_boris) = connect(&anna, &boris).await?;
    at_boris.hears(440.0).await?;

    anna.unplug();
    at_boris.hears_nothing().await?;

    let quick = Duration::from_millis(100);
    ensure!(
        at_boris.ended_within(quick).await.is_err(),
        "somebody hung up"
    );
    drop(out);
    Ok(())
}

#[tokio::test]
async fn what_it_does_when_called_can_be_chosen() -> Result<()> {
    let anna = telephone("anna", 440.0).await?;
    let with = async |pickup| {
        let settings = Settings::stranger(anna.address(), "boris");
        Telephone::plug_in(Settings { pickup, ..settings }).await
    };
    let (busy, quick) = (
        with(Pickup::Refuse(486)).await?,
        with(Pickup::AtOnce).await?,
    );

    let refused = anna.dial(&contact(&busy)).await?;
    let answered = anna.dial(&contact(&quick)).await?;

    assert_eq!(refused.ended().await?.status, Some(486));
    answered.answered().await?;
    answered.hang_up().await?;
    let ping = quick
        .ask(Message::request("OPTIONS", &contact(&anna)))
        .await?;
    assert_eq!(ping.status(), Some(200));
    anna.is_content()?;
    quick.is_content()
}

#[tokio::test]
async fn an_early_answer_is_confirmed() -> Result<()> {
    let (anna, boris) = pair().await?;

    let out = anna.dial(&contact(&boris)).await?;
    let at_boris = boris.rings().await?;
    at_boris.tell(182);
    out.is_told(182).await?;
    at_boris.answer_early_reliably()?;
    let confirmed = at_boris.is_asked("PRACK").await?;
    at_boris.answer()?;
    out.answered().await?;

    ensure!(
        confirmed
            .header("RAck")
            .is_some_and(|value| value.starts_with("1 "))
    );
    anna.is_content()?;
    boris.is_content()
}

#[tokio::test]
async fn a_telephone_registers_over_a_web_socket() -> Result<()> {
    let server = TcpListener::bind("127.0.0.1:0").await?;
    let address = server.local_addr()?;
    let registrar = tokio::spawn(async move {
        let (stream, _) = server.accept().await?;
        let mut socket = accept_hdr_async(stream, speaks_sip).await?;
        let request = socket.next().await.context("no request")??.into_data();
        let request = Message::parse(&request)?;
        let answer = Message::response(&request, 200, "OK").to_string();
        socket.send(tungstenite::Message::text(answer)).await?;
        anyhow::Ok(request)
    });
    let settings = Settings::account(address, "anna", "secret");

    let anna = Telephone::plug_in(Settings {
        transport: Transport::Ws,
        ..settings
    })
    .await?;
    anna.register().await?;

    let request = registrar.await??;
    ensure!(
        request
            .header("Via")
            .is_some_and(|via| via.starts_with("SIP/2.0/WS ")),
        "{request}"
    );
    Ok(())
}

/// RFC 7118, section 4: both sides say that they speak SIP.
#[expect(clippy::result_large_err, reason = "the library's own signature")]
fn speaks_sip(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let protocol = request.headers().get("sec-websocket-protocol").cloned();
    let Some(protocol) = protocol.filter(|name| name == "sip") else {
        return Err(ErrorResponse::new(Some("not SIP".into())));
    };
    response
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    Ok(response)
}
