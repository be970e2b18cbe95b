//! What is known of visitors: how long it is kept, who is not to be known, what is told of it.

use std::time::Duration;

use bellwire::store::{Doc, Store};
use bellwire_core::record::{InteractionRecord, InvitationOutcome, Record};
use bellwire_proto::{
    id::{InvitationId, SessionId, SiteKey},
    interaction::Medium,
    journey::{JourneyEvent, JourneyKind},
    setup::Site,
    time::Timestamp,
};

use super::{NOW, Place, closed, interaction, line, said, stored};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn viewed(n: u32, at: Timestamp) -> JourneyEvent {
    JourneyEvent {
        n,
        at,
        kind: JourneyKind::Viewed {
            url: format!("/page/{n}"),
            title: "A page".to_owned(),
            referrer: String::new(),
            language: "en".to_owned(),
            categories: vec!["laptops".to_owned()],
        },
    }
}

fn session(n: u128) -> SessionId {
    SessionId::new(NOW, n)
}

fn on_site(n: u128, opted_out: bool) -> Record {
    Record::Session {
        session: session(n),
        site: SiteKey("shop".to_owned()),
        opted_out,
    }
}

fn journey(n: u128, events: Vec<JourneyEvent>) -> Record {
    Record::Journey {
        session: session(n),
        events,
    }
}

fn with_journey(n: u128, closed_at: Timestamp) -> InteractionRecord {
    let mut record = closed(&interaction(n, Medium::Chat), closed_at);
    record.context.journey = vec![viewed(1, NOW)];
    record.context.name = Some("Ada".to_owned());
    record
}

async fn keep_days(store: &Store, days: u16) {
    let site = Site {
        keep_days: days,
        ..Site::new(SiteKey("shop".to_owned()), "Shop")
    };
    let mut change = store.change("test", NOW).await.expect("a change");
    let doc = Doc::of(&site).expect("a document");
    change.put(&doc).await.expect("put");
    change.commit().await.expect("done");
}

async fn kept(store: &Store) -> Vec<(SessionId, Vec<u32>)> {
    let journeys = store.recent_journeys(100).await.expect("journeys");
    let numbers = |events: Vec<JourneyEvent>| events.iter().map(|event| event.n).collect();
    (journeys.into_iter())
        .map(|journey| (journey.session, numbers(journey.events)))
        .collect()
}

#[tokio::test]
async fn a_journey_is_kept_as_long_as_its_site_says() {
    let place = Place::new();
    let store = place.open().await;
    keep_days(&store, 7).await;
    let old: Vec<_> = (0..2_500)
        .map(|n| viewed(n, NOW + Duration::from_millis(n.into())))
        .collect();
    let batch = [
        on_site(1, false),
        journey(1, old),
        journey(1, vec![viewed(9_000, NOW + 6 * DAY)]),
        // Of another site, which is gone: thirty days.
        Record::Session {
            session: session(2),
            site: SiteKey("gone".to_owned()),
            opted_out: false,
        },
        journey(2, vec![viewed(1, NOW)]),
        // Of no known site: as short as any.
        journey(4, vec![viewed(1, NOW)]),
        // By a clock that is a year ahead.
        journey(3, vec![viewed(1, NOW + 365 * DAY)]),
        stored(&with_journey(1, NOW)),
    ];
    store.write(&batch).await.expect("stored");

    let gone = store.forget_old(NOW + 8 * DAY).await.expect("forgotten");
    let again = store.forget_old(NOW + 8 * DAY).await.expect("forgotten");

    assert_eq!((gone, again), (2_500 + 1 + 1 + 1, 0));
    assert_eq!(
        kept(&store).await,
        [(session(1), vec![9_000]), (session(2), vec![1])]
    );
    let id = interaction(1, Medium::Chat).interaction;
    let told = store
        .contact(id)
        .await
        .expect("an answer")
        .expect("a contact");
    assert!(told.context.journey.is_empty());
    assert_eq!(told.context.name.as_deref(), Some("Ada"));
    store.forget_old(NOW + 31 * DAY).await.expect("forgotten");
    assert_eq!(kept(&store).await, []);
}

#[tokio::test]
async fn who_opts_out_is_forgotten_and_stays_so() {
    let place = Place::new();
    let store = place.open().await;
    let shown = Record::Invitation {
        session: session(1),
        invitation: InvitationId::new(NOW, 1),
        act: InvitationOutcome::Shown,
        at: NOW,
    };
    let batch = [
        on_site(1, false),
        journey(1, vec![viewed(1, NOW)]),
        shown,
        stored(&with_journey(1, NOW)),
    ];
    store.write(&batch).await.expect("stored");

    let session_1 = session(1);
    let forget = Record::ForgetJourney { session: session_1 };
    store
        .write(&[on_site(1, true), forget])
        .await
        .expect("stored");
    store
        .write(&[journey(1, vec![viewed(2, NOW)])])
        .await
        .expect("passed over");

    assert!(store.opted_out(session_1).await.expect("an answer"));
    assert!(!store.opted_out(session(2)).await.expect("an answer"));
    assert_eq!(kept(&store).await, []);
    assert_eq!(store.invitation_counts().await.expect("counts"), []);
    let id = interaction(1, Medium::Chat).interaction;
    let told = store
        .contact(id)
        .await
        .expect("an answer")
        .expect("a contact");
    assert!(told.journey.is_empty() && told.context.journey.is_empty());
    store.forget_old(NOW + 900 * DAY).await.expect("forgotten");
    assert!(store.opted_out(session_1).await.expect("an answer"));
}

