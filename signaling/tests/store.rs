//! The store on real files: what it keeps, what it refuses, and what a kill leaves behind.

#[path = "store/setup.rs"]
mod setup;
#[path = "store/telephones.rs"]
mod telephones;
#[path = "store/visitors.rs"]
mod visitors;

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, time::Duration};

use bellwire::{
    config::Config,
    origin::Origin,
    store::{self, Doc, Error, Store},
};
use bellwire_core::record::{InteractionRecord, Record, StageRecord};
use bellwire_proto::{
    admin::Kind,
    agent::Chosen,
    id::{AgentId, InteractionId, MessageId, QueueId, SessionId, SiteKey},
    interaction::{ChatMessage, Context, EndCause, Medium, Role},
    journey::{JourneyEvent, JourneyKind},
    setup::{Capacity, Entry, Queue, Site, SkillLevel, User, UserRole},
    time::Timestamp,
};
use serde_json::json;
use sqlx::{AnyPool, any::install_default_drivers};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A data directory of its own.
struct Place {
    config: Config,
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let config = Config {
            data_dir: directory.path().join("data"),
            ..Config::default()
        };
        Self { config, directory }
    }

    async fn open(&self) -> Store {
        Store::open(&self.config).await.expect("the store opens")
    }

    /// The database without the store around it.
    async fn raw(&self) -> AnyPool {
        install_default_drivers();
        let file = self.config.data_dir.join("bellwire.db");
        AnyPool::connect(&format!("sqlite://{}", file.display()))
            .await
            .expect("the database opens")
    }

    /// The files as they lie on the disk at this moment: what a kill would leave.
    fn as_after_a_kill(&self) -> Self {
        let copy = Self::new();
        fs::create_dir(&copy.config.data_dir).expect("a directory");
        for file in fs::read_dir(&self.config.data_dir).expect("files") {
            let file = file.expect("a file");
            // A new process makes the index of the write-ahead log anew.
            if file.file_name() != "bellwire.db-shm" {
                let to = copy.config.data_dir.join(file.file_name());
                fs::copy(file.path(), to).expect("a copy");
            }
        }
        copy
    }
}

fn agent(n: u128) -> AgentId {
    AgentId::new(NOW, n)
}

fn interaction(n: u128, medium: Medium) -> InteractionRecord {
    let created = NOW + Duration::from_secs(n.try_into().expect("small"));
    // As a store has it that knows no more: what was added since has a default.
    let record = json!({
        "interaction": InteractionId::new(NOW, n),
        "session": SessionId::new(NOW, n),
        "site": "shop",
        "medium": medium,
        "video": medium == Medium::Call,
        "queue": QueueId::new(NOW, 1),
        "created": created,
        "epoch": 1,
        "stage": StageRecord::Waiting,
        "context": Context { site: "Shop".to_owned(), ..Context::default() },
    });
    serde_json::from_value(record).expect("an interaction")
}

fn talking(record: &InteractionRecord, agent: AgentId) -> InteractionRecord {
    InteractionRecord {
        stage: StageRecord::Talking {
            agent,
            since: NOW,
            held: false,
        },
        ..record.clone()
    }
}

fn closed(record: &InteractionRecord, at: Timestamp) -> InteractionRecord {
    InteractionRecord {
        stage: StageRecord::Closed {
            at,
            cause: EndCause::HungUp,
            by: Some(Role::Customer),
            agent: Some(agent(1)),
            disposition: Some("Solved".to_owned()),
            note: Some("A note with ' and \" and \u{1f600}".to_owned()),
        },
        ..record.clone()
    }
}

fn line(seq: u32) -> ChatMessage {
    ChatMessage {
        seq,
        id: MessageId::new(NOW, seq.into()),
        from: if seq % 2 == 1 {
            Role::Customer
        } else {
            Role::Agent
        },
        name: seq.is_multiple_of(2).then(|| "Anna Berg".to_owned()),
        text: format!("line {seq}; ¿qué?"),
        at: NOW + Duration::from_secs(seq.into()),
    }
}

