//! The set-up as documents: what an older version left, changes, and taking them back.

use bellwire::store::{Doc, Error, Store};
use bellwire_proto::{
    admin::Kind,
    id::{FormId, QueueId},
    setup::{Destination, Queue},
};
use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{NOW, Place, agent, closed, interaction, queue, reasons, stored, user};
use bellwire_proto::interaction::Medium;

/// A data directory as the first version left it.
const OLD: &str = concat!(
    include_str!("../../migrations/common/0001_centre.sql"),
    include_str!("../../migrations/sqlite/0001_centre.sql"),
);

/// What stood in it: `A` is an agent's id, `Q` a queue's, `S` a session's, `I` an interaction's.
const ROWS: &str = "
INSERT INTO meta (name, value) VALUES
    ('setup_version', '7'), ('server_secret', 'c2VjcmV0'), ('db_epoch', 'old');
INSERT INTO centres (id, created) VALUES ('centre', 1);
INSERT INTO queues (id, centre, position, name, media, language, priority) VALUES
    ('QA', 'centre', 1, 'Support', '[\"chat\"]', NULL, 0),
    ('QB', 'centre', 0, 'Español', '[\"call\",\"chat\"]', 'es', 3);
INSERT INTO queue_skills (queue, skill, level) VALUES ('QA', 'support', 2), ('QB', 'ventas', 1);
INSERT INTO sites (key, centre, name, created) VALUES ('shop', 'centre', 'The \"Shop\"', 1);
INSERT INTO site_origins (site, origin) VALUES
    ('shop', 'https://shop.example'), ('shop', 'http://127.0.0.1:8080');
INSERT INTO entries (site, position, language, queue) VALUES
    ('shop', 1, NULL, 'QA'), ('shop', 0, 'es', 'QB');
INSERT INTO users
    (id, centre, login, name, role, password_hash, calls, chats, created) VALUES
    ('AA', 'centre', 'anna', 'Anna Berg', 'agent', 'a hash', 1, 3, 1),
    ('AB', 'centre', 'admin', 'Administrator', 'administrator', 'another', 0, 0, 2);
INSERT INTO agent_skills (agent, skill, level) VALUES ('AA', 'support', 7);
INSERT INTO agent_languages (agent, position, language) VALUES
    ('AA', 1, 'en'), ('AA', 0, 'es');
INSERT INTO agent_queues (agent, queue) VALUES ('AA', 'QA'), ('AA', 'QB');
INSERT INTO reasons (centre, position, name) VALUES
    ('centre', 1, 'Lunch'), ('centre', 0, 'Break');
INSERT INTO dispositions (centre, position, name) VALUES ('centre', 0, 'Solved');
INSERT INTO journey_events (session, at, n, kind) VALUES
    ('S', 5, 1, '{\"clicked\":{\"mark\":\"buy\"}}');
INSERT INTO decisions (interaction, epoch, agent, at, because) VALUES ('I', 1, 'AA', 5, 'free');
INSERT INTO logins (token, user_id, created, last_seen) VALUES ('t', 'AA', 1, 1);
INSERT INTO audit (seq, at, actor, action, object, hash) VALUES (1, 1, 'a', 'b', 'c', 'd');
";

async fn old_place() -> Place {
    let place = Place::new();
    std::fs::create_dir(&place.config.data_dir).expect("a directory");
    let file = place.config.data_dir.join("bellwire.db");
    std::fs::File::create(file).expect("a file");
    let raw = place.raw().await;
    let kind = MigrationType::Simple;
    let first = Migration::new(1, "centre".into(), kind, OLD.into_sql_str(), false);
    Migrator::with_migrations(vec![first])
        .run(&raw)
        .await
        .expect("the old schema");
    let centre = &place.config.centre.0;
    let mut rows = ROWS.replace("'centre'", &format!("'{centre}'"));
    let ids = [
        ("'AA'", agent(1).to_string()),
        ("'AB'", agent(2).to_string()),
        ("'QA'", QueueId::new(NOW, 1).to_string()),
        ("'QB'", QueueId::new(NOW, 2).to_string()),
        ("'S'", interaction(1, Medium::Chat).session.to_string()),
        ("'I'", interaction(1, Medium::Chat).interaction.to_string()),
    ];
    for (short, id) in ids {
        rows = rows.replace(short, &format!("'{id}'"));
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(rows))
        .execute(&raw)
        .await
        .expect("the old rows");
    raw.close().await;
    place
}

