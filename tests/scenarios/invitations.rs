//! Invitations: who gets one, what became of it, and who gets none.

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    admin::Kind,
    agent::AgentCommand,
    interaction::Medium,
    journey::JourneyEvent,
    setup::{Invitation, InvitationHow},
    visitor::{InvitationAct, InvitationView, VisitorCommand, VisitorEvent},
};
use bellwire_tests::{
    administrator::Administrator,
    centre::Centre,
    journey::Walk,
    people::{self, Agent, Visitor, VisitorSide},
    wait::PATIENT,
};

const NAME: &str = "Compares laptops";

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_shown_accepted_and_counted_with_its_contact() -> Result<()> {
    let (centre, administrator) = inviting(|_| {}).await?;
    let desk = boris(&centre).await?;
    let visitor = people::visitor(&centre);
    visitor.did(compares()).await?;

    let card = invited(&visitor).await?;
    ensure!(
        card.how == InvitationHow::Contact(Medium::Chat)
            && card.text.starts_with("Not sure which laptop?")
            && card.accept == "Chat now",
        "{card:?}"
    );
    act(&visitor, &card, InvitationAct::Shown).await?;
    // After a lost connection it is the same card, and not another one.
    visitor.lose_socket().await?;
    visitor
        .until("the same card again", |known| {
            known.welcomes == 2 && known.mirror.invited.as_ref() == Some(&card)
        })
        .await?;
    act(&visitor, &card, InvitationAct::Shown).await?;
    act(&visitor, &card, InvitationAct::Accepted).await?;
    visitor
        .until("the card is gone", |known| known.mirror.invited.is_none())
        .await?;
    let chat = visitor.start(Medium::Chat).await?;
    desk.take(chat).await?;

    let counts = administrator.invitation(NAME).await?;
    ensure!(
        (counts.shown, counts.accepted, counts.contacted) == (1, 1, 1),
        "{counts:?}"
    );
    ensure!(
        (counts.dismissed, counts.ignored, counts.held) == (0, 0, 0),
        "{counts:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_put_a_card_away_is_not_asked_again() -> Result<()> {
    let (centre, administrator) = inviting(|_| {}).await?;
    let desk = boris(&centre).await?;
    let visitor = people::visitor(&centre);
    let mut walk = Walk::new();
    visitor.did(compares_with(&mut walk)).await?;
    let card = invited(&visitor).await?;
    act(&visitor, &card, InvitationAct::Shown).await?;
    act(&visitor, &card, InvitationAct::Dismissed).await?;

    visitor.did(compares_with(&mut walk)).await?;
    centre.kill().await?;
    centre.restart().await?;
    desk.until_within("the desk is back", PATIENT, |known| known.welcomes == 2)
        .await?;
    let loaded = people::other_tab(&centre, &visitor).await?;
    loaded.did(compares_with(&mut walk)).await?;

    for page in [&visitor, &loaded] {
        page.settle().await?;
        ensure!(page.now().mirror.invited.is_none(), "invited again");
    }
    let counts = administrator.invitation(NAME).await?;
    ensure!((counts.shown, counts.dismissed) == (1, 1), "{counts:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_are_held_out_get_none_and_are_counted() -> Result<()> {
    let (centre, administrator) = inviting(|rule| rule.holdout = 100).await?;
    let desk = boris(&centre).await?;
    let calls = people::visitor(&centre);
    let leaves = people::visitor(&centre);

    for visitor in [&calls, &leaves] {
        visitor.did(compares()).await?;
        ensure!(visitor.now().mirror.invited.is_none(), "is invited");
    }
    let chat = calls.start(Medium::Chat).await?;
    desk.take(chat).await?;

    let counts = administrator.invitation(NAME).await?;
    ensure!((counts.held, counts.held_contacted) == (2, 1), "{counts:?}");
    ensure!((counts.shown, counts.contacted) == (0, 0), "{counts:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_taken_back_when_nobody_could_take_it() -> Result<()> {
    let (centre, administrator) = inviting(|_| {}).await?;
    let desk = boris(&centre).await?;
    let visitor = people::visitor(&centre);
    visitor.did(compares()).await?;
    let card = invited(&visitor).await?;

    desk.ask(AgentCommand::NotReady {
        reason: "Lunch".into(),
    })
    .await?;

    visitor
        .until("taken back", |known| known.mirror.invited.is_none())
        .await?;
    let told = visitor.now().told;
    ensure!(
        told.contains(&VisitorEvent::Uninvited(card.invitation)),
        "{told:?}"
    );
    // Whoever clicks in the same moment is not counted as having accepted.
    act(&visitor, &card, InvitationAct::Accepted).await?;
    let counts = administrator.invitation(NAME).await?;
    ensure!(counts.accepted == 0, "{counts:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_invited_who_should_not_be() -> Result<()> {
    let (centre, administrator) = inviting(|_| {}).await?;
    let lonely = people::visitor(&centre);
    lonely.did(compares()).await?;
    ensure!(
        lonely.now().mirror.invited.is_none(),
        "invited where nobody is there"
    );
    drop(lonely);

    let _desk = boris(&centre).await?;
    let quiet = VisitorSide::new(&centre).quiet().open();
    quiet.did(compares()).await?;
    ensure!(quiet.now().mirror.invited.is_none(), "invited though quiet");

    let gone = people::visitor(&centre);
    gone.ask(VisitorCommand::Monitoring { on: false }).await?;
    gone.did(compares()).await?;
    ensure!(
        gone.now().mirror.invited.is_none(),
        "invited though opted out"
    );

    let elsewhere = people::visitor(&centre);
    let mut walk = Walk::new();
    elsewhere
        .did(vec![walk.views("/kettle", &["kitchen"])])
        .await?;
    ensure!(
        elsewhere.now().mirror.invited.is_none(),
        "invited without a reason"
    );

    let counts = administrator.invitation(NAME).await?;
    ensure!((counts.shown, counts.held) == (0, 0), "{counts:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_invited_than_could_be_served() -> Result<()> {
    let (centre, _) = inviting(|_| {}).await?;
    let _desk = boris(&centre).await?;
    let first = people::visitor(&centre);
    first.did(compares()).await?;
    let card = invited(&first).await?;
    let second = people::visitor(&centre);
    second.did(compares()).await?;
    ensure!(
        second.now().mirror.invited.is_none(),
        "two invitations for one agent"
    );

    act(&first, &card, InvitationAct::Dismissed).await?;
    let mut walk = Walk::new();
    second
        .did(vec![walk.views("/laptops/three", &["laptops"])])
        .await?;
    invited(&second).await?;
    Ok(())
}

/// A centre whose invitation waits for no time on the page.
async fn inviting(change: impl FnOnce(&mut Invitation)) -> Result<(Centre, Administrator)> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let rules = administrator.current().await?.setup.invitations;
    let mut rule = rules.into_iter().next().context("no invitation")?;
    ensure!(rule.name == NAME, "{rule:?}");
    rule.after_s = 0;
    change(&mut rule);
    let id = rule.id.to_string();
    administrator.save(Kind::Invitation, &id, rule).await?;
    Ok((centre, administrator))
}

async fn boris(centre: &Centre) -> Result<Agent> {
    people::ready_desk(centre, &centre.users("agent")?[1]).await
}

fn compares() -> Vec<JourneyEvent> {
    compares_with(&mut Walk::new())
}

fn compares_with(walk: &mut Walk) -> Vec<JourneyEvent> {
    vec![
        walk.views("/laptops/one", &["laptops"]),
        walk.views("/laptops/two", &["laptops"]),
    ]
}

async fn invited(visitor: &Visitor) -> Result<InvitationView> {
    let known = visitor
        .until("invited", |known| known.mirror.invited.is_some())
        .await?;
    known.mirror.invited.context("an invitation")
}

async fn act(visitor: &Visitor, card: &InvitationView, act: InvitationAct) -> Result<()> {
    visitor
        .ask(VisitorCommand::Invitation {
            invitation: card.invitation,
            act,
        })
        .await?;
    visitor.settle().await?;
    Ok(())
}