fn stored(record: &InteractionRecord) -> Record {
    Record::Interaction(Box::new(record.clone()))
}

fn said(record: &InteractionRecord, message: ChatMessage) -> Record {
    Record::Message {
        interaction: record.interaction,
        message,
    }
}

async fn live(store: &Store) -> Vec<(InteractionRecord, Vec<ChatMessage>)> {
    let later = NOW + Duration::from_secs(1_000_000);
    store.restore(later).await.expect("restored").interactions
}

#[tokio::test]
async fn what_was_written_comes_back_whole() {
    let place = Place::new();
    let chat = talking(&interaction(1, Medium::Chat), agent(1));
    let call = interaction(2, Medium::Call);
    let ready = Record::Agent {
        agent: agent(1),
        chosen: Chosen::Ready,
        since: NOW,
    };
    let lunch = Chosen::NotReady {
        reason: "Lunch".to_owned(),
    };
    let at_lunch = Record::Agent {
        agent: agent(1),
        chosen: lunch.clone(),
        since: NOW + Duration::from_secs(9),
    };
    let store = place.open().await;

    let records = [stored(&chat), said(&chat, line(1)), said(&chat, line(2))];
    store.write(&records).await.expect("stored");
    store
        .write(&[stored(&call), ready, at_lunch])
        .await
        .expect("stored");
    store.close().await;

    let restored = place.open().await.restore(NOW).await.expect("restored");
    assert_eq!(
        restored.interactions,
        [(chat, vec![line(1), line(2)]), (call, Vec::new())]
    );
    assert_eq!(
        restored.agents,
        [(agent(1), lunch, NOW + Duration::from_secs(9))]
    );
}

#[tokio::test]
async fn of_what_changed_often_in_one_batch_the_last_is_kept() {
    let place = Place::new();
    let store = place.open().await;
    let (first, second) = (interaction(1, Medium::Chat), interaction(2, Medium::Call));
    let answered = talking(&first, agent(1));
    let taken_back = Record::Discard {
        interaction: second.interaction,
    };
    let again = talking(&second, agent(2));

    // A line is stored for an interaction that is there: the first of its records makes it.
    let batch = [
        stored(&first),
        said(&first, line(1)),
        stored(&second),
        stored(&answered),
        said(&first, line(2)),
        taken_back,
        stored(&again),
    ];
    store.write(&batch).await.expect("stored");
    store.write(&batch).await.expect("stored again");

    let kept = [(answered, vec![line(1), line(2)]), (again, vec![])];
    assert_eq!(live(&store).await, kept);
}

