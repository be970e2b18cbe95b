//! The vectors of the RFCs, and every way in that is none.

use std::net::Ipv4Addr;

use super::*;
use crate::hostile;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 4));
const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
const URI: &str = "sip:example.com";

fn verifier() -> Verifier {
    Verifier::new("example.com", [7; 32])
}

/// What a phone would write.
struct Login<'a> {
    algorithm: &'a str,
    user: &'a str,
    password: &'a str,
    nonce: String,
    nc: u32,
    uri: &'a str,
}

impl Login<'_> {
    fn with(nonce: String) -> Self {
        Login {
            algorithm: "SHA-256",
            user: "1001",
            password: "swordfish",
            nonce,
            nc: 1,
            uri: URI,
        }
    }

    fn value(&self) -> String {
        let (algorithm, session) = match self.algorithm {
            "MD5" => (Algorithm::Md5, false),
            "MD5-sess" => (Algorithm::Md5, true),
            "SHA-256-sess" => (Algorithm::Sha256, true),
            _ => (Algorithm::Sha256, false),
        };
        let nc = format!("{:08x}", self.nc);
        let response = Parts {
            algorithm,
            session,
            user: self.user,
            realm: "example.com",
            password: self.password,
            method: "REGISTER",
            uri: self.uri,
            nonce: &self.nonce,
            cnonce: "c0ffee",
            nc: &nc,
        }
        .response();
        format!(
            "Digest username=\"{}\", realm=\"example.com\", nonce=\"{}\", uri=\"{}\", \
             response=\"{response}\", algorithm={}, cnonce=\"c0ffee\", qop=auth, nc={nc}",
            self.user, self.nonce, self.uri, self.algorithm,
        )
    }
}