#[tokio::test]
async fn what_an_older_version_set_up_is_still_set_up() {
    let place = old_place().await;

    let store = place.open().await;

    let current = store.current().await.expect("a set-up");
    assert_eq!(current.version, 7);
    let setup = current.setup;
    let (support, spanish) = (QueueId::new(NOW, 1), QueueId::new(NOW, 2));
    let names: Vec<_> = setup.queues.iter().map(|q| q.name.as_str()).collect();
    assert_eq!(names, ["Español", "Support"]);
    assert_eq!(setup.queues[0].language.as_deref(), Some("es"));
    assert_eq!(setup.queues[0].priority, 3);
    assert_eq!(setup.queues[1].media, [Medium::Chat]);
    assert_eq!(setup.queues[1].skills["support"].0, 2);
    let site = &setup.sites[0];
    assert_eq!(
        (site.key.0.as_str(), site.name.as_str()),
        ("shop", "The \"Shop\"")
    );
    assert_eq!(
        site.origins,
        ["http://127.0.0.1:8080", "https://shop.example"]
    );
    assert_eq!(site.entries[0].language.as_deref(), Some("es"));
    assert_eq!(site.entries[0].to, Destination::Queue(spanish));
    assert_eq!(site.entries[1].to, Destination::Queue(support));
    let anna = &setup.users[0];
    assert_eq!((anna.id, anna.user.as_str()), (agent(1), "anna"));
    assert_eq!(anna.languages, ["es", "en"]);
    assert_eq!(anna.queues, [spanish, support]);
    assert_eq!(anna.skills["support"].0, 7);
    assert_eq!((anna.capacity.calls, anna.capacity.chats), (1, 3));
    assert_eq!(setup.skills, ["support", "ventas"]);
    assert_eq!(setup.reasons, ["Break", "Lunch"]);
    assert_eq!(setup.dispositions, ["Solved"]);
    let users = store.users().await.expect("users");
    let names: Vec<_> = users.iter().map(|user| user.user.as_str()).collect();
    assert_eq!(names, ["admin", "anna"]);
    assert_eq!(store.recent_journeys(10).await.expect("journeys").len(), 1);
    let mut change = store.change("test", NOW).await.expect("a change");
    change.put(&reasons(&["Break"])).await.expect("put");
    assert_eq!(change.commit().await.expect("done"), 8);
}

async fn put(store: &Store, queue: &Queue) -> i64 {
    let mut change = store.change("anna", NOW).await.expect("a change");
    let doc = Doc::of(queue).expect("a document");
    change.put(&doc).await.expect("put");
    change.commit().await.expect("done")
}

async fn undo(store: &Store) -> i64 {
    let mut change = store.change("boris", NOW).await.expect("a change");
    assert!(change.take_back().await.expect("an answer"));
    change.commit().await.expect("done")
}

#[tokio::test]
async fn a_change_taken_back_twice_is_made_again() {
    let place = Place::new();
    let store = place.open().await;
    let sales = queue("Sales");
    let urgent = Queue {
        priority: 9,
        ..sales.clone()
    };
    put(&store, &sales).await;
    put(&store, &urgent).await;

    undo(&store).await;
    let back = store.current().await.expect("a set-up");
    undo(&store).await;
    let again = store.current().await.expect("a set-up");

    assert_eq!(back.setup.queues, [sales]);
    assert_eq!(again.setup.queues, [urgent]);
    let history = store.changes(None, 3).await.expect("changes");
    let told: Vec<_> = (history.changes.iter())
        .map(|change| (change.version, change.by.as_str(), change.what.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (5, "boris", "made again: changed queue Sales: priority"),
            (4, "boris", "took back: changed queue Sales: priority"),
            (3, "anna", "changed queue Sales: priority"),
        ]
    );
    assert_eq!((history.before, history.can_undo), (Some(3), true));
    let older = store.changes(history.before, 3).await.expect("changes");
    assert_eq!((older.changes.len(), older.before), (1, None));
}

