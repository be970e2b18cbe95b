//! Pages that behave badly: they lose their own connection, and nobody else notices.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bellwire_proto::{
    agent::AgentCommand,
    id::{InteractionId, SiteKey, TabId},
    interaction::Medium,
    rtc::{Signal, Step},
    visitor::{Start, VisitorCommand},
    wire::{ByeReason, Hello, Pass, Up, VERSION},
};
use bellwire_tests::{
    centre::Centre,
    chance::{self, Dice},
    http,
    peer::{Known, Socket, connect},
    people::{self, SITE, VisitorSide},
};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_closes_the_socket_with_a_reason() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let not_frames = [
        "",
        "{",
        "null",
        "[]",
        "\"hello\"",
        r#"{"hello":{}}"#,
        r#"{"do":{"n":1,"command":"ready"}}"#,
        r#"{"nonsense":true}"#,
    ];

    for text in not_frames {
        for path in ["/ws/visitor", "/ws/agent"] {
            let mut socket = connect(centre.port, path, Some(&centre.origin())).await?;
            socket.send(Message::text(text)).await?;
            let code = close_code(&mut socket)
                .await
                .with_context(|| format!("{path}: {text}"))?;
            ensure!(
                code == ByeReason::Unreadable.close_code(),
                "{path}: {text}: {code}"
            );
        }
    }
    let mut socket = welcome(&centre).await?;
    socket.send(Message::binary(vec![0xff; 100])).await?;
    ensure!(
        close_code(&mut socket).await? == ByeReason::Unreadable.close_code(),
        "binary"
    );
    ensure!(
        http::get(centre.port, "/healthz").await?.status == 200,
        "the server is not well"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_and_cut_frames_hurt_nobody() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let seed = chance::now().0;
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let good = serde_json::to_string(&hello())?;

    for _ in 0..150 {
        let mut socket = connect(centre.port, "/ws/visitor", Some(&centre.origin())).await?;
        let mut text = good.clone().into_bytes();
        for _ in 0..dice.between(1, 6) {
            let at = usize::try_from(dice.between(0, u64::try_from(text.len())?))?;
            match dice.between(0, 3) {
                0 => text.truncate(at),
                1 => text.insert(at, b' '),
                _ => text[at] = u8::try_from(dice.between(32, 127))?,
            }
            if text.is_empty() {
                break;
            }
        }
        socket
            .send(Message::text(String::from_utf8_lossy(&text).into_owned()))
            .await?;
        let mut raw = TcpStream::connect(("127.0.0.1", centre.port)).await?;
        let noise: Vec<u8> = (0..200)
            .map(|_| u8::try_from(dice.between(0, 256)).unwrap_or(0))
            .collect();
        raw.write_all(&noise).await?;
    }

    let visitor = people::visitor(&centre);
    let chat = visitor.start(Medium::Chat).await?;
    agent.take(chat).await?;
    ensure!(centre.runs()?, "the server ended:\n{}", centre.log());
    ensure!(!centre.log().contains("panicked"), "{}", centre.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_too_large_and_a_flood_are_cut_off() -> Result<()> {
    let centre = Centre::start(&[]).await?;

    let mut large = welcome(&centre).await?;
    // The server may have closed before everything is written.
    _ = large.send(Message::text("x".repeat(200_000))).await;
    closes(&mut large).await.context("a large frame")?;

    let mut flood = welcome(&centre).await?;
    let ping = serde_json::to_string(&Up::<VisitorCommand>::Ping)?;
    for _ in 0..2_000 {
        if flood.send(Message::text(ping.clone())).await.is_err() {
            break;
        }
    }
    let code = close_code(&mut flood).await.context("a flood")?;
    ensure!(code == ByeReason::TooFast.close_code(), "{code}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_read_loses_its_connection_and_delays_nobody() -> Result<()> {
    // What counts here is who reads, not who writes quickly.
    let centre = Centre::start(&[("BELLWIRE_LIMITS_FRAMES_PER_SECOND", "5000")]).await?;
    let agents = centre.users("agent")?;
    let (quick, deaf) = (people::visitor(&centre), deaf_caller(&centre).await?);
    let agent = people::ready_desk(&centre, &agents[0]).await?;
    agent.take(deaf.call).await?;
    let chat = quick.start(Medium::Chat).await?;
    agent.take(chat).await?;

    let mut slowest = Duration::ZERO;
    for _ in 0..60 {
        for _ in 0..5 {
            agent.send_now(large_signal(deaf.call)).await?;
        }
        let start = Instant::now();
        let id = agent.say(chat, "Are you being served?").await?;
        let there = |known: &Known<VisitorSide>| {
            known.mirror.contacts[&chat]
                .chat
                .lines()
                .any(|line| line.id == id)
        };
        quick.until("the line arrives", there).await?;
        slowest = slowest.max(start.elapsed());
    }

    println!(
        "slowest of 60 lines beside a deaf page: {} ms",
        slowest.as_millis()
    );
    ensure!(
        slowest < Duration::from_secs(2),
        "others had to wait for {slowest:?}"
    );
    agent
        .until_within("the deaf page is gone", Duration::from_secs(20), |known| {
            known
                .mirror
                .items
                .get(&deaf.call)
                .is_some_and(|item| !item.reachable)
        })
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_never_ends_is_not_waited_for() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_LIMITS_HEADER_TIMEOUT_S", "1")]).await?;
    let mut socket = TcpStream::connect(("127.0.0.1", centre.port)).await?;
    socket
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await?;

    let mut rest = vec![];
    let closed = timeout(Duration::from_secs(8), socket.read_to_end(&mut rest)).await;

    ensure!(closed.is_ok(), "the server still waits for the header");
    Ok(())
}

fn hello() -> Up<VisitorCommand> {
    let site = SiteKey(SITE.into());
    Up::Hello(Hello {
        version: VERSION,
        tab: TabId::new(chance::now(), chance::bits()),
        pass: Pass::Visitor {
            site,
            token: None,
            visits: 0,
            quiet: false,
        },
        seen: vec![],
    })
}

async fn welcome(centre: &Centre) -> Result<Socket> {
    let mut socket = connect(centre.port, "/ws/visitor", Some(&centre.origin())).await?;
    socket
        .send(Message::text(serde_json::to_string(&hello())?))
        .await?;
    let first = timeout(Duration::from_secs(10), socket.next())
        .await?
        .context("closed")??;
    ensure!(first.to_text()?.contains("welcome"), "{first}");
    Ok(socket)
}

/// The code with which the server closes.
async fn close_code(socket: &mut Socket) -> Result<u16> {
    let close = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(close)))) => return Ok(CloseCode::into(close.code)),
                Some(Ok(Message::Close(None))) | None => bail!("closed without a code"),
                Some(Ok(_)) => {}
                Some(Err(error)) => bail!("closed by an error: {error}"),
            }
        }
    };
    timeout(Duration::from_secs(10), close)
        .await
        .context("the socket stays open")?
}