fn nonce(verifier: &mut Verifier, source: IpAddr, now_ms: u64) -> String {
    let challenges = verifier.challenges("1001", source, false, now_ms);
    challenges[0]
        .split("nonce=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

fn judge(verifier: &mut Verifier, value: &str, source: IpAddr, now_ms: u64) -> Verdict {
    let secret = Secret::new("swordfish");
    let attempt = Attempt {
        method: "REGISTER",
        uri: URI,
        credentials: &[value],
        source,
    };
    verifier.verify(&attempt, now_ms, |user| (user == "1001").then_some(&secret))
}

fn guessed(user: &str) -> Verdict {
    let guessed = Some(user.to_owned());
    Verdict::Refused { guessed }
}

fn passed() -> Verdict {
    Verdict::Passed {
        user: "1001".to_owned(),
    }
}

#[test]
fn responses_are_those_of_the_rfcs() {
    let rfc_7616 = Parts {
        algorithm: Algorithm::Sha256,
        session: false,
        user: "Mufasa",
        realm: "http-auth@example.org",
        password: "Circle of Life",
        method: "GET",
        uri: "/dir/index.html",
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        nc: "00000001",
    };
    // draft-smith-sipping-auth-examples-01.
    let sip = Parts {
        algorithm: Algorithm::Md5,
        session: false,
        user: "bob",
        realm: "biloxi.com",
        password: "zanzibar",
        method: "INVITE",
        uri: "sip:bob@biloxi.com",
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        cnonce: "0a4f113b",
        nc: "00000001",
    };
    let cases = [
        (
            rfc_7616,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
        (
            Parts {
                algorithm: Algorithm::Md5,
                ..rfc_7616
            },
            "8ca523f5e9506fed4657c9700eebdbec",
        ),
        (sip, "89eb0059246c02b2f6ee02c7961d5ea3"),
        (
            Parts {
                session: true,
                ..sip
            },
            "e4e4ea61d186d07a92c9e1f6919902e9",
        ),
        // Computed with Python's hashlib.
        (
            Parts {
                session: true,
                algorithm: Algorithm::Sha256,
                ..sip
            },
            "5da59c9ca40954be9d5063a15a174066c8251be2c10cf47c144c366dc7daf792",
        ),
    ];

    for (parts, response) in cases {
        assert_eq!(parts.response(), response, "{parts:?}");
    }
}

#[test]
fn sha_256_is_asked_for_before_md5() {
    let challenges = verifier().challenges("1001", HERE, true, 0);

    assert_eq!(challenges.len(), 2);
    assert!(challenges[0].starts_with("Digest realm=\"example.com\", nonce=\""));
    assert!(challenges[0].ends_with("algorithm=SHA-256, qop=\"auth\", stale=true"));
    assert!(challenges[1].ends_with("algorithm=MD5, qop=\"auth\", stale=true"));
}

#[test]
fn what_is_not_asked_for_is_not_taken() {
    let mut verifier = verifier().asking_for(&[Algorithm::Sha256]);
    let challenges = verifier.challenges("1001", HERE, false, 0);
    let md5 = Login {
        algorithm: "MD5",
        ..Login::with(nonce(&mut verifier, HERE, 0))
    }
    .value();

    assert_eq!(challenges.len(), 1);
    assert_eq!(judge(&mut verifier, &md5, HERE, 0), Verdict::Challenge);
}

#[test]
fn the_right_password_passes_with_every_algorithm() {
    for algorithm in ["SHA-256", "SHA-256-sess", "MD5", "MD5-sess"] {
        let mut verifier = verifier();
        let login = Login {
            algorithm,
            ..Login::with(nonce(&mut verifier, HERE, 0))
        };

        assert_eq!(
            judge(&mut verifier, &login.value(), HERE, 100),
            passed(),
            "{algorithm}"
        );
    }
}

#[test]
fn a_nonce_is_good_for_many_requests_and_each_count_for_one() {
    let mut verifier = verifier();
    let nonce = nonce(&mut verifier, HERE, 0);

    for nc in (1..300).chain([1000, 998, 999, 0xffff_ffff]) {
        let value = Login {
            nc,
            ..Login::with(nonce.clone())
        }
        .value();
        assert_eq!(judge(&mut verifier, &value, HERE, 100), passed(), "{nc}");
        assert_eq!(
            judge(&mut verifier, &value, HERE, 100),
            Verdict::Stale,
            "{nc} again"
        );
    }
    // Too far behind to be told from a repetition.
    let value = Login {
        nc: 500,
        ..Login::with(nonce)
    }
    .value();
    assert_eq!(judge(&mut verifier, &value, HERE, 100), Verdict::Stale);
}

#[test]
fn a_wrong_password_is_answered_like_an_unknown_user() {
    let mut verifier = verifier();
    let wrong = Login {
        password: "guess",
        ..Login::with(nonce(&mut verifier, HERE, 0))
    };
    let unknown = Login {
        user: "nobody",
        ..Login::with(nonce(&mut verifier, HERE, 0))
    };
    let empty = Login {
        user: "nobody",
        password: "",
        ..Login::with(nonce(&mut verifier, HERE, 0))
    };

    for login in [wrong, unknown, empty] {
        assert_eq!(
            judge(&mut verifier, &login.value(), HERE, 100),
            guessed(login.user)
        );
    }
}

#[test]
fn a_wrong_password_does_not_use_up_a_count() {
    let mut verifier = verifier();
    let nonce = nonce(&mut verifier, HERE, 0);
    let wrong = Login {
        password: "guess",
        ..Login::with(nonce.clone())
    };

    assert_eq!(
        judge(&mut verifier, &wrong.value(), HERE, 0),
        guessed(wrong.user)
    );
    assert_eq!(
        judge(&mut verifier, &Login::with(nonce).value(), HERE, 0),
        passed()
    );
}

#[test]
fn a_nonce_that_is_not_ours_says_nothing_about_the_password() {
    let mut verifier = verifier();
    let ours = nonce(&mut verifier, HERE, 0);
    let mut forged = ours.clone();
    forged.replace_range(..4, "0001");
    let cases = [
        ("made up", "f00d".to_owned(), HERE, 0),
        ("forged", forged, HERE, 0),
        ("another's", ours.clone(), THERE, 0),
        ("too old", ours, HERE, 5 * 60 * 1000),
        (
            "of another run",
            nonce(&mut Verifier::new("example.com", [8; 32]), HERE, 0),
            HERE,
            0,
        ),
        ("not ASCII", "é".repeat(32), HERE, 0),
    ];

    for (what, nonce, source, now_ms) in cases {
        for password in ["swordfish", "guess"] {
            let value = Login {
                password,
                ..Login::with(nonce.clone())
            }
            .value();
            assert_eq!(
                judge(&mut verifier, &value, source, now_ms),
                Verdict::Stale,
                "{what}"
            );
        }
    }
}

#[test]
fn a_login_for_another_request_does_not_pass() {
    let mut verifier = verifier();
    let value = Login::with(nonce(&mut verifier, HERE, 0)).value();
    let secret = Secret::new("swordfish");
    let mut judge = |method, uri| {
        let attempt = Attempt {
            method,
            uri,
            credentials: &[&value],
            source: HERE,
        };
        verifier.verify(&attempt, 0, |_| Some(&secret))
    };

    // Of another method it is another digest.
    assert!(matches!(judge("INVITE", URI), Verdict::Refused { .. }));
    let other = Verdict::Refused { guessed: None };
    assert_eq!(judge("REGISTER", "sip:elsewhere.com"), other);
    assert_eq!(judge("REGISTER", "sip:1002@example.com"), other);
    assert_eq!(
        judge("REGISTER", "SIP:Example.com:5060;transport=udp"),
        passed()
    );
}

#[test]
fn a_login_for_a_number_with_escapes_passes_however_the_number_is_escaped() {
    let mut verifier = verifier();
    let secret = Secret::new("swordfish");
    let uri = "sip:*21%23@example.com";

    for asked in [
        uri,
        "sip:*21%2523@example.com",
        "sip:*21%23@example.com;user=phone",
    ] {
        let value = Login {
            uri,
            ..Login::with(nonce(&mut verifier, HERE, 0))
        }
        .value();
        let attempt = Attempt {
            method: "REGISTER",
            uri: asked,
            credentials: &[&value],
            source: HERE,
        };
        assert_eq!(
            verifier.verify(&attempt, 0, |_| Some(&secret)),
            passed(),
            "{asked}"
        );
    }
}

#[test]
fn a_phone_may_write_its_realm_behind_its_user() {
    let mut verifier = verifier();
    let login = Login {
        user: "1001@example.com",
        ..Login::with(nonce(&mut verifier, HERE, 0))
    };

    assert_eq!(judge(&mut verifier, &login.value(), HERE, 0), passed());
}

#[test]
fn among_several_logins_the_strongest_for_our_realm_counts() {
    let mut verifier = verifier();
    let nonce = nonce(&mut verifier, HERE, 0);
    let md5 = Login {
        algorithm: "MD5",
        ..Login::with(nonce.clone())
    }
    .value();
    let sha = Login {
        password: "guess",
        ..Login::with(nonce)
    }
    .value();
    let secret = Secret::new("swordfish");
    let others = [
        "Basic x",
        "Digest realm=\"other\", nonce=\"x\"",
        "Bearer",
        "",
    ];
    let mut judge = |credentials: &[&str]| {
        let attempt = Attempt {
            method: "REGISTER",
            uri: URI,
            credentials,
            source: HERE,
        };
        verifier.verify(&attempt, 0, |_| Some(&secret))
    };

    assert_eq!(judge(&others), Verdict::Challenge);
    assert_eq!(judge(&[]), Verdict::Challenge);
    assert!(matches!(
        judge(&[&md5, &sha]),
        Verdict::Refused { guessed: Some(_) }
    ));
    assert_eq!(judge(&[others[1], &md5]), passed());
}

#[test]
fn what_cannot_be_judged_is_malformed() {
    let mut verifier = verifier();
    let good = Login::with(nonce(&mut verifier, HERE, 0)).value();
    let cases = [
        (
            good.replace("nc=00000001", "nc=1"),
            Unreadable::Missing("nc"),
        ),
        (
            good.replace("nc=00000001", "nc=00000000"),
            Unreadable::Missing("nc"),
        ),
        (
            good.replace("nc=00000001", "nc=+0000001"),
            Unreadable::Missing("nc"),
        ),
        (
            good.replace("nc=00000001", "nc=\"0000000\u{e9}\""),
            Unreadable::Missing("nc"),
        ),
        (good.replace(", qop=auth", ""), Unreadable::Missing("qop")),
        (
            good.replace("qop=auth", "qop=auth-int"),
            Unreadable::Missing("qop"),
        ),
        (
            good.replace("cnonce=\"c0ffee\"", "cnonce=\"\""),
            Unreadable::Missing("cnonce"),
        ),
        (
            good.replace("username=", "user="),
            Unreadable::Missing("username"),
        ),
        (format!("{good}, uri=\"sip:x\""), Unreadable::Twice),
        (format!("{good}, x=\"open"), Unreadable::Grammar),
        (format!("{good} junk"), Unreadable::Grammar),
        (format!("{good}, x=\"a\r\nb\""), Unreadable::Grammar),
        (
            format!("{good}, x={}", "a".repeat(5000)),
            Unreadable::TooLong,
        ),
        (
            (0..40).fold(good.clone(), |text, at| format!("{text}, x{at}=1")),
            Unreadable::TooLong,
        ),
    ];

    for (value, why) in cases {
        assert_eq!(
            judge(&mut verifier, &value, HERE, 0),
            Verdict::Malformed(why),
            "{value}"
        );
    }
}

#[test]
fn what_phones_write_unusually_is_understood() {
    let mut verifier = verifier();
    let mut judge_as = |change: &dyn Fn(String) -> String| {
        let value = change(Login::with(nonce(&mut verifier, HERE, 0)).value());
        judge(&mut verifier, &value, HERE, 0)
    };

    assert_eq!(judge_as(&|text| text.replace(", ", ",\r\n  ")), passed());
    assert_eq!(
        judge_as(&|text| text.replace("qop=auth", "qop=\"auth\"")),
        passed()
    );
    assert_eq!(
        judge_as(&|text| text.replace("algorithm=SHA-256", "Algorithm = \"sha-256\"")),
        passed()
    );
    assert_eq!(
        judge_as(&|text| text.replace("Digest ", "dIGEST  , ,")),
        passed()
    );
    assert_eq!(judge_as(&|text| format!("{text},,")), passed());
    assert_eq!(
        judge_as(&|text| text.replace("example.com\", nonce", "Example.com\", nonce")),
        passed()
    );
    assert_eq!(
        judge_as(&|text| text.replace("SHA-256", "SHA-512-256")),
        Verdict::Challenge
    );
}

#[test]
fn a_flood_of_good_logins_costs_old_nonces_and_no_memory() {
    let mut verifier = verifier();
    verifier.nonces = Nonces::new([7; 32]).with_room(16);
    let first = Login::with(nonce(&mut verifier, HERE, 0));
    let early = Login::with(nonce(&mut verifier, HERE, 0));
    assert_eq!(judge(&mut verifier, &first.value(), HERE, 0), passed());

    for _ in 0..100 {
        let login = Login::with(nonce(&mut verifier, HERE, 1));
        assert_eq!(judge(&mut verifier, &login.value(), HERE, 1), passed());
    }

    assert!(format!("{verifier:?}").contains("used: 16"));
    // What was known of them is gone, so that neither can be told from a repetition.
    assert_eq!(
        judge(&mut verifier, &first.value(), HERE, 2),
        Verdict::Stale
    );
    assert_eq!(
        judge(&mut verifier, &early.value(), HERE, 2),
        Verdict::Stale
    );
}

#[test]
fn hostile_credentials_never_pass() {
    let mut verifier = verifier();
    let wrong = Login {
        password: "guess",
        ..Login::with(nonce(&mut verifier, HERE, 0))
    }
    .value();
    let seeds = [
        wrong.as_str(),
        "Digest realm=\"example.com\", username=\"\\\"\"",
        "Digest ",
    ];

    hostile::texts(&seeds, 40_000, |text| {
        let verdict = judge(&mut verifier, text, HERE, 0);
        assert!(!matches!(verdict, Verdict::Passed { .. }), "{text}");
    });
}
