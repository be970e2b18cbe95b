use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use bellwire_proto::id::SiteKey;
use tempfile::TempDir;

use super::*;
use crate::{auth::Auth, origin::Origin};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

struct Place {
    config: Config,
    _directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let config = Config {
            data_dir: directory.path().join("data"),
            ..Config::default()
        };
        Self {
            config,
            _directory: directory,
        }
    }

    async fn open(&self) -> Store {
        Store::open(&self.config).await.expect("the store opens")
    }

    fn credentials(&self) -> PathBuf {
        self.config.data_dir.join("credentials.json")
    }

    fn read_credentials(&self) -> Vec<Credential> {
        let text = fs::read(self.credentials()).expect("the file is there");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// Starts, and gives what was printed.
    async fn start(&self, store: &Store) -> String {
        let mut out = Vec::new();
        first_start(store, &self.config, NOW, &mut out)
            .await
            .expect("a start");
        String::from_utf8(out).expect("text")
    }
}

#[tokio::test]
async fn the_first_start_makes_a_centre_that_can_work() {
    let place = Place::new();
    let store = place.open().await;

    place.start(&store).await;

    let setup = store.setup().await.expect("a set-up");
    let names: Vec<_> = setup
        .queues
        .iter()
        .map(|queue| queue.name.as_str())
        .collect();
    assert_eq!(names, ["Sales", "Support", "Español"]);
    assert_eq!(setup.queues[2].language.as_deref(), Some("es"));
    assert!(setup.reasons.iter().any(|reason| reason == "No answer"));
    assert_eq!(setup.dispositions, DISPOSITIONS);
    for queue in &setup.queues {
        let fits = |agent: &&bellwire_core::setup::AgentSetup| {
            agent.queues.contains(&queue.id)
                && queue.language.iter().all(|l| agent.languages.contains(l))
                && queue
                    .skills
                    .iter()
                    .all(|(s, least)| agent.skills.get(s) >= Some(least))
        };
        assert!(
            setup.agents.iter().any(|agent| fits(&agent)),
            "{}",
            queue.name
        );
    }
    let takers = setup
        .agents
        .iter()
        .filter(|agent| agent.capacity.calls == 1);
    assert_eq!(takers.count(), 2);
    assert!(store.sites().await.expect("sites").is_empty());
}

#[tokio::test]
async fn the_first_passwords_are_printed_kept_and_let_in() {
    let place = Place::new();
    let store = place.open().await;

    let printed = place.start(&store).await;

    let credentials = place.read_credentials();
    let mode = fs::metadata(place.credentials())
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let names: Vec<_> = credentials.iter().map(|c| c.user.as_str()).collect();
    assert_eq!(names, ["anna", "boris", "sofia", "admin"]);
    for credential in &credentials {
        assert!(printed.contains(&credential.password), "{credential:?}");
    }
    let auth = Auth::new(store, &place.config).await.expect("auth");
    let anna = &credentials[0];
    let home = [192, 0, 2, 1].into();
    let signed_in = auth.sign_in(home, &anna.user, &anna.password, NOW).await;
    assert_eq!(signed_in.expect("let in").user.role, UserRole::Agent);
}

#[tokio::test]
async fn a_later_start_changes_and_prints_nothing() {
    let place = Place::new();
    let store = place.open().await;
    place.start(&store).await;
    let credentials = place.read_credentials();
    let version = store.setup_version().await.expect("a version");

    let printed = place.start(&store).await;

    assert_eq!(printed, "");
    assert_eq!(place.read_credentials(), credentials);
    assert_eq!(store.setup_version().await.expect("a version"), version);
}

#[tokio::test]
async fn a_first_start_that_was_cut_short_keeps_the_passwords_it_wrote() {
    let place = Place::new();
    let store = place.open().await;
    let users = PEOPLE.map(|person| (person.user, person.role));
    credentials::keep(&place.config.data_dir, &users).expect("the file is written");
    let written = place.read_credentials();

    let printed = place.start(&store).await;

    assert_eq!(place.read_credentials(), written);
    assert!(printed.contains(&written[0].password));
}

