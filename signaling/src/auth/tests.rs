use std::net::Ipv4Addr;

use bellwire_proto::{
    id::AgentId,
    setup::{Capacity, User, UserRole},
};
use tempfile::TempDir;

use super::*;

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

struct Door {
    auth: Auth,
    store: Store,
    _place: TempDir,
}

/// A centre with one user, `anna`, and room for three wrong passwords.
async fn door() -> Door {
    let place = tempfile::tempdir().expect("a directory");
    let mut config = Config {
        data_dir: place.path().join("data"),
        ..Config::default()
    };
    config.limits.login_attempts = 3;
    let store = Store::open(&config).await.expect("the store opens");
    let hash = hash("open sesame".to_owned()).await.expect("a hash");
    let mut change = store.change("test", NOW).await.expect("a change");
    let anna = User {
        id: AgentId::new(NOW, 1),
        user: "Anna".to_owned(),
        name: "Anna Berg".to_owned(),
        role: UserRole::Agent,
        skills: Default::default(),
        languages: Vec::new(),
        queues: Vec::new(),
        capacity: Capacity { calls: 1, chats: 3 },
        number: None,
    };
    change.add_user(&anna, &hash).await.expect("a user");
    change.commit().await.expect("the change is done");
    let auth = Auth::new(store.clone(), &config).await.expect("auth");
    Door {
        auth,
        store,
        _place: place,
    }
}

impl Door {
    async fn sign_in(&self, user: &str, password: &str) -> Result<SignedIn, SignInError> {
        self.auth.sign_in(HOME, user, password, NOW).await
    }

    async fn login(&self) -> (String, Login) {
        let signed_in = self.sign_in("anna", "open sesame").await.expect("let in");
        let login = self
            .auth
            .who(&signed_in.token, NOW)
            .await
            .expect("an answer");
        (signed_in.token, login.expect("signed in"))
    }
}

#[tokio::test]
async fn the_right_password_lets_in_whatever_the_names_case() {
    let door = door().await;

    let signed_in = door.sign_in("ANNA", "open sesame").await.expect("let in");

    let login = door
        .auth
        .who(&signed_in.token, NOW)
        .await
        .expect("an answer");
    assert_eq!(login.map(|login| login.user), Some(signed_in.user.clone()));
    assert_eq!(signed_in.user.name, "Anna Berg");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let door = door().await;

    let wrong = door
        .sign_in("anna", "open barley")
        .await
        .expect_err("refused");
    let unknown = door
        .sign_in("nobody", "open sesame")
        .await
        .expect_err("refused");
    let long = door
        .sign_in("anna", &"x".repeat(5000))
        .await
        .expect_err("refused");

    for error in [wrong, unknown, long] {
        assert!(matches!(error, SignInError::Wrong), "{error:?}");
    }
}

#[tokio::test]
async fn after_some_wrong_passwords_even_the_right_one_waits() {
    let door = door().await;
    for _ in 0..3 {
        let wrong = door.sign_in("anna", "guess").await;
        assert!(matches!(wrong, Err(SignInError::Wrong)), "{wrong:?}");
    }

    let waits = door.sign_in("anna", "open sesame").await;
    let later = NOW + Duration::from_secs(600);
    let let_in = door.auth.sign_in(HOME, "anna", "open sesame", later).await;

    assert!(
        matches!(waits, Err(SignInError::TooMany { .. })),
        "{waits:?}"
    );
    assert!(let_in.is_ok(), "{let_in:?}");
}

#[tokio::test]
async fn a_login_ends_after_twelve_hours_without_use() {
    let door = door().await;
    let (token, login) = door.login().await;
    let hours = |n: u64| NOW + Duration::from_secs(n * 3600);

    let used = door.auth.still_signed_in(&login.id, hours(11)).await;
    let kept = door.auth.who(&token, hours(22)).await.expect("an answer");
    let idle = door.auth.who(&token, hours(35)).await.expect("an answer");

    assert!(matches!(used, Ok(true)), "{used:?}");
    assert_eq!(kept, Some(login));
    assert_eq!(idle, None);
}

#[tokio::test]
async fn signing_out_ends_the_login_at_once() {
    let door = door().await;
    let (token, login) = door.login().await;

    let out = door.auth.sign_out(&token, NOW).await.expect("an answer");

    assert_eq!(out, Some(login));
    assert_eq!(door.auth.who(&token, NOW).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_new_password_ends_every_login() {
    let door = door().await;
    let (token, _) = door.login().await;
    let fresh = hash("another".to_owned()).await.expect("a hash");

    let mut change = door.store.change("test", NOW).await.expect("a change");
    change.set_password("anna", &fresh).await.expect("set");
    change.commit().await.expect("done");

    assert_eq!(door.auth.who(&token, NOW).await.expect("an answer"), None);
    assert!(door.sign_in("anna", "another").await.is_ok());
}

#[tokio::test]
async fn a_ticket_opens_once_and_for_half_a_minute() {
    let door = door().await;
    let (_, login) = door.login().await;
    let first = door.auth.ticket(&login, NOW).expect("a ticket");
    let late = door.auth.ticket(&login, NOW).expect("a ticket");
    let half_a_minute = NOW + Duration::from_secs(30);

    assert_eq!(door.auth.redeem(&first, NOW), Some(login));
    assert_eq!(door.auth.redeem(&first, NOW), None);
    assert_eq!(door.auth.redeem(&late, half_a_minute), None);
    assert_eq!(door.auth.redeem("made up", NOW), None);
}

#[tokio::test]
async fn a_visitors_token_is_good_for_its_site_and_session_only() {
    let door = door().await;
    let (shop, blog) = (SiteKey("shop".to_owned()), SiteKey("blog".to_owned()));
    let session = SessionId::new(NOW, 1);
    let other = SessionId::new(NOW, 2);

    let token = door.auth.visitor_token(&shop, session);
    let (_, seal) = token.split_once('.').expect("two parts");

    let verify = |site, token: &str| door.auth.verify_visitor_token(site, token);
    assert_eq!(verify(&shop, &token), Some(session));
    assert_eq!(verify(&blog, &token), None);
    assert_eq!(verify(&shop, &format!("{other}.{seal}")), None);
    assert_eq!(verify(&shop, &format!("{session}.")), None);
    assert_eq!(verify(&shop, &token[..token.len() - 2]), None);
    assert_eq!(verify(&shop, ""), None);
}
