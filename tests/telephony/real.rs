//! Real programs at the server: baresip as the agent's phone; in [`lines`] sipp as callers and Kamailio as the carrier.

mod lines;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    admin::Kind,
    agent::{Chosen, Device, WorkStage},
    id::InteractionId,
};
use bellwire_tests::{
    house::{House, LOBBY, PASSWORD, SUPPORT},
    http,
    people::Agent,
    phones::{
        desk_phone::{Config, DeskPhone, Srtp, Transport},
        ear::Ears,
        g711::Law,
        ports,
        program::Program,
        telephone::{Call, Settings, Telephone},
    },
    sound::Folder,
    wait,
};

/// A house for phones that know only MD5.
async fn open(more: &[(&str, &str)]) -> Result<House> {
    let md5 = [("BELLWIRE_PHONE_SHA256", "false")];
    House::open_with(&[&md5[..], more].concat()).await
}

/// Anna's desk phone as it is delivered: it says 1000 hertz.
fn desk_phone(house: &House) -> Config {
    Config {
        domain: "localhost".to_owned(),
        ..Config::account(house.sip, "anna", PASSWORD)
    }
}

/// Somebody who calls, and says 440 hertz.
async fn caller(house: &House, codecs: &[Law]) -> Result<Telephone> {
    house
        .phone_like(Settings {
            codecs: codecs.to_vec(),
            ..Settings::account(house.sip, LOBBY, PASSWORD)
        })
        .await
}

/// The only call on a desk.
pub(crate) async fn on_desk(agent: &Agent) -> Result<InteractionId> {
    let known = agent
        .until("the call on the desk", |known| {
            !known.mirror.items.is_empty()
        })
        .await?;
    known.mirror.items.keys().next().copied().context("a call")
}

/// The value of a metric, all of its labels together.
pub(crate) async fn metric(house: &House, name: &str) -> Result<f64> {
    let metrics = http::get(house.centre.port, "/metrics").await?.body;
    let values = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let (labels, value) = rest.rsplit_once(' ')?;
        (labels.is_empty() || labels.starts_with('{')).then_some(value)
    });
    let values: Vec<f64> = values.map(str::parse).collect::<Result<_, _>>()?;
    ensure!(!values.is_empty(), "no {name} in {metrics}");
    Ok(values.iter().sum())
}

/// Nothing is left of any call: no telephone, no sound, nobody in line.
pub(crate) async fn nothing_is_left(house: &House) -> Result<()> {
    wait::until("counts that are back to zero", wait::SOON, async || {
        for name in [
            "bellwire_sip_calls",
            "bellwire_media_legs",
            "bellwire_media_transcoded",
            "bellwire_waiting",
        ] {
            let value = metric(house, name).await?;
            ensure!(value == 0.0, "{name} is {value}");
        }
        Ok(Some(()))
    })
    .await
}

/// Anna talks on a real desk phone. It says 1000 hertz, the caller 440.
struct Talk {
    house: House,
    anna: Agent,
    phone: DeskPhone,
    caller: Telephone,
    out: Call,
    interaction: InteractionId,
}

impl Talk {
    async fn begin(house: House, phone: Config) -> Result<Self> {
        Self::begin_with(house, phone, &[Law::Mu, Law::A]).await
    }

    async fn begin_with(house: House, phone: Config, codecs: &[Law]) -> Result<Self> {
        let phone = DeskPhone::start(phone).await?;
        let anna = house.desk("anna", Device::Phone).await?;
        let caller = caller(&house, codecs).await?;
        let out = caller.dial(SUPPORT).await?;
        phone.rings().await?;
        out.rings().await?;
        phone.answer().await?;
        phone.talks().await?;
        out.answered().await?;
        let talk = Self {
            interaction: on_desk(&anna).await?,
            house,
            anna,
            phone,
            caller,
            out,
        };
        talk.both_hear().await?;
        Ok(talk)
    }

    async fn both_hear(&self) -> Result<()> {
        tokio::try_join!(self.out.hears(1000.0), self.phone.hears(440.0))?;
        Ok(())
    }

