//! What is known of a visitor: the journey and what it tells, what is asked, and that none of it is
//! lost.

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::Offer,
    id::InteractionId,
    interaction::Medium,
    journey::JourneyKind,
    prompt::{Ask, BadAnswerWhy, MENU, Prompt},
    setup::CartAction,
    visitor::{VisitorCommand, VisitorRefusal, VisitorStage},
};
use bellwire_tests::{
    administrator::Administrator,
    centre::Centre,
    journey::{Walk, url, viewed},
    people::{self, Agent, Visitor},
    stored,
    wait::PATIENT,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_two_tabs_did_is_one_journey() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let one = people::visitor(&centre);
    let other = people::other_tab(&centre, &one).await?;
    let (mut here, mut there) = (Walk::new(), Walk::new());

    // Either page alone tells nothing: the rule wants two.
    one.did(vec![here.views("/help/battery", &["laptop-help"])])
        .await?;
    other
        .did(vec![there.views("/help/screen", &["laptop-help"])])
        .await?;
    let offer = rings_for(&centre, "boris", &other).await?.1;

    ensure!(offer.queue == "Laptops", "{offer:?}");
    let pages = viewed(&offer.context.journey);
    ensure!(
        pages == [url("/help/battery"), url("/help/screen")],
        "{pages:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_knows_what_is_wanted_and_why_before_it_rings() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let mut walk = Walk::new();
    let cart = JourneyKind::Cart {
        action: CartAction::CheckedOut,
        item: "kettle".into(),
        quantity: 1,
        worth: 4_900,
    };

    visitor
        .did(vec![
            walk.views("/kettle", &["kitchen"]),
            walk.does(cart),
            walk.views("/checkout", &["checkout"]),
            walk.views("/checkout/payment", &["checkout"]),
        ])
        .await?;
    let offer = rings_for(&centre, "anna", &visitor).await?.1;

    ensure!(offer.queue == "Sales", "{offer:?}");
    let intent = offer.context.intents.first().context("no intent")?;
    ensure!(intent.name == "Stuck at the checkout", "{intent:?}");
    // Two of the rule's three signs: 65 and 15 more.
    ensure!(intent.confidence == 80, "{intent:?}");
    ensure!(intent.evidence.len() == 2, "{intent:?}");
    for sign in &intent.evidence {
        ensure!(
            sign.contains("checkout") && sign.contains(' '),
            "{intent:?}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn spanish_pages_ring_at_the_desk_that_speaks_spanish() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agents = centre.users("agent")?;
    let boris = people::ready_desk(&centre, &agents[1]).await?;
    let anna = people::ready_desk(&centre, &agents[0]).await?;
    let visitor = people::visitor(&centre);
    let mut walk = Walk::new();

    visitor.looks(&url("/es/portatil"), "es").await?;
    visitor
        .did(vec![walk.views_in("es-MX", "/es/portatil", &["laptops"])])
        .await?;
    let chat = visitor.start(Medium::Chat).await?;
    let offer = anna.rings(chat).await?;

    ensure!(offer.queue == "Español", "{offer:?}");
    let language = offer
        .context
        .intents
        .first()
        .and_then(|i| i.language.clone());
    ensure!(language.as_deref() == Some("es"), "{offer:?}");
    ensure!(boris.now().mirror.offer.is_none(), "it rings at boris too");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_too_little_is_known_one_question_leads_to_the_right_queue() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);

    let chat = visitor.begin(Medium::Chat).await?;
    let prompt = visitor.asked(chat).context("nothing is asked")?;
    ensure!(prompt.n == 1 && prompt.skippable, "{prompt:?}");
    ensure!(
        values(&prompt) == ["buying", "laptops", "orders", "other"],
        "{prompt:?}"
    );
    ensure!(
        matches!(stage(&visitor, chat), Some(VisitorStage::Asked)),
        "it waits already"
    );
    ensure!(anna.now().mirror.offer.is_none(), "it rings already");

    visitor.answer(chat, 1, &[(MENU, "buying")]).await?;
    let offer = anna.rings(chat).await?;

    ensure!(offer.queue == "Sales", "{offer:?}");
    let answer = offer.context.answers.first().context("no answer")?;
    ensure!(
        answer.fact == "topic" && answer.value == "I want to buy something",
        "{answer:?}"
    );
    visitor
        .until("nothing is asked any more", |known| {
            known.mirror.contacts[&chat].prompt.is_none()
        })
        .await?;
    let decisions = Administrator::with_role(&centre, "supervisor").await?;
    let decisions = decisions.decisions(chat).await?;
    ensure!(decisions.contains("topic buying"), "{decisions}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_would_rather_not_say_comes_to_everybodys_queue() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.begin(Medium::Chat).await?;

    let skip = VisitorCommand::Skip {
        interaction: chat,
        n: 1,
    };
    visitor.ask(skip.clone()).await?;
    visitor.stands(chat, 1).await?;

    let desk = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    let offer = desk.rings(chat).await?;
    ensure!(offer.queue == "Support", "{offer:?}");
    // Nothing stands any more that could be skipped.
    visitor.ask(skip).await?;
    let reason = visitor.refusal(chat).await?;
    ensure!(reason == VisitorRefusal::NotAsked, "{reason:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_answer_is_told_and_the_question_stands() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.begin(Medium::Chat).await?;
    let prompt = visitor.asked(chat).context("nothing is asked")?;

    visitor.answer(chat, 1, &[(MENU, "rockets")]).await?;
    let known = visitor
        .until("what is wrong with the answer", |known| {
            !known.mirror.contacts[&chat].bad.is_empty()
        })
        .await?;
    let contact = &known.mirror.contacts[&chat];
    ensure!(
        contact.bad[0].why == BadAnswerWhy::NotOffered,
        "{contact:?}"
    );
    ensure!(contact.prompt == Some(prompt), "{contact:?}");

    visitor.answer(chat, 7, &[(MENU, "laptops")]).await?;
    let reason = visitor.refusal(chat).await?;
    ensure!(reason == VisitorRefusal::NotAsked, "{reason:?}");

    visitor.answer(chat, 1, &[(MENU, "laptops")]).await?;
    visitor.stands(chat, 1).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_taken_back_at_the_question_leaves_nothing_behind() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let desk = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.begin(Medium::Call).await?;

    visitor
        .ask(VisitorCommand::Leave { interaction: call })
        .await?;
    visitor
        .until("over", |known| !known.mirror.contacts[&call].is_live())
        .await?;
    visitor.settle().await?;

    let places = stored::holds(&centre, &call.to_string()).await?;
    ensure!(places.is_empty(), "still in {places:?}");
    let contacts = Administrator::with_role(&centre, "supervisor").await?;
    let contacts = contacts.contacts().await?.contacts;
    ensure!(contacts.is_empty(), "{contacts:?}");
    ensure!(desk.now().mirror.offer.is_none(), "it rings");
    // And the visitor can ask again.
    visitor.start(Medium::Call).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_reach_the_desk_while_it_rings() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.begin(Medium::Chat).await?;
    visitor.answer(chat, 1, &[(MENU, "laptops")]).await?;
    let known = visitor
        .until("a question while waiting", |known| {
            let prompt = known.mirror.contacts[&chat].prompt.as_ref();
            prompt.is_some_and(|prompt| !prompt.before)
        })
        .await?;
    let prompt = known.mirror.contacts[&chat].prompt.clone();
    let n = prompt.context("a prompt")?.n;
    let boris = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    boris.rings(chat).await?;

    visitor
        .answer(chat, n, &[("name", "Ada"), ("email", "not an address")])
        .await?;
    visitor
        .until("the address is refused", |known| {
            let bad = &known.mirror.contacts[&chat].bad;
            bad.iter().any(|bad| bad.why == BadAnswerWhy::NotEmail)
        })
        .await?;
    visitor
        .answer(chat, n, &[("name", "Ada"), ("email", "ada@example.org")])
        .await?;

    boris
        .until("the answers at the ringing desk", |known| {
            let Some(card) = &known.mirror.offer else {
                return false;
            };
            let answers = &card.offer.context.answers;
            ["Ada", "ada@example.org"]
                .iter()
                .all(|text| answers.iter().any(|answer| answer.value == *text))
        })
        .await?;
    boris.take(chat).await?;
    let work = boris.now().mirror.items[&chat].context.clone();
    ensure!(work.name.as_deref() == Some("Ada"), "{work:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_stands_over_lost_sockets_and_a_kill() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.begin(Medium::Chat).await?;
    let prompt = visitor.asked(chat).context("nothing is asked")?;

    for welcomes in 2..5 {
        visitor.lose_socket().await?;
        visitor
            .until("welcomed again", |known| known.welcomes == welcomes)
            .await?;
        ensure!(visitor.asked(chat).as_ref() == Some(&prompt), "it is gone");
    }
    centre.kill().await?;
    centre.restart().await?;
    // A page that was loaded anew knows nothing but the token.
    let loaded = people::other_tab(&centre, &visitor).await?;
    loaded
        .until_within("the question after the kill", PATIENT, |known| {
            let contact = known.mirror.contacts.get(&chat);
            contact.is_some_and(|contact| contact.prompt.as_ref() == Some(&prompt))
        })
        .await?;
    ensure!(
        matches!(stage(&loaded, chat), Some(VisitorStage::Asked)),
        "{:?}",
        stage(&loaded, chat)
    );

    loaded.answer(chat, 1, &[(MENU, "orders")]).await?;
    let desk = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    let offer = desk.rings(chat).await?;
    ensure!(offer.queue == "Support", "{offer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_of_a_journey_is_lost_or_doubled_by_kills() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    visitor.token().await?;
    let mut walk = Walk::new();
    let mut expected = vec![];

    for round in 0..6 {
        // The page tells while the server is there, while it dies, and while it is gone.
        for page in 0..12 {
            let path = format!("/shelf/{round}/{page}");
            let events = vec![walk.views(&path, &["shelves"])];
            expected.push(url(&path));
            visitor.ask(VisitorCommand::Journey { events }).await?;
            if page == 4 {
                centre.kill().await?;
            }
        }
        centre.restart().await?;
        visitor.settle().await?;
    }

    ensure!(
        usize::try_from(stored::rows(&centre, "journey_events").await?)? == expected.len(),
        "the database holds others than the {} told",
        expected.len()
    );
    let offer = rings_for(&centre, "boris", &visitor).await?.1;
    let pages = viewed(&offer.context.journey);
    ensure!(pages == expected, "{pages:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_tells_its_journey_again_after_a_kill_is_heard_once() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let mut walk = Walk::new();
    let events: Vec<_> = (0..20)
        .map(|n| walk.views(&format!("/shelf/{n}"), &["shelves"]))
        .collect();
    visitor.did(events.clone()).await?;
    centre.kill().await?;
    centre.restart().await?;

    // As a reloaded page does, from what its tab kept.
    let loaded = people::other_tab(&centre, &visitor).await?;
    loaded.did(events.clone()).await?;
    loaded.did(events).await?;

    ensure!(
        stored::rows(&centre, "journey_events").await? == 20,
        "stored twice"
    );
    let offer = rings_for(&centre, "boris", &loaded).await?.1;
    ensure!(offer.context.journey.len() == 20, "{:?}", offer.context);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_learnt_during_a_chat_comes_to_the_desk() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let mut walk = Walk::new();
    let (boris, offer) = rings_for(&centre, "boris", &visitor).await?;
    let chat = offer.interaction;
    boris.take(chat).await?;

    visitor
        .did(vec![
            walk.views("/help/battery", &["laptop-help"]),
            walk.views("/help/screen", &["laptop-help"]),
        ])
        .await?;

    boris
        .until("the pages and what they tell", |known| {
            let context = &known.mirror.items[&chat].context;
            context.journey.len() == 2 && context.intents.iter().any(|i| i.name == "Laptop trouble")
        })
        .await?;
    Ok(())
}

/// Starts a chat, skipping what is asked, and lets it ring at this agent's desk.
async fn rings_for(centre: &Centre, user: &str, visitor: &Visitor) -> Result<(Agent, Offer)> {
    let chat = visitor.start(Medium::Chat).await?;
    let agents = centre.users("agent")?;
    let who = agents.iter().find(|who| who.user == user);
    let desk = people::ready_desk(centre, who.context("no such agent")?).await?;
    let offer = desk.rings(chat).await?;
    Ok((desk, offer))
}

fn values(prompt: &Prompt) -> Vec<&str> {
    match &prompt.ask {
        Ask::Menu(options) => options.iter().map(|option| option.value.as_str()).collect(),
        Ask::Fields(_) => vec![],
    }
}

fn stage(visitor: &Visitor, id: InteractionId) -> Option<VisitorStage> {
    let known = visitor.now();
    Some(known.mirror.contacts.get(&id)?.stage.clone())
}
