//! Browsers and telephones: a call from a page to a desk phone, and from a telephone to a page.

use anyhow::{Context, Result, ensure};
use bellwire_tests::{
    administrator::Administrator,
    guests::{Desk, Guest},
    house::{self, PASSWORD, SUPPORT},
    http, looks,
    phones::{
        desk_phone::{self, DeskPhone},
        ear::Ears,
        g711::Law,
        ports,
        telephone::{Call, Settings, Telephone},
    },
    sound::{AGENT_HZ, VISITOR_HZ},
    stage::{Stage, play},
    view::View,
    wait::PATIENT,
};
use playwright_rs::protocol::SelectOption;

/// Plays a scene in a centre that serves telephones.
async fn play_with_phones(
    name: &str,
    more: &[(&str, &str)],
    scene: impl AsyncFnOnce(&Stage, std::net::SocketAddr) -> Result<()>,
) -> Result<()> {
    let port = ports::sip()?;
    let own = house::settings(port);
    let mut settings: Vec<(&str, &str)> = (own.iter())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    settings.extend_from_slice(more);
    play(name, &settings, async |stage| {
        house::furnish(&Administrator::sign_in(&stage.centre).await?).await?;
        scene(stage, ([127, 0, 0, 1], port).into()).await
    })
    .await
}

/// A phone that is registered.
pub(crate) async fn phone(server: std::net::SocketAddr, settings: Settings) -> Result<Telephone> {
    let phone = Telephone::plug_in(Settings {
        server,
        domain: "localhost".to_owned(),
        ..settings
    })
    .await?;
    phone.register().await?;
    Ok(phone)
}

fn account(server: std::net::SocketAddr, user: &str, pitch: f64) -> Settings {
    Settings {
        pitch: Some(pitch),
        ..Settings::account(server, user, PASSWORD)
    }
}

/// Anna at her desk, who takes calls on this.
async fn desk_on(stage: &Stage, device: &str) -> Result<Desk> {
    let desk = stage.desk(&stage.agent(0)?).await?;
    let view = desk.view();
    view.reads("Desk phone ready").await?;
    view.find(".takes-calls select")
        .select_option(SelectOption::Value(device.into()), None)
        .await?;
    desk.get_ready().await?;
    Ok(desk)
}

/// A visitor's page talks with Anna's phone, which says 700 hertz.
struct OnPhone {
    desk: View,
    _desk: Desk,
    _guest: Guest,
    widget: View,
    _phone: Telephone,
    at_phone: Call,
}