#[tokio::test]
async fn a_foreign_credentials_file_is_never_overwritten() {
    let place = Place::new();
    let store = place.open().await;
    fs::write(place.credentials(), "[]").expect("written");

    let mut out = Vec::new();
    let refused = first_start(&store, &place.config, NOW, &mut out).await;

    assert!(
        matches!(refused, Err(Error::Credentials { .. })),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(place.credentials()).expect("text"), "[]");
    assert!(store.users().await.expect("users").is_empty());
}

#[tokio::test]
async fn the_demo_site_follows_the_port_and_keeps_what_was_added() {
    let place = Place::new();
    let store = place.open().await;
    place.start(&store).await;
    let shop = Origin::parse("https://shop.example").expect("an origin");
    let on = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let key = demo_site(&store, on(8080), None, NOW)
        .await
        .expect("a site");
    let mut change = store.change("test", NOW).await.expect("a change");
    change.allow(&key, &shop).await.expect("allowed");
    change.commit().await.expect("done");

    demo_site(&store, on(9090), None, NOW)
        .await
        .expect("a site");
    let version = store.setup_version().await.expect("a version");
    demo_site(&store, on(9090), None, NOW)
        .await
        .expect("a site");

    let site = store.site(&SiteKey(DEMO_SITE.to_owned())).await;
    let site = site.expect("an answer").expect("a site");
    let origins: Vec<_> = site.origins.iter().map(Origin::as_str).collect();
    assert_eq!(
        origins,
        [
            "http://127.0.0.1:9090",
            "http://localhost:9090",
            "https://shop.example"
        ]
    );
    assert_eq!(store.setup_version().await.expect("a version"), version);
}

#[tokio::test]
async fn the_demo_site_leads_by_language_and_else_to_support() {
    let place = Place::new();
    let store = place.open().await;
    place.start(&store).await;

    let on = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
    demo_site(&store, on, None, NOW).await.expect("a site");

    let setup = store.setup().await.expect("a set-up");
    let to = |name: &str| {
        let queue = setup.queues.iter().find(|q| q.name == name);
        bellwire_proto::setup::Destination::Queue(queue.expect("a queue").id)
    };
    let entries = &setup.sites[0].entries;
    assert_eq!(entries[0].language.as_deref(), Some("es"));
    assert_eq!(entries[0].to, to("Español"));
    let last = entries.last().expect("an entry");
    assert_eq!(
        (&last.language, &last.topic, &last.to),
        (&None, &None, &to("Support"))
    );
    for (topic, queue) in [
        ("laptops", "Laptops"),
        ("buying", "Sales"),
        ("orders", "Support"),
    ] {
        let entry = entries.iter().find(|e| e.topic.as_deref() == Some(topic));
        assert_eq!(entry.expect("an entry").to, to(queue), "{topic}");
    }
}

#[tokio::test]
async fn the_demo_teaches_laptops_to_the_first_agents() {
    let place = Place::new();
    let store = place.open().await;
    place.start(&store).await;

    let on = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
    demo_site(&store, on, None, NOW).await.expect("a site");

    let setup = store.setup().await.expect("a set-up");
    let laptops = setup
        .queues
        .iter()
        .find(|q| q.name == "Laptops")
        .expect("a queue");
    let takers = setup.agents.iter().filter(|a| {
        a.queues.contains(&laptops.id) && a.skills.get("laptops") >= laptops.skills.get("laptops")
    });
    assert_eq!(takers.count(), 2);
}

#[tokio::test]
async fn nothing_is_wrong_with_what_a_centre_begins_with() {
    let place = Place::new();
    let store = place.open().await;
    place.start(&store).await;
    let bare = store.current().await.expect("a set-up").setup;

    let on = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
    demo_site(&store, on, None, NOW).await.expect("a site");

    // That nobody gets to its queues yet is only strange.
    let bare = bellwire_core::check::check(&bare);
    assert!(bare.iter().all(|finding| !finding.error), "{bare:?}");
    let demo = store.current().await.expect("a set-up").setup;
    assert_eq!(bellwire_core::check::check(&demo), []);
}
