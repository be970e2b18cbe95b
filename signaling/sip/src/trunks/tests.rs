//! Trunks against a registrar on this machine, over the real stack.

mod registrar;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, atomic::AtomicU64},
    time::{SystemTime, UNIX_EPOCH},
};

use rsipstack::{
    EndpointBuilder,
    dialog::dialog_layer::DialogLayer,
    transport::{TransportLayer, udp::UdpConnection},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use self::registrar::{Registrar, Script, header};
use super::*;
use crate::{
    api::Addresses,
    bans::{self, Guard},
    bindings::{self, Bindings},
    digest::Verifier,
    settings::{Login, Secret, Settings},
};

/// An endpoint with nothing but a UDP port and trunks.
struct Bench {
    shared: Arc<Shared>,
    events: UnboundedReceiver<Event>,
}

impl Bench {
    async fn start() -> Self {
        let stop = CancellationToken::new();
        let layer = TransportLayer::new(stop.clone());
        let any = "127.0.0.1:0".parse().unwrap();
        let udp = UdpConnection::create_connection(any, None, Some(stop.child_token()));
        let udp = udp.await.unwrap();
        let address = udp.get_addr().get_socketaddr().unwrap();
        layer.add_transport(udp.into());
        let endpoint = EndpointBuilder::new()
            .with_transport_layer(layer)
            .with_cancel_token(stop.clone())
            .build();
        let stack = Arc::clone(&endpoint.inner);
        tokio::spawn(async move { endpoint.inner.serve().await });
        let (tell, events) = unbounded_channel();
        let shared = Arc::new(Shared {
            settings: Settings::default(),
            addresses: Addresses {
                udp: Some(address),
                ..Addresses::default()
            },
            dialogs: Arc::new(DialogLayer::new(Arc::clone(&stack))),
            stack,
            events: tell,
            clock: Arc::new(|| {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
                u64::try_from(since.as_millis()).unwrap()
            }),
            stop,
            accounts: Mutex::new(BTreeMap::new()),
            bindings: Mutex::new(Bindings::new(bindings::Policy::default())),
            guard: Mutex::new(Guard::new(bans::Policy::default())),
            verifier: Mutex::new(Verifier::new("localhost", [1; 32])),
            elsewhere: crate::shared::Elsewhere::default(),
            places: crate::endpoint::locator::Places::default(),
            legs: Mutex::new(HashMap::new()),
            trunks: Mutex::default(),
            next: AtomicU64::new(1),
            refused: AtomicU64::new(0),
            failed_logins: AtomicU64::new(0),
            refused_logins: Mutex::default(),
        });
        Trunks::start(&shared);
        Self { shared, events }
    }

    /// Waits until the trunk stands so, and gives its status.
    async fn stands(&mut self, so: impl Fn(TrunkState) -> bool) -> TrunkStatus {
        let next = async {
            loop {
                if let Event::Trunk(status) = self.events.recv().await.unwrap()
                    && so(status.state)
                {
                    return status;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), next)
            .await
            .unwrap()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

fn trunk(registrar: &Registrar, password: &str) -> Trunk {
    Trunk {
        id: "north".to_owned(),
        name: "North".to_owned(),
        host: registrar.address.to_string(),
        login: Some(Login {
            user: "34910000001".to_owned(),
            auth_user: String::new(),
            password: Secret::new(password),
            register: true,
        }),
        ..Trunk::default()
    }
}

fn is_registered(state: TrunkState) -> bool {
    matches!(state, TrunkState::Registered { .. })
}

fn seq(request: &rsipstack::sip::Request) -> u32 {
    let value = header(request, "CSeq").unwrap();
    value.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn registers_with_the_strongest_digest_refreshes_and_takes_it_back() {
    let mut registrar = Registrar::start(Script {
        grants_s: 2,
        ..Script::default()
    })
    .await;
    let mut bench = Bench::start().await;

    Trunks::set(&bench.shared, vec![trunk(&registrar, "swordfish")]);

    let status = bench.stands(is_registered).await;
    assert_eq!(status.trouble, None);
    assert_eq!(status.addresses, [registrar.address]);
    let first = registrar.hears("REGISTER").await;
    let second = registrar.hears("REGISTER").await;
    assert_eq!(header(&first, "Authorization"), None);
    let login = header(&second, "Authorization").unwrap();
    assert!(login.contains("algorithm=SHA-256"), "{login}");
    let own = bench
        .shared
        .own_address(crate::settings::Transport::Udp)
        .unwrap();
    assert_eq!(
        header(&second, "Contact").unwrap(),
        format!("<sip:34910000001@{own};transport=udp>")
    );
    let to = header(&second, "To").unwrap();
    assert_eq!(to, "<sip:34910000001@127.0.0.1>");

    // At 80 % of two seconds, under the same Call-ID with a higher CSeq.
    let refresh = registrar.hears("REGISTER").await;
    assert_eq!(header(&refresh, "Call-ID"), header(&first, "Call-ID"));
    assert_eq!((seq(&second), seq(&refresh)), (2, 3));
    bench.stands(is_registered).await;

    registrar.forget();
    Trunks::stop(&bench.shared).await;
    assert_eq!(
        header(&registrar.hears("REGISTER").await, "Expires").unwrap(),
        "0"
    );
    let last = registrar.hears("REGISTER").await;
    assert_eq!(header(&last, "Expires").unwrap(), "0");
    assert!(header(&last, "Authorization").is_some());
}

#[tokio::test]
async fn a_wrong_password_is_told_in_words_and_not_tried_again_at_once() {
    let mut registrar = Registrar::start(Script::default()).await;
    let mut bench = Bench::start().await;

    Trunks::set(&bench.shared, vec![trunk(&registrar, "hunter2")]);

    let status = bench.stands(|state| state == TrunkState::Refuses).await;
    let (why, _) = status.trouble.unwrap();
    let host = registrar.address;
    assert_eq!(
        why,
        format!(
            "{host} refuses the password of 34910000001 (401). Check user and password at the carrier."
        )
    );
    registrar.hears("REGISTER").await;
    registrar.hears("REGISTER").await;
    assert!(
        tokio::time::timeout(Duration::from_secs(1), registrar.hears("REGISTER"))
            .await
            .is_err()
    );

    // Put right, it registers at once.
    Trunks::set(&bench.shared, vec![trunk(&registrar, "swordfish")]);
    let status = bench.stands(is_registered).await;
    assert_eq!(status.trouble, None);
}

#[tokio::test]
async fn a_stale_nonce_and_a_longer_time_are_taken_in_the_same_attempt() {
    let registrar = Registrar::start(Script {
        min_s: 1800,
        grants_s: 1800,
        stale_once: true,
        ..Script::default()
    })
    .await;
    let mut bench = Bench::start().await;
    let before = bench.shared.now_ms();

    Trunks::set(&bench.shared, vec![trunk(&registrar, "swordfish")]);

    let status = bench.stands(|_| true).await;
    let TrunkState::Registered { until_ms } = status.state else {
        panic!("{status:?}");
    };
    assert!(until_ms >= before + 1_800_000);
}

#[tokio::test]
async fn silence_is_told_and_ends_when_it_answers() {
    let registrar = Registrar::start(Script {
        deaf: true,
        ..Script::default()
    })
    .await;
    let mut bench = Bench::start().await;

    let quiet = Trunk {
        options_every_s: 1,
        ..trunk(&registrar, "swordfish")
    };
    Trunks::set(&bench.shared, vec![quiet]);

    let status = bench.stands(|state| state == TrunkState::Silent).await;
    let (why, _) = status.trouble.unwrap();
    assert!(why.contains("does not answer REGISTER over UDP"), "{why}");
    lock(&registrar.script).deaf = false;
    // OPTIONS find out, and a registration follows.
    bench.stands(is_registered).await;
}

#[tokio::test]
async fn a_trunk_without_login_is_asked_and_known_by_its_address() {
    let mut registrar = Registrar::start(Script::default()).await;
    let mut bench = Bench::start().await;
    let plain = Trunk {
        login: None,
        options_every_s: 1,
        most_calls: 1,
        ..trunk(&registrar, "")
    };

    Trunks::set(&bench.shared, vec![plain.clone()]);

    bench.stands(|state| state == TrunkState::Answers).await;
    registrar.hears("OPTIONS").await;
    registrar.hears("OPTIONS").await;
    let there = registrar.address.ip();
    assert_eq!(
        Trunks::of_source(&bench.shared, there).as_deref(),
        Some("north")
    );
    assert_eq!(
        Trunks::of_source(&bench.shared, [127, 0, 0, 9].into()),
        None
    );
    let named = Trunk {
        from_addresses: vec!["127.0.0.9".to_owned()],
        ..plain.clone()
    };
    Trunks::set(&bench.shared, vec![named]);
    // It has named where its calls come from: only they are its.
    assert_eq!(Trunks::of_source(&bench.shared, there), None);
    assert!(Trunks::of_source(&bench.shared, [127, 0, 0, 9].into()).is_some());

    let place = Trunks::destination(&bench.shared, &plain).await.unwrap();
    assert_eq!(place.get_socketaddr().unwrap(), registrar.address);
    let call = Trunks::take(&bench.shared, "north").unwrap();
    assert!(Trunks::take(&bench.shared, "north").is_none());
    drop(call);
    assert!(Trunks::take(&bench.shared, "north").is_some());
    assert!(Trunks::take(&bench.shared, "south").is_none());
}

#[tokio::test]
async fn a_trunk_that_is_gone_or_changed_is_taken_back_first() {
    let mut registrar = Registrar::start(Script::default()).await;
    let mut bench = Bench::start().await;
    let mut changing = trunk(&registrar, "swordfish");
    Trunks::set(&bench.shared, vec![changing.clone()]);
    bench.stands(is_registered).await;
    registrar.forget();

    changing.login.as_mut().unwrap().auth_user = "north".to_owned();
    Trunks::set(&bench.shared, vec![changing]);

    bench.stands(is_registered).await;
    // Each is asked for its password first. The end of the old one must not take back the new one.
    for expected in ["0", "0", "600", "600"] {
        let expires = header(&registrar.hears("REGISTER").await, "Expires");
        assert_eq!(expires.as_deref(), Some(expected));
    }

    Trunks::set(&bench.shared, Vec::new());
    let expires = header(&registrar.hears("REGISTER").await, "Expires");
    assert_eq!(expires.as_deref(), Some("0"));
    assert_eq!(Trunks::status(&bench.shared), []);
}

#[tokio::test]
async fn a_call_to_a_host_that_is_nowhere_makes_the_trunk_silent() {
    let mut bench = Bench::start().await;
    let nowhere = Trunk {
        id: "north".to_owned(),
        host: "127.0.0.1:1".to_owned(),
        transport: crate::settings::Transport::Tcp,
        ..Trunk::default()
    };
    Trunks::set(&bench.shared, vec![nowhere.clone()]);

    let result = Trunks::destination(&bench.shared, &nowhere).await;

    assert_eq!(result.unwrap_err(), Cause::Unreachable);
    let status = bench.stands(|state| state == TrunkState::Silent).await;
    let (why, _) = status.trouble.unwrap();
    assert!(why.contains("takes no connection over TCP"), "{why}");
    Trunks::worked(&bench.shared, "north");
    let status = bench.stands(|state| state == TrunkState::Answers).await;
    assert_eq!(status.trouble, None);
}