    /// The phone hangs up; it ends for the caller and for the desk, and nothing is wrong with what the caller was sent.
    async fn end_at_the_phone(&self) -> Result<()> {
        self.phone.hang_up().await?;
        self.out.ended().await?;
        self.over().await
    }

    /// The same by the caller.
    async fn end_at_the_caller(&self) -> Result<()> {
        self.out.hang_up().await?;
        self.phone.closes().await?;
        self.over().await
    }

    async fn over(&self) -> Result<()> {
        self.anna
            .until("wrapping up", |known| {
                (known.mirror.items.values())
                    .all(|item| matches!(item.stage, WorkStage::WrapUp { .. }))
            })
            .await?;
        self.caller.is_content()?;
        nothing_is_left(&self.house).await
    }
}

/// A certificate and its key, made for one test.
async fn certificate(folder: &Folder) -> Result<(String, String)> {
    let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                 -subj /CN=localhost -keyout key.pem -out certificate.pem";
    let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
    let openssl = Program::start("openssl", folder.path(), &words)?;
    let ended = openssl.finish(wait::SOON).await?;
    ensure!(ended.success(), "{}", openssl.log());
    let file = |name: &str| folder.path().join(name).display().to_string();
    Ok((file("certificate.pem"), file("key.pem")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_over_tls_keeps_its_sound_secret() -> Result<()> {
    let folder = Folder::new()?;
    let (certificate, key) = certificate(&folder).await?;
    let listen = format!("127.0.0.1:{}", ports::sip()?);
    let house = open(&[
        ("BELLWIRE_PHONE_TLS", &listen),
        ("BELLWIRE_PHONE_CERTIFICATE", &certificate),
        ("BELLWIRE_PHONE_KEY", &key),
    ])
    .await?;
    let setup = house.administrator.current().await?.setup;
    let document = setup.phones.into_iter().find(|phone| phone.user == "anna");
    let mut document = document.context("no phone")?;
    document.secure = true;
    let id = document.id.to_string();
    house.administrator.save(Kind::Phone, &id, document).await?;

    let phone = Config {
        server: listen.parse()?,
        transport: Transport::Tls,
        srtp: Srtp::Required,
        ..desk_phone(&house)
    };
    let talk = Talk::begin(house, phone).await?;

    let lines = talk.house.phone_lines().await?;
    let here: Vec<_> = lines.iter().flat_map(|line| &line.registered).collect();
    ensure!(
        here.iter().any(|contact| contact.transport == "tls"),
        "{here:?}"
    );
    ensure!(talk.phone.log().contains("SRTP"), "{}", talk.phone.log());
    talk.end_at_the_caller().await
}

// Run it with `cargo nextest run -p bellwire-tests --test telephony --run-ignored only only_md5`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute: so long baresip waits before it comes again"]
async fn a_desk_phone_that_knows_only_md5_gets_in_when_it_comes_again() -> Result<()> {
    let house = House::open().await?;

    let phone = DeskPhone::switch_on(desk_phone(&house)).await?;

    let gives_up = "Register: Function not implemented";
    ensure!(phone.log().contains(gives_up), "{}", phone.log());
    wait::until("registration", Duration::from_secs(60), async || {
        phone.registered().await.map(Some)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_over_tcp_is_called_on_its_connection() -> Result<()> {
    let house = open(&[]).await?;
    let phone = Config {
        transport: Transport::Tcp,
        ..desk_phone(&house)
    };

    let talk = Talk::begin(house, phone).await?;

    talk.end_at_the_phone().await
}

#[tokio::test(flavor = "multi_thread")]
async fn better_codecs_at_the_desk_are_transcoded_for_a_caller_with_g711() -> Result<()> {
    for codec in ["opus", "G722"] {
        let house = open(&[]).await?;
        let phone = Config {
            codecs: vec![codec],
            ..desk_phone(&house)
        };

        let talk = Talk::begin_with(house, phone, &[Law::Mu]).await?;

        wait::until("two directions transcoded", wait::SOON, async || {
            let transcoded = metric(&talk.house, "bellwire_media_transcoded").await?;
            ensure!(transcoded == 2.0, "{codec}: {transcoded}");
            Ok(Some(()))
        })
        .await?;
        talk.end_at_the_phone().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_holds_and_presses_keys() -> Result<()> {
    let house = open(&[]).await?;
    let phone = desk_phone(&house);
    let talk = Talk::begin(house, phone).await?;

    talk.phone.hold().await?;
    talk.anna
        .until("held on the desk", |known| {
            (known.mirror.items.values())
                .any(|item| matches!(item.stage, WorkStage::Talking { held: true, .. }))
        })
        .await?;
    talk.out.hears_other_than(1000.0).await?;
    talk.phone.hears_nothing().await?;
    talk.phone.resume().await?;
    talk.both_hear().await?;
    talk.out.press("15#")?;
    talk.phone.takes_digits("15#").await?;
    talk.phone.press("9*0").await?;
    talk.out.takes_digits("9*0").await?;

    talk.both_hear().await?;
    talk.end_at_the_caller().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_passes_its_call_on_to_a_number() -> Result<()> {
    let house = open(&[]).await?;
    let phone = desk_phone(&house);
    let talk = Talk::begin(house, phone).await?;
    let boris = talk.house.desk("boris", Device::Browser).await?;

    talk.phone.transfer(SUPPORT).await?;

    talk.phone.closes().await?;
    boris.rings(talk.interaction).await?;
    talk.out.hears_other_than(1000.0).await?;
    talk.out.hang_up().await?;
    boris
        .until("nothing rings", |known| known.mirror.offer.is_none())
        .await?;
    nothing_is_left(&talk.house).await
}

/// Boris' phone: it says 700 hertz.
async fn second_phone(house: &House) -> Result<Telephone> {
    house
        .phone_like(Settings {
            pitch: Some(700.0),
            ..Settings::account(house.sip, "boris", PASSWORD)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_passes_its_call_on_to_a_colleague() -> Result<()> {
    let house = open(&[]).await?;
    let phone = desk_phone(&house);
    let second = second_phone(&house).await?;
    let talk = Talk::begin(house, phone).await?;
    let _boris = talk.house.desk("boris", Device::Phone).await?;

    talk.phone.transfer("boris").await?;

    talk.phone.closes().await?;
    let at_boris = second.rings().await?;
    at_boris.answer()?;
    tokio::try_join!(talk.out.hears(700.0), at_boris.hears(440.0))?;
    at_boris.hang_up().await?;
    talk.out.ended().await?;
    nothing_is_left(&talk.house).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_of_a_desk_phone_that_dies_reaches_the_next_one() -> Result<()> {
    let house = open(&[("BELLWIRE_MEDIA_SILENT_AFTER_S", "2")]).await?;
    let phone = desk_phone(&house);
    let second = second_phone(&house).await?;
    let talk = Talk::begin(house, phone).await?;

    talk.phone.kill().await?;

    talk.anna
        .until("not ready", |known| {
            matches!(known.mirror.chosen, Chosen::NotReady { .. })
        })
        .await?;
    talk.out.hears_other_than(1000.0).await?;
    let _boris = talk.house.desk("boris", Device::Phone).await?;
    let at_boris = second.rings().await?;
    at_boris.answer()?;
    tokio::try_join!(talk.out.hears(700.0), at_boris.hears(440.0))?;
    talk.out.hang_up().await?;
    at_boris.ended().await?;
    nothing_is_left(&talk.house).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_is_called_at_once_after_the_server_was_killed() -> Result<()> {
    let house = open(&[]).await?;
    let phone = DeskPhone::start(desk_phone(&house)).await?;
    let anna = house.desk("anna", Device::Phone).await?;
    let caller = caller(&house, &[Law::Mu]).await?;

    house.centre.kill().await?;
    house.centre.restart().await?;
    anna.until("the phone is known", |known| {
        known.welcomes == 2 && known.mirror.devices.phone == Some(true)
    })
    .await?;
    let out = caller.dial(SUPPORT).await?;
    phone.rings().await?;
    phone.answer().await?;
    out.answered().await?;

    tokio::try_join!(out.hears(1000.0), phone.hears(440.0))?;
    out.hang_up().await?;
    phone.closes().await?;
    nothing_is_left(&house).await
}
