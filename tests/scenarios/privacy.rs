//! Who does not want to be watched is not, and what may be known is kept no longer than said.

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    interaction::Medium,
    journey::{JourneyEvent, JourneyKind},
    setup::Collected,
    time::Timestamp,
    visitor::VisitorCommand,
};
use bellwire_tests::{
    administrator::Administrator,
    centre::Centre,
    chance,
    journey::{Walk, url},
    people::{self, Visitor, VisitorSide},
    stored,
    wait::{PATIENT, until},
};

/// Stands in every address that these visitors look at, and nowhere else.
const MARK: &str = "teapot-4711";

/// A day, in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_not_to_be_watched_leaves_no_journey() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let pages = [
        VisitorSide::new(&centre).quiet(),
        VisitorSide::new(&centre).sends("sec-gpc", "1"),
        VisitorSide::new(&centre).sends("dnt", "1"),
    ];
    let desk = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;

    for page in pages {
        let shown = format!("{page:?}");
        // A page that counts visits and tells a journey all the same is not listened to.
        let visitor = page.visit(4).open();
        visitor.did(walk()).await?;

        ensure!(!visitor.now().mirror.monitored, "{shown}: is watched");
        let chat = visitor.begin(Medium::Chat).await?;
        ensure!(
            visitor.asked(chat).is_some(),
            "{shown}: the topic is known from somewhere"
        );
        let skip = VisitorCommand::Skip {
            interaction: chat,
            n: 1,
        };
        visitor.ask(skip).await?;
        let offer = desk.rings(chat).await?;
        let context = offer.context;
        ensure!(
            context.journey.is_empty() && context.intents.is_empty() && context.visits == 0,
            "{shown}: {context:?}"
        );
        leave(&visitor, chat).await?;
    }
    let places = stored::holds(&centre, MARK).await?;
    ensure!(places.is_empty(), "stored in {places:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_may_be_watched_is() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = VisitorSide::new(&centre)
        .visit(4)
        .sends("sec-gpc", "0")
        .sends("dnt", "0")
        .open();

    visitor.did(walk()).await?;

    ensure!(visitor.now().mirror.monitored, "is not watched");
    let places = stored::holds(&centre, MARK).await?;
    ensure!(places == ["journey_events.kind"], "stored in {places:?}");
    let chat = visitor.start(Medium::Chat).await?;
    let desk = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    let context = desk.rings(chat).await?.context;
    ensure!(
        context.visits == 4 && context.journey.len() == walk().len(),
        "{context:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn opting_out_is_for_good_and_forgets_what_was_seen() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    visitor.did(walk()).await?;
    // One contact that is over, and one that goes on.
    let over = visitor.start(Medium::Chat).await?;
    leave(&visitor, over).await?;
    let chat = visitor.start(Medium::Chat).await?;
    let desk = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    desk.take(chat).await?;
    ensure!(
        !stored::holds(&centre, MARK).await?.is_empty(),
        "nothing was recorded before"
    );

    visitor
        .ask(VisitorCommand::Monitoring { on: false })
        .await?;
    visitor
        .until("not watched", |known| !known.mirror.monitored)
        .await?;
    visitor.settle().await?;
    forgotten(&centre).await?;

    // It does not help to come again, in another tab, or after the server was killed.
    visitor.lose_socket().await?;
    visitor
        .until("welcomed again", |known| known.welcomes == 2)
        .await?;
    visitor.did(walk()).await?;
    let other = people::other_tab(&centre, &visitor).await?;
    other.did(walk()).await?;
    centre.kill().await?;
    centre.restart().await?;
    let later = people::other_tab(&centre, &visitor).await?;
    later.did(walk()).await?;
    for page in [&visitor, &other, &later] {
        page.until_within("here, and not watched", PATIENT, |known| {
            known.welcomes > 0 && !known.mirror.monitored
        })
        .await?;
    }
    forgotten(&centre).await?;
    // Nor does anybody see what was read from it.
    let supervisor = Administrator::with_role(&centre, "supervisor").await?;
    for contact in [over, chat] {
        let context = supervisor.contact(contact).await?.context;
        ensure!(
            context.journey.is_empty() && context.intents.is_empty() && context.visits == 0,
            "{context:?}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_yes_again_is_watched_from_then_on() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    visitor.did(walk()).await?;
    visitor
        .ask(VisitorCommand::Monitoring { on: false })
        .await?;
    visitor.ask(VisitorCommand::Monitoring { on: true }).await?;
    visitor.settle().await?;
    ensure!(visitor.now().mirror.monitored, "is not watched");
    forgotten(&centre).await?;

    let mut walk = Walk::new();
    visitor
        .did(vec![walk.views("/teapot-4711/again", &[])])
        .await?;

    let places = stored::holds(&centre, MARK).await?;
    ensure!(places == ["journey_events.kind"], "stored in {places:?}");
    ensure!(stored::rows(&centre, "journey_events").await? == 1, "more");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_site_names_is_collected() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    administrator
        .change_site(|site| site.collects = [Collected::Searches].into())
        .await?;
    let visitor = VisitorSide::new(&centre).visit(4).open();
    let mut walk = Walk::new();

    visitor
        .did(vec![
            walk.views("/kettle", &["kitchen"]),
            walk.does(JourneyKind::Searched {
                text: "copper".into(),
            }),
            walk.does(JourneyKind::Clicked {
                mark: "size-guide".into(),
            }),
            walk.does(JourneyKind::Scrolled {
                url: url("/kettle"),
                percent: 50,
            }),
            walk.does(JourneyKind::Submitted {
                form: "newsletter".into(),
                fields: vec![],
            }),
            walk.does(JourneyKind::Custom {
                name: "wishlist".into(),
                data: "{}".into(),
            }),
            walk.does(JourneyKind::Left {
                url: url("/kettle"),
                dwell_ms: 5_000,
            }),
        ])
        .await?;

    let known = visitor.now().mirror;
    ensure!(known.collects == [Collected::Searches], "{known:?}");
    let chat = visitor.start(Medium::Chat).await?;
    let desk = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    let context = desk.rings(chat).await?.context;
    ensure!(context.visits == 0, "{context:?}");
    let kinds: Vec<_> = context.journey.iter().map(|event| &event.kind).collect();
    ensure!(
        matches!(
            kinds.as_slice(),
            [
                JourneyKind::Viewed { referrer, .. },
                JourneyKind::Searched { .. }
            ] if referrer.is_empty()
        ),
        "{kinds:?}"
    );
    for word in ["search.example", "size-guide", "newsletter", "wishlist"] {
        let places = stored::holds(&centre, word).await?;
        ensure!(places.is_empty(), "{word} is stored in {places:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_are_kept_as_long_as_the_site_says_and_no_longer() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let visitor = people::visitor(&centre);
    let mut walk = Walk::new();
    let view = |path: &str| JourneyKind::Viewed {
        url: url(path),
        title: String::new(),
        referrer: String::new(),
        language: "en".into(),
        categories: vec![],
    };
    let ago = |days: u64| Timestamp(chance::now().0 - days * DAY);
    visitor
        .did(vec![
            walk.did(ago(5), view("/five-days-ago")),
            walk.did(ago(1), view("/yesterday")),
            walk.did(chance::now(), view("/now")),
        ])
        .await?;
    ensure!(stored::rows(&centre, "journey_events").await? == 3, "lost");

    administrator.change_site(|site| site.keep_days = 3).await?;
    ensure!(
        visitor_keep_days(&centre).await? == 3,
        "visitors are told something else"
    );
    // What was kept long enough is looked for at every start, and then each hour.
    centre.stop().await?;
    centre.restart().await?;

    until("two events left", PATIENT, async || {
        let rows = stored::rows(&centre, "journey_events").await?;
        Ok((rows == 2).then_some(()))
    })
    .await?;
    let places = stored::holds(&centre, "five-days-ago").await?;
    ensure!(places.is_empty(), "still in {places:?}");
    ensure!(
        !stored::holds(&centre, "yesterday").await?.is_empty(),
        "too much was deleted"
    );
    Ok(())
}

/// What a visitor who comes now is told.
async fn visitor_keep_days(centre: &Centre) -> Result<u16> {
    let visitor = people::visitor(centre);
    let known = visitor
        .until("welcomed", |known| known.welcomes > 0)
        .await?;
    Ok(known.mirror.keep_days)
}

/// A journey that tells a lot.
fn walk() -> Vec<JourneyEvent> {
    let mut walk = Walk::new();
    vec![
        walk.views("/teapot-4711/help", &["laptop-help"]),
        walk.views("/teapot-4711/more", &["laptop-help"]),
        walk.does(JourneyKind::Searched {
            text: "teapot-4711 lid".into(),
        }),
    ]
}

async fn leave(visitor: &Visitor, chat: bellwire_proto::id::InteractionId) -> Result<()> {
    visitor
        .ask(VisitorCommand::Leave { interaction: chat })
        .await?;
    visitor
        .until("over", |known| {
            let contact = known.mirror.contacts.get(&chat);
            contact.is_some_and(|contact| !contact.is_live())
        })
        .await?;
    visitor.settle().await.context("leaving")?;
    Ok(())
}

/// Nothing of the journey is stored anywhere.
async fn forgotten(centre: &Centre) -> Result<()> {
    let places = stored::holds(centre, MARK).await?;
    ensure!(places.is_empty(), "still in {places:?}");
    Ok(())
}