impl OnPhone {
    async fn begin(stage: &Stage, server: std::net::SocketAddr, codec: Law) -> Result<Self> {
        let settings = Settings {
            codecs: vec![codec],
            ..account(server, "anna", 700.0)
        };
        let phone = phone(server, settings).await?;
        let desk = desk_on(stage, "phone").await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        desk.view()
            .reads_within("Your phone rings", PATIENT)
            .await?;
        let at_phone = phone.rings().await?;
        at_phone.answer()?;
        tokio::try_join!(widget.hears(700.0), async {
            at_phone.hears(VISITOR_HZ).await
        })?;
        Ok(Self {
            desk: desk.view(),
            _desk: desk,
            _guest: guest,
            widget,
            _phone: phone,
            at_phone,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_page_talks_with_the_agents_phone() -> Result<()> {
    play_with_phones("page-to-phone", &[], async |stage, server| {
        let talk = OnPhone::begin(stage, server, Law::Mu).await?;
        talk.desk.reads("The call is on your phone").await?;
        let metrics = http::get(stage.centre.port, "/metrics").await?.body;
        ensure!(
            metrics.contains("bellwire_media_transcoded 0"),
            "both know G.711"
        );
        looks::screenshot(&talk.desk, "desk-on-phone").await?;

        talk.desk.press("Hold").await?;
        talk.at_phone.hears_nothing().await?;
        talk.widget.hears_no(700.0).await?;
        talk.desk.press("Resume").await?;
        talk.at_phone.hears(VISITOR_HZ).await?;
        talk.widget.hears(700.0).await?;
        talk.at_phone.hold().await?;
        talk.widget.reads("On hold").await?;
        talk.at_phone.resume().await?;
        talk.widget.hears(700.0).await?;
        talk.desk.press("Mute").await?;
        talk.widget.hears_no(700.0).await?;
        talk.desk.press("Unmute").await?;
        talk.widget.hears(700.0).await?;
        talk.at_phone.press("42#")?;
        talk.widget.press("Hang up").await?;

        talk.at_phone.ended().await?;
        talk.desk.offers("Finish").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn opus_from_a_browser_is_heard_on_a_phone_that_knows_only_g711() -> Result<()> {
    let opus = [("BELLWIRE_MEDIA_OPUS_TO_BROWSERS", "true")];
    play_with_phones("opus", &opus, async |stage, server| {
        let talk = OnPhone::begin(stage, server, Law::A).await?;
        let metrics = http::get(stage.centre.port, "/metrics").await?.body;
        ensure!(
            metrics.contains("bellwire_media_transcoded 2"),
            "nothing is transcoded"
        );
        talk.at_phone.hang_up().await?;
        talk.widget.reads("The call is over").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_reaches_the_agents_page() -> Result<()> {
    play_with_phones("phone-to-page", &[], async |stage, server| {
        let caller = phone(server, account(server, "boris", 1200.0)).await?;
        let out = caller.dial(SUPPORT).await?;
        out.answered().await?;
        out.hears_other_than(AGENT_HZ).await?;
        let agent = stage.ready_desk().await?;
        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;
        desk.reads("Telephone call").await?;
        desk.reads("boris").await?;
        looks::screenshot(&desk, "desk-caller").await?;
        desk.press("Accept").await?;
        tokio::try_join!(desk.hears(1200.0), async { out.hears(AGENT_HZ).await })?;

        out.press("15")?;
        desk.reads("Pressed: 15").await?;
        desk.press("Keypad").await?;
        desk.press("7").await?;
        out.takes_digits("7").await?;
        desk.press("Hold").await?;
        out.hears_other_than(AGENT_HZ).await?;
        desk.press("Resume").await?;
        out.hears(AGENT_HZ).await?;
        out.hold().await?;
        out.hears_nothing().await?;
        out.resume().await?;
        tokio::try_join!(desk.hears(1200.0), async { out.hears(AGENT_HZ).await })?;
        out.hang_up().await?;

        desk.reads("The caller hung up").await?;
        desk.offers("Finish").await?;
        caller.is_content()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_loaded_anew_in_a_call_with_a_telephone() -> Result<()> {
    play_with_phones("reload", &[], async |stage, server| {
        let caller = phone(server, account(server, "boris", 1200.0)).await?;
        let agent = stage.ready_desk().await?;
        let out = caller.dial(SUPPORT).await?;
        agent.accept().await?;
        let desk = agent.view();
        tokio::try_join!(desk.hears(1200.0), async { out.hears(AGENT_HZ).await })?;

        desk.behind().reload(None).await?;

        tokio::try_join!(desk.hears_within(1200.0, PATIENT), async {
            out.hears_within(AGENT_HZ, PATIENT).await
        })?;
        desk.press("Hang up").await?;
        out.ended().await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_desk_phone_and_a_page_hear_each_other() -> Result<()> {
    let md5 = [("BELLWIRE_PHONE_SHA256", "false")];
    play_with_phones("baresip", &md5, async |stage, server| {
        let mut config = desk_phone::Config::account(server, "anna", PASSWORD);
        config.domain = "localhost".to_owned();
        config.codecs = vec!["G722", "PCMA"];
        let phone = DeskPhone::start(config).await?;
        phone.registered().await?;
        let _desk = desk_on(stage, "phone").await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        phone.rings().await?;
        phone.answer().await?;
        phone.talks().await?;

        tokio::try_join!(widget.hears(1000.0), async {
            phone.hears(VISITOR_HZ).await
        })?;
        phone.hang_up().await?;
        widget.reads("The call is over").await?;
        phone.stop().await.context("the phone does not stop")
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_a_desk_phone_with_a_screen_see_each_other() -> Result<()> {
    let md5 = [("BELLWIRE_PHONE_SHA256", "false")];
    play_with_phones("pictures", &md5, async |stage, server| {
        let mut config = desk_phone::Config::account(server, "anna", PASSWORD);
        config.domain = "localhost".to_owned();
        config.video = true;
        let phone = DeskPhone::start(config).await?;
        phone.registered().await?;
        let _desk = desk_on(stage, "phone").await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Video call").await?;
        phone.rings().await?;
        phone.answer().await?;
        phone.talks().await?;

        tokio::try_join!(widget.hears(1000.0), async {
            phone.hears(VISITOR_HZ).await
        })?;
        widget.sees_moving_video().await?;
        phone.sees_pictures().await?;
        phone.hang_up().await?;
        widget.reads("The call is over").await?;
        phone.stop().await.context("the phone does not stop")
    })
    .await
}