#[tokio::test]
async fn a_contact_counts_for_what_the_visitor_got_last() {
    use InvitationOutcome::{Accepted, Contacted, Held, Shown};
    let place = Place::new();
    let store = place.open().await;
    let invitation = InvitationId::new(NOW, 1);
    let acts = [
        (1, Shown, 0),
        (1, Accepted, 1),
        (1, Contacted, 2),
        (2, Held, 0),
        (2, Contacted, 5),
        (3, Held, 0),
        // The same visitor on another day: this time it was shown.
        (2, Shown, 9),
        (2, Contacted, 10),
    ];
    let records = acts.map(|(n, act, s)| Record::Invitation {
        session: session(n),
        invitation,
        act,
        at: NOW + Duration::from_secs(s),
    });

    store.write(&records).await.expect("stored");
    store.write(&records).await.expect("stored again");

    let counts = store.invitation_counts().await.expect("counts");
    assert_eq!(counts.len(), 1);
    let counts = &counts[0];
    assert_eq!((counts.shown, counts.accepted, counts.contacted), (2, 1, 2));
    assert_eq!((counts.held, counts.held_contacted), (2, 1));
}

#[tokio::test]
async fn the_last_five_contacts_of_a_session_are_told() {
    let place = Place::new();
    let store = place.open().await;
    for n in 1..=7 {
        let mut record = closed(&interaction(n, Medium::Chat), NOW + DAY);
        record.session = session(1);
        store.write(&[stored(&record)]).await.expect("stored");
    }
    let mut live = interaction(8, Medium::Chat);
    live.session = session(1);
    store.write(&[stored(&live)]).await.expect("stored");

    let past = store.past_contacts(session(1)).await.expect("contacts");

    let ids: Vec<_> = past.iter().map(|past| past.interaction).collect();
    let newest = [7, 6, 5, 4, 3].map(|n| interaction(n, Medium::Chat).interaction);
    assert_eq!(ids, newest);
    assert_eq!(past[0].disposition, "Solved");
    assert_eq!(store.past_contacts(session(2)).await.expect("contacts"), []);
}

#[tokio::test]
async fn a_contact_is_told_with_every_decision_in_its_order() {
    let place = Place::new();
    let store = place.open().await;
    let chat = closed(&interaction(1, Medium::Chat), NOW);
    let decide = |agent, because: &str| Record::Decision {
        interaction: chat.interaction,
        epoch: 1,
        agent,
        at: NOW,
        because: because.to_owned(),
    };
    let anna = super::agent(1);
    let batch = [
        stored(&chat),
        decide(None, "Support: everything is known"),
        decide(Some(anna), "Anna: support 7, idle 4 min"),
        said(&chat, line(1)),
        journey(1, vec![viewed(1, NOW)]),
    ];

    store.write(&batch).await.expect("stored");
    store.write(&batch).await.expect("stored again");

    let told = store.contact(chat.interaction).await.expect("an answer");
    let told = told.expect("a contact");
    let because: Vec<_> = (told.decisions.iter())
        .map(|told| (told.agent, told.because.as_str()))
        .collect();
    assert_eq!(
        because,
        [
            (None, "Support: everything is known"),
            (Some(anna), "Anna: support 7, idle 4 min")
        ]
    );
    assert_eq!((told.chat.len(), told.journey.len()), (1, 1));
    assert_eq!(told.line.stage, "closed");
}

#[tokio::test]
async fn decisions_of_many_contacts_in_one_batch_are_numbered_for_each() {
    let place = Place::new();
    let store = place.open().await;
    let contacts: Vec<_> = (1..=20)
        .map(|n| closed(&interaction(n, Medium::Chat), NOW))
        .collect();
    let decide = |contact: usize, epoch| Record::Decision {
        interaction: contacts[contact].interaction,
        epoch,
        agent: None,
        at: NOW,
        because: format!("{contact}, {epoch}"),
    };
    let mut batch: Vec<_> = contacts.iter().map(stored).collect();
    // In turns, and each of them twice.
    batch.extend((0..80).map(|nth| decide(nth % 20, u32::from(nth / 40 == 1))));

    store.write(&batch).await.expect("stored");
    store.write(&[decide(3, 2)]).await.expect("stored");
    store.write(&batch).await.expect("stored again");

    for (n, contact) in contacts.iter().enumerate() {
        let told = store.contact(contact.interaction).await.expect("an answer");
        let told = told.expect("a contact").decisions;
        let because: Vec<_> = told.iter().map(|told| told.because.as_str()).collect();
        let mut expected = vec![format!("{n}, 0"), format!("{n}, 1")];
        expected.extend((n == 3).then(|| "3, 2".to_owned()));
        assert_eq!(because, expected);
    }
}

#[tokio::test]
async fn contacts_come_in_pages_that_split_no_moment() {
    let place = Place::new();
    let store = place.open().await;
    for n in 1..=5 {
        let mut record = interaction(n, Medium::Chat);
        // Two in each moment.
        record.created = NOW + Duration::from_secs(u64::try_from(n / 2).expect("small"));
        store.write(&[stored(&record)]).await.expect("stored");
    }

    let first = store.contacts(None, 3).await.expect("contacts");
    let second = store.contacts(first.before, 3).await.expect("contacts");

    assert_eq!((first.contacts.len(), second.contacts.len()), (2, 3));
    assert_eq!(second.before, None);
}