/// Waits for the end of the socket, whatever it is.
async fn closes(socket: &mut Socket) -> Result<()> {
    let end = async {
        while let Some(Ok(message)) = socket.next().await {
            if message.is_close() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(10), end)
        .await
        .context("the socket stays open")
}

/// A caller whose page reads nothing after it was welcomed.
struct Deaf {
    call: InteractionId,
    _socket: Socket,
}

async fn deaf_caller(centre: &Centre) -> Result<Deaf> {
    let mut socket = welcome(centre).await?;
    let call = InteractionId::new(chance::now(), chance::bits());
    let start = VisitorCommand::Start(Start {
        interaction: call,
        medium: Medium::Call,
        video: false,
        peer: Some(people::peer_id()),
    });
    // What is asked first is skipped unread.
    let skip = VisitorCommand::Skip {
        interaction: call,
        n: 1,
    };
    for (n, command) in (1..).zip([start, skip]) {
        let frame: Up<VisitorCommand> = Up::Do { n, command };
        socket
            .send(Message::text(serde_json::to_string(&frame)?))
            .await?;
    }
    Ok(Deaf {
        call,
        _socket: socket,
    })
}

/// More than any description needs, and still within what a page may send.
fn large_signal(interaction: InteractionId) -> Up<AgentCommand> {
    let step = Step::Offer {
        sdp: "x".repeat(60_000),
    };
    let signal = Signal {
        from: people::peer_id(),
        to: None,
        step,
    };
    Up::Relay {
        interaction,
        signal,
    }
}