#[tokio::test]
async fn a_user_brought_back_has_the_password_they_had() {
    let place = Place::new();
    let store = place.open().await;
    let anna = user(1, "Anna", Vec::new());
    let mut change = store.change("test", NOW).await.expect("a change");
    change.add_user(&anna, "a hash").await.expect("added");
    change.commit().await.expect("done");
    let mut change = store.change("test", NOW).await.expect("a change");
    let id = anna.id.to_string();
    change.remove(Kind::User, &id).await.expect("removed");
    change.commit().await.expect("done");
    assert!(store.users().await.expect("users").is_empty());
    let mut change = store.change("test", NOW).await.expect("a change");
    let other = user(2, "anna", Vec::new());
    change
        .add_user(&other, "x")
        .await
        .expect("the name is free");
    drop(change);

    undo(&store).await;

    assert_eq!(store.users().await.expect("users")[0].id, anna.id);
    assert_eq!(store.current().await.expect("a set-up").setup.users, [anna]);
    let raw = place.raw().await;
    let hash: String = sqlx::query_scalar("SELECT password_hash FROM users")
        .fetch_one(&raw)
        .await
        .expect("a row");
    assert_eq!(hash, "a hash");
}

#[tokio::test]
async fn nothing_changes_where_nothing_differs() {
    let place = Place::new();
    let store = place.open().await;
    let version = put(&store, &queue("Sales")).await;

    let again = put(&store, &queue("Sales")).await;

    assert_eq!(version, again);
    assert_eq!(
        store.changes(None, 9).await.expect("changes").changes.len(),
        1
    );
    assert_eq!(store.audit_rows(9).await.expect("rows").len(), 1);
}

#[tokio::test]
async fn what_is_not_there_is_not_removed_and_no_new_user_lacks_a_password() {
    let place = Place::new();
    let store = place.open().await;
    let mut change = store.change("test", NOW).await.expect("a change");

    let form = FormId::new(NOW, 1).to_string();
    let removed = change.remove(Kind::Form, &form).await;
    let anna = Doc::of(&user(1, "anna", Vec::new())).expect("a document");
    let added = change.put(&anna).await;

    assert!(matches!(removed, Err(Error::Unknown { what: "form", .. })));
    assert!(matches!(added, Err(Error::NoPassword { .. })));
}

#[tokio::test]
async fn every_change_is_in_the_audit() {
    let place = Place::new();
    let store = place.open().await;
    put(&store, &queue("Sales")).await;
    undo(&store).await;

    let rows = store.audit_rows(9).await.expect("rows");

    let told: Vec<_> = (rows.iter())
        .map(|row| (row.actor.as_str(), row.action.as_str(), row.object.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("boris", "queue.remove", "Sales"),
            ("anna", "queue.add", "Sales")
        ]
    );
    assert_eq!(store.audit_broken_at().await.expect("an answer"), None);
}

#[tokio::test]
async fn history_tells_names_that_are_gone() {
    let place = Place::new();
    let store = place.open().await;
    let gone = closed(&interaction(1, Medium::Chat), NOW);
    store.write(&[stored(&gone)]).await.expect("stored");

    let contacts = store.contacts(None, 9).await.expect("contacts");

    assert_eq!(contacts.contacts[0].queue, "a queue that is gone");
    assert_eq!(contacts.contacts[0].agent, "an agent who is gone");
}
