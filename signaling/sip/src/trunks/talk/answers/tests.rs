use super::*;
use crate::settings::Secret;

const OURS: &str = "sip:34910000001@192.0.2.1:5060;transport=udp";

fn response(status: u16, headers: &str) -> Response {
    let text = format!(
        "SIP/2.0 {status} X\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n{headers}Content-Length: 0\r\n\r\n"
    );
    text.as_str().try_into().unwrap()
}

fn challenge(nonce: &str, more: &str) -> Response {
    response(
        401,
        &format!(
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\", algorithm=SHA-256, qop=\"auth\"{more}\r\n\
             WWW-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"{more}\r\n"
        ),
    )
}

#[test]
fn what_was_granted_is_found_among_others() {
    let granted = |headers: &str| granted_s(&response(200, headers), OURS, 600);

    let others = "Contact: <sip:34910000001@192.0.2.9>;expires=60, \
                  <sip:34910000001@192.0.2.1;transport=udp>;expires=300\r\nExpires: 3600\r\n";
    assert_eq!(granted(others), 300);
    // Rewritten on the way: the only one is ours.
    assert_eq!(
        granted("Contact: <sip:34910000001@10.0.0.1:1024>;expires=120\r\n"),
        120
    );
    let strangers =
        "Contact: <sip:a@192.0.2.8>;expires=60\r\nContact: <sip:a@192.0.2.9>;expires=60\r\n";
    assert_eq!(granted(&format!("{strangers}Expires: 90\r\n")), 90);
    assert_eq!(granted(strangers), 600);
    assert_eq!(
        granted(&format!("Contact: <{OURS}>;expires=never\r\n")),
        600
    );
    assert_eq!(granted(""), 600);
}

#[test]
fn a_wrong_answer_is_not_repeated_and_a_stale_one_once() {
    let mut answers = Answers::default();
    assert_eq!(answers.answer(&challenge("a", "")), Ok(()));
    assert_eq!(answers.answer(&challenge("b", "")), Err(Useless::Wrong));
    assert_eq!(answers.answer(&challenge("b", ", stale=true")), Ok(()));
    assert_eq!(
        answers.answer(&challenge("c", ", stale=true")),
        Err(Useless::Wrong)
    );
    let odd = response(401, "WWW-Authenticate: Basic realm=\"r\"\r\n");
    assert_eq!(Answers::default().answer(&odd), Err(Useless::Unknown));
}

#[test]
fn a_proxy_and_a_registrar_are_both_answered_with_the_strongest() {
    let login = Login {
        user: "34910000001".to_owned(),
        auth_user: String::new(),
        password: Secret::new("swordfish"),
        register: true,
    };
    let proxy = response(
        407,
        "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", qop=\"auth\"\r\n",
    );
    let mut answers = Answers::default();
    answers.answer(&proxy).unwrap();
    answers.answer(&challenge("a", "")).unwrap();

    let headers = answers.headers(&login, "REGISTER", "sip:example.net");

    let [
        Header::ProxyAuthorization(proxy),
        Header::Authorization(server),
    ] = headers.as_slice()
    else {
        panic!("{}", headers.len());
    };
    assert!(proxy.value().contains("algorithm=MD5"));
    assert!(server.value().contains("algorithm=SHA-256"));
    assert!(!server.value().contains("swordfish"));
}

#[test]
fn seconds_are_read_with_what_follows_them() {
    let response = response(503, "Retry-After: 120 (maintenance);duration=60\r\n");
    assert_eq!(seconds(&response.headers, "Retry-After"), Some(120));
}

#[test]
fn what_the_stack_made_up_is_no_answer() {
    let theirs = response(503, "");
    let ours = theirs.to_string().replace(";tag=2", "");
    let ours: Response = ours.as_str().try_into().unwrap();

    assert!(is_our_own(&ours));
    assert!(!is_our_own(&theirs));
}
