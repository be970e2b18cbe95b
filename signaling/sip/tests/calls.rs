//! Moments in which two messages cross: phones of a plain socket each, which say exactly what they are told to.
//!
//! Whole calls with sound are in the workspace's `tests/telephony`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "endpoint/house.rs"]
#[expect(dead_code, reason = "the endpoint's own tests use the rest")]
mod house;

use std::time::Duration;

use bellwire_sip::{
    api::{Arrived, Call, CallEvent, CallEvents, Dial, Event, To},
    cause::Cause,
    digest::{Algorithm, Challenge},
};
use house::{House, PASSWORD, Phone, SOON, USER, fresh, login, settings};
use tokio::time::timeout;

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
/// After how long nothing more comes.
const QUIET: Duration = Duration::from_millis(700);

/// The header lines with this name.
fn lines(text: &str, name: &str) -> String {
    (text.split_inclusive("\r\n"))
        .filter(|line| line.split(':').next() == Some(name))
        .collect()
}

fn response(phone: &Phone, request: &str, status: &str, body: &str) -> String {
    let to = lines(request, "To");
    let to = match to.contains("tag=") {
        true => to,
        false => format!("{};tag=p{}\r\n", to.trim_end(), phone.own.port()),
    };
    let kind = match body {
        "" => "",
        _ => "Content-Type: application/sdp\r\n",
    };
    format!(
        "SIP/2.0 {status}\r\n{}{}{to}{}{}Contact: <sip:{USER}@{}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        lines(request, "Via"),
        lines(request, "From"),
        lines(request, "Call-ID"),
        lines(request, "CSeq"),
        phone.own,
        body.len()
    )
}

async fn heard(phone: &mut Phone, beginning: &str) -> String {
    loop {
        let text = phone.answer_within(SOON).await.unwrap().0;
        if text.starts_with(beginning) {
            return text;
        }
    }
}

/// What comes until nothing does; requests are answered 200.
async fn rest(phone: &mut Phone) -> Vec<String> {
    let mut all = vec![];
    while let Some(text) = phone.answer_within(QUIET).await {
        if !text.0.starts_with("SIP/2.0") && !text.0.starts_with("ACK") {
            let answer = response(phone, &text.0, "200 OK", "");
            phone.send(&answer).await;
        }
        all.push(text.0);
    }
    all
}

fn any(all: &[String], beginning: &str) -> bool {
    all.iter().any(|text| text.starts_with(beginning))
}

/// A registered phone.
async fn phone(house: &mut House) -> Phone {
    let mut phone = house.udp().await;
    let answer = phone.register(USER, PASSWORD, Algorithm::Sha256, 300).await;
    assert_eq!(answer.status(), 200);
    house.bindings().await;
    phone
}

fn dial() -> Dial {
    Dial {
        to: To::Account(USER.to_owned()),
        from: Some("4711".to_owned()),
        name: None,
        offer: SDP.to_owned(),
        ring_for: Duration::from_secs(60),
    }
}

/// A caller who demands confirmations, with what it is told.
struct Caller {
    _house: House,
    phone: Phone,
    arrived: Box<Arrived>,
    ringing: String,
    answer: String,
}

impl Caller {
    async fn is_answered() -> Self {
        let mut house = House::open(settings()).await;
        let mut phone = house.udp().await;
        let uri = "sip:100@localhost";
        let asked = phone.ask("INVITE", uri, USER, "").await;
        let challenge = Challenge::pick(&asked.values("Proxy-Authenticate")).unwrap();
        let login = login(&challenge, USER, PASSWORD, "INVITE", uri);
        let more = format!(
            "Proxy-Authorization: {login}\r\nRequire: 100rel\r\nContent-Type: application/sdp\r\n"
        );
        let invite = phone.request("INVITE", uri, USER, &more);
        let length = format!("Content-Length: {}\r\n\r\n{SDP}", SDP.len());
        let invite = invite.replace("Content-Length: 0\r\n\r\n", &length);
        phone.send(&invite).await;
        let Event::Arrived(arrived) = house.event().await else {
            panic!("nobody called");
        };
        arrived.call.ring();
        let ringing = heard(&mut phone, "SIP/2.0 180").await;
        arrived.call.answer(SDP.to_owned());
        let answer = heard(&mut phone, "SIP/2.0 200").await;
        Self {
            _house: house,
            phone,
            arrived,
            ringing,
            answer,
        }
    }

    async fn says(&mut self, method: &str, after: u32, more: &str) {
        let (branch, number) = (fresh("z9hG4bKin"), self.phone.cseq + after);
        let text = format!(
            "{method} sip:bellwire@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {};branch={branch};rport\r\nMax-Forwards: 70\r\n\
             {}{}{}CSeq: {number} {method}\r\n{more}Content-Length: 0\r\n\r\n",
            self.phone.own,
            lines(&self.answer, "From"),
            lines(&self.answer, "To"),
            lines(&self.answer, "Call-ID"),
        );
        self.phone.send(&text).await;
    }