#[tokio::test]
async fn who_waits_keeps_the_order_of_arrival() {
    let place = Place::new();
    let store = place.open().await;
    let mut records: Vec<_> = (1..=5).map(|n| interaction(n, Medium::Call)).collect();

    for n in [3, 0, 4, 1, 2] {
        store.write(&[stored(&records[n])]).await.expect("stored");
    }
    // Offered, declined and waiting again: the place in line stays.
    records[0].epoch = 7;
    store.write(&[stored(&records[0])]).await.expect("stored");

    let waiting: Vec<_> = live(&store).await.into_iter().map(|(r, _)| r).collect();
    assert_eq!(waiting, records);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_and_everyone_else_write_beside_each_other() {
    let place = Place::new();
    let store = place.open().await;
    let records: Vec<_> = (1..=200).map(|n| interaction(n, Medium::Call)).collect();

    let (calls, others, stamps) = (store.clone(), store.clone(), store.clone());
    let batches = records.clone();
    let calls = tokio::spawn(async move {
        for record in &batches {
            calls.write(&[stored(record)]).await.expect("stored");
        }
    });
    let others = tokio::spawn(async move {
        for _ in 0..200 {
            let noted = others.audit("admin", "user_change", "anna", NOW).await;
            noted.expect("nobody waits in vain");
        }
    });
    let stamps = tokio::spawn(async move {
        let seen = BTreeMap::new();
        for _ in 0..200 {
            stamps.keep_tags(&seen).await.expect("nobody waits in vain");
        }
    });
    for done in [calls, others, stamps] {
        done.await.expect("no panic");
    }
    store.close().await;

    let store = place.open().await;
    let waiting: Vec<_> = live(&store).await.into_iter().map(|(r, _)| r).collect();
    assert_eq!(waiting, records);
    assert_eq!(store.audit_rows(1_000).await.expect("rows").len(), 200);
}

#[tokio::test]
async fn what_is_closed_comes_back_only_while_it_lingers() {
    let place = Place::new();
    let store = place.open().await;
    let (old, fresh) = (interaction(1, Medium::Chat), interaction(2, Medium::Chat));
    let old = closed(&old, NOW);
    let fresh = closed(&fresh, NOW + Duration::from_secs(100));
    store
        .write(&[stored(&old), stored(&fresh), said(&fresh, line(1))])
        .await
        .expect("stored");

    let restored = store.restore(NOW + Duration::from_secs(50)).await;

    let restored = restored.expect("restored").interactions;
    assert_eq!(restored, [(fresh, vec![line(1)])]);
}

#[tokio::test]
async fn a_batch_written_twice_is_the_same_as_once() {
    let place = Place::new();
    let store = place.open().await;
    let chat = interaction(1, Medium::Chat);
    let viewed = JourneyEvent {
        n: 1,
        at: NOW,
        kind: JourneyKind::Clicked {
            mark: "buy".to_owned(),
        },
    };
    let batch = [
        stored(&chat),
        said(&chat, line(1)),
        Record::Journey {
            session: chat.session,
            events: vec![viewed.clone(), viewed],
        },
        Record::Decision {
            interaction: chat.interaction,
            epoch: 1,
            agent: Some(agent(1)),
            at: NOW,
            because: "longest idle".to_owned(),
        },
        said(&chat, line(2)),
    ];

    store.write(&batch).await.expect("stored");
    store.write(&batch).await.expect("stored again");

    assert_eq!(live(&store).await, [(chat, vec![line(1), line(2)])]);
}

#[tokio::test]
async fn a_line_with_a_number_or_an_id_that_is_there_is_stored_once() {
    let place = Place::new();
    let store = place.open().await;
    let chat = interaction(1, Medium::Chat);
    store
        .write(&[stored(&chat), said(&chat, line(1))])
        .await
        .expect("stored");
    let same_number = ChatMessage { seq: 1, ..line(8) };
    let same_id = ChatMessage { seq: 2, ..line(1) };

    let repeats = [said(&chat, same_number), said(&chat, same_id)];
    store.write(&repeats).await.expect("nothing to do");

    assert_eq!(live(&store).await, [(chat, vec![line(1)])]);
}

#[tokio::test]
async fn a_line_without_the_one_before_it_undoes_the_whole_batch() {
    let place = Place::new();
    let store = place.open().await;
    let chat = interaction(1, Medium::Chat);
    store
        .write(&[stored(&chat), said(&chat, line(1))])
        .await
        .expect("stored");

    let gap = store
        .write(&[said(&chat, line(2)), said(&chat, line(4))])
        .await;

    assert!(matches!(gap, Err(Error::Gap { seq: 4, .. })), "{gap:?}");
    assert_eq!(live(&store).await, [(chat, vec![line(1)])]);
}

#[tokio::test]
async fn a_long_chat_comes_back_from_its_end_with_its_numbers() {
    let place = Place::new();
    let store = place.open().await;
    let chat = interaction(1, Medium::Chat);
    let mut batch = vec![stored(&chat)];
    batch.extend((1..=310).map(|seq| said(&chat, line(seq))));
    store.write(&batch).await.expect("stored");

    let restored = live(&store).await;

    let lines: Vec<_> = (11..=310).map(line).collect();
    assert_eq!(restored, [(chat, lines)]);
}

#[tokio::test]
async fn an_agent_is_never_stored_in_two_calls() {
    let place = Place::new();
    let store = place.open().await;
    let (first, second) = (interaction(1, Medium::Call), interaction(2, Medium::Call));
    let chat = talking(&interaction(3, Medium::Chat), agent(1));
    let call = talking(&first, agent(1));
    store
        .write(&[stored(&call), stored(&chat)])
        .await
        .expect("stored");

    let twice = store.write(&[stored(&talking(&second, agent(1)))]).await;
    let other = store.write(&[stored(&talking(&second, agent(2)))]).await;

    let error = twice.expect_err("one call is enough");
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    assert!(!error.asking_again_helps());
    other.expect("another agent takes it");
    assert_eq!(live(&store).await.len(), 3);
}

#[tokio::test]
async fn calls_with_their_decisions_are_stored_whole_or_not_at_all() {
    let place = Place::new();
    let store = place.open().await;
    let (first, second) = (interaction(1, Medium::Call), interaction(2, Medium::Call));
    let why = |record: &InteractionRecord, because: &str| Record::Decision {
        interaction: record.interaction,
        epoch: 1,
        agent: Some(agent(1)),
        at: NOW,
        because: because.to_owned(),
    };
    let taken = [
        why(&first, "longest idle"),
        stored(&talking(&first, agent(1))),
        why(&first, "nobody else"),
    ];
    for _ in 0..2 {
        store.write(&taken).await.expect("stored");
    }

    let twice = [
        stored(&closed(&first, NOW)),
        why(&second, "a mistake"),
        stored(&talking(&second, agent(1))),
        stored(&talking(&interaction(3, Medium::Call), agent(1))),
    ];
    let refused = store.write(&twice).await.expect_err("one call is enough");

    assert!(matches!(refused, Error::Conflict(_)), "{refused}");
    assert_eq!(
        live(&store).await,
        [(talking(&first, agent(1)), Vec::new())]
    );
    let told = store.contact(first.interaction).await.expect("read");
    let because: Vec<_> = (told.expect("there").decisions.into_iter())
        .map(|decision| decision.because)
        .collect();
    assert_eq!(because, ["longest idle", "nobody else"]);

    // Nothing of what was refused is left in the way of what comes next, one at a time or together.
    let ready = Record::Agent {
        agent: agent(1),
        chosen: Chosen::Ready,
        since: NOW,
    };
    store.write(&[ready]).await.expect("stored");
    let next = [stored(&closed(&first, NOW)), why(&second, "rested")];
    store.write(&next).await.expect("stored");
    assert_eq!(live(&store).await, []);
}

#[tokio::test]
async fn the_next_call_may_begin_in_the_batch_that_ends_the_last() {
    let place = Place::new();
    let store = place.open().await;
    let (first, second) = (interaction(1, Medium::Call), interaction(2, Medium::Call));
    store
        .write(&[stored(&talking(&first, agent(1)))])
        .await
        .expect("stored");

    let batch = [
        stored(&closed(&first, NOW)),
        stored(&talking(&second, agent(1))),
    ];
    store.write(&batch).await.expect("stored");

    assert_eq!(
        live(&store).await,
        [(talking(&second, agent(1)), Vec::new())]
    );
}

#[tokio::test]
async fn a_kill_leaves_what_was_committed_and_nothing_of_what_was_not() {
    let place = Place::new();
    let store = place.open().await;
    let chat = interaction(1, Medium::Chat);
    store
        .write(&[stored(&chat), said(&chat, line(1))])
        .await
        .expect("stored");
    let mut change = store.change("test", NOW).await.expect("a change");
    change.put(&reasons(&["Break"])).await.expect("added");
    let sales = Doc::of(&queue("Sales")).expect("a document");
    change.put(&sales).await.expect("added");

    let copy = place.as_after_a_kill();

    let survivor = copy.open().await;
    assert_eq!(live(&survivor).await, [(chat, vec![line(1)])]);
    let setup = survivor.setup().await.expect("a set-up");
    assert_eq!((setup.queues, setup.reasons), (Vec::new(), Vec::new()));
    assert_eq!(survivor.db_epoch().await.ok(), store.db_epoch().await.ok());
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let place = Place::new();
    place.open().await.close().await;
    let raw = place.raw().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9000, 'from the future', TRUE, x'00', 1)",
    )
    .execute(&raw)
    .await
    .expect("written");
    raw.close().await;

    let refused = Store::open(&place.config).await.expect_err("refused");

    assert!(
        matches!(refused, Error::NewerSchema { found: 9000, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_said_to_be_damaged() {
    let place = Place::new();
    fs::create_dir(&place.config.data_dir).expect("a directory");
    let file = place.config.data_dir.join("bellwire.db");
    fs::write(
        file,
        "this is not a database, but it is long enough to be one".repeat(20),
    )
    .expect("written");

    let refused = Store::open(&place.config).await.expect_err("refused");

    assert!(matches!(refused, Error::Corrupt(_)), "{refused}");
}

#[tokio::test]
async fn the_data_is_for_its_owner_only_wherever_it_lies() {
    let mut place = Place::new();
    place.config.data_dir = place.directory.path().join("a b/ü?#%41");
    let store = place.open().await;
    store
        .write(&[stored(&interaction(1, Medium::Chat))])
        .await
        .expect("stored");

    let mode = |path: &std::path::Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&place.config.data_dir), 0o700);
    for file in ["bellwire.db", "bellwire.db-wal"] {
        assert_eq!(mode(&place.config.data_dir.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn one_server_uses_a_data_directory_at_a_time() {
    let place = Place::new();
    let first = store::lock(&place.config).expect("the first server");

    let second = store::lock(&place.config);
    drop(first);
    let third = store::lock(&place.config);

    assert!(matches!(second, Err(Error::InUse { .. })), "{second:?}");
    assert!(third.is_ok(), "{third:?}");
}

#[tokio::test]
async fn secrets_stay_over_a_restart_and_differ_between_centres() {
    let (place, other) = (Place::new(), Place::new());
    let store = place.open().await;
    let secret = store.server_secret().await.expect("a secret");
    store.close().await;

    let again = place.open().await.server_secret().await.expect("a secret");
    let others = other.open().await.server_secret().await.expect("a secret");

    assert_eq!(secret, again);
    assert_ne!(secret, others);
}

fn queue(name: &str) -> Queue {
    Queue {
        skills: BTreeMap::from([("sales".to_owned(), SkillLevel(3))]),
        language: Some("es".to_owned()),
        priority: 2,
        ..Queue::new(QueueId::new(NOW, 7), name)
    }
}

fn user(n: u128, name: &str, queues: Vec<QueueId>) -> User {
    User {
        id: agent(n),
        user: name.to_owned(),
        name: "Anna Berg".to_owned(),
        role: UserRole::Agent,
        skills: BTreeMap::from([("sales".to_owned(), SkillLevel(7))]),
        languages: vec!["es".to_owned(), "en".to_owned()],
        queues,
        capacity: Capacity { calls: 1, chats: 3 },
        number: None,
    }
}

fn reasons(names: &[&str]) -> Doc {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    Doc::names(Kind::Reasons, &names).expect("a document")
}

fn site(origins: &[&Origin], entries: Vec<Entry>) -> Site {
    Site {
        origins: origins.iter().map(ToString::to_string).collect(),
        entries,
        ..Site::new(SiteKey("shop".to_owned()), "Shop")
    }
}

#[tokio::test]
async fn a_change_of_the_set_up_is_seen_by_the_running_server() {
    let place = Place::new();
    let server = place.open().await;
    let before = server.setup_version().await.expect("a version");
    let shop = SiteKey("shop".to_owned());
    let origin = Origin::parse("https://shop.example").expect("an origin");

    let command = place.open().await;
    let mut change = command.change("test", NOW).await.expect("a change");
    let sales = queue("Sales");
    let anna = user(1, "Anna", vec![sales.id]);
    let entry = Entry::into_queue(None, sales.id);
    let doc = Doc::of(&sales).expect("a document");
    change.put(&doc).await.expect("a queue");
    change.add_user(&anna, "a hash").await.expect("a user");
    change
        .put(&reasons(&["Break", "Lunch"]))
        .await
        .expect("reasons");
    change
        .add_site(&site(&[&origin], vec![entry.clone()]))
        .await
        .expect("a site");
    change.commit().await.expect("done");

    assert!(server.setup_version().await.expect("a version") > before);
    let setup = server.setup().await.expect("a set-up");
    assert_eq!(setup.sites[0].entries, [entry]);
    assert_eq!(setup.queues, [sales]);
    assert_eq!(setup.agents, [anna.into()]);
    assert_eq!(setup.reasons, ["Break", "Lunch"]);
    let site = server
        .site(&shop)
        .await
        .expect("an answer")
        .expect("a site");
    assert_eq!(site.origins, [origin]);
}

#[tokio::test]
async fn an_origin_is_allowed_and_refused_again() {
    let place = Place::new();
    let store = place.open().await;
    let shop = SiteKey("shop".to_owned());
    let origin = Origin::parse("https://shop.example").expect("an origin");
    let mut change = store.change("test", NOW).await.expect("a change");
    change
        .add_site(&site(&[], Vec::new()))
        .await
        .expect("a site");
    change.allow(&shop, &origin).await.expect("allowed");
    change.allow(&shop, &origin).await.expect("allowed twice");
    change.refuse(&shop, &origin).await.expect("refused");

    let again = change.refuse(&shop, &origin).await;
    let elsewhere = change.allow(&SiteKey("nowhere".to_owned()), &origin).await;
    change.commit().await.expect("done");

    assert!(
        matches!(again, Err(Error::Unknown { what: "origin", .. })),
        "{again:?}"
    );
    assert!(
        matches!(elsewhere, Err(Error::Unknown { what: "site", .. })),
        "{elsewhere:?}"
    );
    let site = store.site(&shop).await.expect("an answer").expect("a site");
    assert!(site.origins.is_empty());
    assert_eq!(
        store
            .site(&SiteKey("nowhere".to_owned()))
            .await
            .expect("an answer"),
        None
    );
}

#[tokio::test]
async fn user_names_that_differ_by_case_are_one() {
    let place = Place::new();
    let store = place.open().await;
    let mut change = store.change("test", NOW).await.expect("a change");
    change
        .add_user(&user(1, "Anna", Vec::new()), "a hash")
        .await
        .expect("a user");

    let again = change
        .add_user(&user(2, "ANNA", Vec::new()), "a hash")
        .await;

    assert!(
        matches!(again, Err(Error::Taken { what: "user", .. })),
        "{again:?}"
    );
}

#[tokio::test]
async fn the_audit_only_grows_and_shows_what_was_altered() {
    let place = Place::new();
    let store = place.open().await;
    for object in ["one", "two", "three"] {
        store
            .audit("anna", "look", object, NOW)
            .await
            .expect("noted");
    }
    let raw = place.raw().await;

    let altered = sqlx::query("UPDATE audit SET actor = 'boris'")
        .execute(&raw)
        .await;
    let shortened = sqlx::query("DELETE FROM audit").execute(&raw).await;
    let whole = store.audit_broken_at().await.expect("an answer");
    for sql in [
        "DROP TRIGGER audit_is_not_changed",
        "UPDATE audit SET actor = 'boris' WHERE seq = 2",
    ] {
        sqlx::query(sql).execute(&raw).await.expect("by force");
    }

    assert!(altered.is_err() && shortened.is_err());
    assert_eq!(whole, None);
    assert_eq!(store.audit_broken_at().await.expect("an answer"), Some(2));
    assert_eq!(store.audit_rows(2).await.expect("rows").len(), 2);
}

#[tokio::test]
async fn many_writers_at_once_all_get_their_turn() {
    let place = Place::new();
    let (one, two) = (place.open().await, place.open().await);

    let writes = (1..=40).map(|n| {
        let store = if n % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move { store.write(&[stored(&interaction(n, Medium::Chat))]).await })
    });
    let writes: Vec<_> = writes.collect();
    for write in writes {
        write.await.expect("no panic").expect("stored");
    }

    assert_eq!(live(&one).await.len(), 40);
    one.ping().await.expect("it answers");
}