    /// The first line of the answer to its confirmation of the ringing.
    async fn confirms(&mut self) -> String {
        let number = lines(&self.ringing, "RSeq");
        let number = number.trim_start_matches("RSeq:").trim();
        let rack = format!("RAck: {number} {} INVITE\r\n", self.phone.cseq);
        self.says("PRACK", 1, &rack).await;
        loop {
            let text = heard(&mut self.phone, "SIP/2.0").await;
            if lines(&text, "CSeq").contains("PRACK") {
                return text.lines().next().unwrap().to_owned();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_crosses_the_answer_is_taken() {
    let mut caller = Caller::is_answered().await;

    assert_eq!(caller.confirms().await, "SIP/2.0 200 OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_after_the_answer_was_taken_is_answered() {
    let mut caller = Caller::is_answered().await;
    caller.says("ACK", 0, "").await;

    assert_eq!(caller.confirms().await, "SIP/2.0 200 OK");
}

/// RFC 3261 §15.
#[tokio::test(flavor = "multi_thread")]
async fn no_goodbye_goes_out_before_the_answer_was_taken() {
    let mut caller = Caller::is_answered().await;
    caller.arrived.call.hang_up(Cause::Hangup);
    assert!(!any(&rest(&mut caller.phone).await, "BYE"));

    caller.says("ACK", 0, "").await;

    assert!(any(&rest(&mut caller.phone).await, "BYE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_six_that_answer_at_once_five_are_hung_up() {
    for _ in 0..5 {
        let mut house = House::open(settings()).await;
        let mut phones = vec![];
        for _ in 0..6 {
            phones.push(phone(&mut house).await);
        }
        let (_call, _events) = house.endpoint.dial(dial());
        let mut invites = vec![];
        for phone in &mut phones {
            invites.push(heard(phone, "INVITE").await);
        }
        for status in ["180 Ringing", "200 OK"] {
            for (phone, invite) in phones.iter_mut().zip(&invites) {
                let body = if status == "200 OK" { SDP } else { "" };
                let text = response(phone, invite, status, body);
                phone.send(&text).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let listening = phones.into_iter().map(|mut phone| {
            tokio::spawn(async move {
                let all = rest(&mut phone).await;
                any(&all, "BYE")
            })
        });
        let mut hung_up = 0;
        for heard in listening.collect::<Vec<_>>() {
            hung_up += usize::from(heard.await.unwrap());
        }
        assert_eq!(hung_up, 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_takes_back_what_rings() {
    let mut house = House::open(settings()).await;
    let mut phone = phone(&mut house).await;
    let (_call, _events) = house.endpoint.dial(dial());
    let invite = heard(&mut phone, "INVITE").await;
    let ringing = response(&phone, &invite, "180 Ringing", "");
    phone.send(&ringing).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(house.endpoint.counts().calls, 1);

    house.endpoint.stop().await;

    assert!(any(&rest(&mut phone).await, "CANCEL"));
}

/// A call that the phone answered, its events, and the answer. The ACK was heard.
async fn answered(house: &House, phone: &mut Phone) -> (Call, CallEvents, String) {
    let (call, events) = house.endpoint.dial(dial());
    let invite = heard(phone, "INVITE").await;
    let answer = response(phone, &invite, "200 OK", SDP);
    phone.send(&answer).await;
    heard(phone, "ACK").await;
    (call, events, answer)
}

/// A request of a phone that was called.
fn inside(phone: &Phone, answer: &str, method: &str, number: u32, more: &str) -> String {
    let (from, to) = (lines(answer, "To"), lines(answer, "From"));
    format!(
        "{method} sip:bellwire@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {};branch={};rport\r\nMax-Forwards: 70\r\n\
         From{}To{}{}CSeq: {number} {method}\r\n{more}",
        phone.own,
        fresh("z9hG4bKin"),
        from.trim_start_matches("To"),
        to.trim_start_matches("From"),
        lines(answer, "Call-ID"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_goodbye_is_heard() {
    let mut house = House::open(settings()).await;
    let mut phone = phone(&mut house).await;
    let (_call, mut events, answer) = answered(&house, &mut phone).await;
    let more = "Reason: Q.850;cause=17\r\nContent-Length: 0\r\n\r\n";
    let bye = inside(&phone, &answer, "BYE", 9, more);
    phone.send(&bye).await;

    let ended = async {
        loop {
            if let CallEvent::Ended { cause, by_them } = events.recv().await.unwrap() {
                return (cause, by_them);
            }
        }
    };

    let ended = timeout(SOON, ended).await.unwrap();
    assert_eq!(ended, (Cause::Busy, true));
}

/// Many at once: the answer and what comes behind it are taken by two tasks.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_right_behind_the_answer_is_heard() {
    let mut house = House::open(settings()).await;
    let mut phone = phone(&mut house).await;
    for n in 0..50 {
        let (_call, mut events, answer) = answered(&house, &mut phone).await;
        let last = match n % 2 {
            0 => inside(&phone, &answer, "BYE", 9, "Content-Length: 0\r\n\r\n"),
            _ => {
                let kind = "Content-Type: application/dtmf\r\nContent-Length: 1\r\n\r\n5";
                inside(&phone, &answer, "INFO", 9, kind)
            }
        };
        phone.send(&last).await;

        let told = async {
            loop {
                let event = events.recv().await.unwrap();
                if let CallEvent::Ended { by_them, .. } = event {
                    return (n % 2 == 0, by_them);
                }
                if let CallEvent::Pressed(key) = event {
                    return (n % 2 == 1, key == '5');
                }
            }
        };
        let told = timeout(SOON, told).await;
        assert_eq!(told.ok(), Some((true, true)), "{n}");
        heard(&mut phone, "SIP/2.0 200").await;
    }
}

/// RFC 3262 §4: one behind two proxies, which the confirmation has to go by.
#[tokio::test(flavor = "multi_thread")]
async fn who_demands_confirmations_gets_them_by_the_way_of_its_answers() {
    let mut house = House::open(settings()).await;
    let mut phone = phone(&mut house).await;
    let (_call, mut events) = house.endpoint.dial(dial());
    let first = heard(&mut phone, "INVITE").await;
    assert!(!lines(&first, "Supported").contains("100rel"));
    let demand = "\r\nRequire: 100rel\r\nContent-Length";
    let refused = response(&phone, &first, "421 Extension Required", "");
    phone
        .send(&refused.replace("\r\nContent-Length", demand))
        .await;

    let invite = heard(&mut phone, "INVITE").await;

    assert!(lines(&invite, "Supported").contains("100rel"));
    for number in [7, 8] {
        let reliable = format!(
            "\r\nRequire: 100rel\r\nRSeq: {number}\r\nRecord-Route: <sip:near.example;lr>, <sip:far.example;lr>\r\nContent-Type"
        );
        let progress = response(&phone, &invite, "183 Session Progress", SDP);
        let own = format!("<sip:{USER}@{}>", phone.own);
        let progress = progress.replace(&own, "<sip:gateway@10.9.8.7:5070>");
        phone
            .send(&progress.replace("\r\nContent-Type", &reliable))
            .await;

        let confirmation = heard(&mut phone, "PRACK").await;

        assert!(
            confirmation.starts_with("PRACK sip:gateway@10.9.8.7:5070 SIP/2.0\r\n"),
            "{confirmation}"
        );
        let invited = lines(&invite, "CSeq");
        let invited = invited.trim_start_matches("CSeq:").trim();
        assert_eq!(
            lines(&confirmation, "RAck"),
            format!("RAck: {number} {invited}\r\n")
        );
        assert_eq!(
            lines(&confirmation, "Route"),
            "Route: <sip:far.example;lr>\r\nRoute: <sip:near.example;lr>\r\n"
        );
        phone
            .send(&response(&phone, &confirmation, "200 OK", ""))
            .await;
    }
    phone.send(&response(&phone, &invite, "200 OK", SDP)).await;
    heard(&mut phone, "ACK").await;
    let answered =
        async { while !matches!(events.recv().await, Some(CallEvent::Answered { .. })) {} };
    timeout(SOON, answered).await.unwrap();
}

/// RFC 3261 §12.2.2.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_moved_during_its_call_is_reached_where_it_is() {
    // Called by its own address, by one of an inner network that nobody can reach from here, and as before.
    for called in ["own", "inner", "old"] {
        let mut house = House::open(settings()).await;
        let mut phone = phone(&mut house).await;
        let (call, mut events, answer) = answered(&house, &mut phone).await;

        let told =
            async { while !matches!(events.recv().await, Some(CallEvent::Answered { .. })) {} };
        timeout(SOON, told).await.unwrap();

        let mut moved = house.udp().await;
        let host = match called {
            "own" => moved.own.to_string(),
            "inner" => "10.255.255.1:5060".to_owned(),
            _ => phone.own.to_string(),
        };
        let more = format!(
            "Contact: <sip:{USER}@{host}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{SDP}",
            SDP.len()
        );
        let change = inside(&moved, &answer, "INVITE", 9, &more);
        moved.send(&change).await;
        let offered = async {
            loop {
                if let CallEvent::Offered { reply, .. } = events.recv().await.unwrap() {
                    return reply;
                }
            }
        };
        let reply = timeout(SOON, offered).await.unwrap();
        reply.answer(SDP.to_owned());
        heard(&mut moved, "SIP/2.0 200").await;
        let ack = inside(&moved, &answer, "ACK", 9, "Content-Length: 0\r\n\r\n");
        moved.send(&ack).await;
        call.hang_up(Cause::Hangup);

        let bye = heard(&mut moved, "BYE").await;
        let to = format!("BYE sip:{USER}@{} SIP/2.0", moved.own);
        assert_eq!(bye.lines().next(), Some(to.as_str()));
        assert!(!any(&rest(&mut phone).await, "BYE"), "{called}");
    }
}
