//! Both ways of the map, and Reason headers as peers write them.

use super::*;
use crate::hostile;

#[test]
fn statuses_mean_what_the_rfc_says() {
    let cases = [
        (486, Cause::Busy),
        (600, Cause::Busy),
        (480, Cause::NoAnswer),
        (408, Cause::Timeout),
        (487, Cause::Cancelled),
        (603, Cause::Rejected),
        (404, Cause::NotFound),
        (484, Cause::NotFound),
        (401, Cause::Forbidden),
        (403, Cause::Forbidden),
        (407, Cause::Forbidden),
        (488, Cause::NotAcceptable),
        (502, Cause::Unreachable),
        (503, Cause::ServerError { status: 503 }),
        (302, Cause::Other { status: 302 }),
        (699, Cause::Other { status: 699 }),
    ];

    for (status, cause) in cases {
        assert_eq!(Cause::from_status(status), cause, "{status}");
    }
}

#[test]
fn every_cause_has_a_final_response_that_refuses() {
    let causes = [
        (Cause::Hangup, 487),
        (Cause::Cancelled, 487),
        (Cause::Busy, 486),
        (Cause::NoAnswer, 480),
        (Cause::Rejected, 480),
        (Cause::NotFound, 404),
        (Cause::Unreachable, 480),
        (Cause::NotAcceptable, 488),
        (Cause::Forbidden, 403),
        (Cause::Timeout, 408),
        (Cause::ServerError { status: 503 }, 503),
        (Cause::ServerError { status: 555 }, 500),
        (Cause::Other { status: 606 }, 606),
        // A redirection is no business of the caller's, and 200 would be an answer.
        (Cause::Other { status: 302 }, 480),
        (Cause::Other { status: 200 }, 480),
        (Cause::Other { status: 0 }, 480),
    ];

    for (cause, status) in causes {
        assert_eq!(cause.response().0, status, "{cause:?}");
        assert_eq!(phrase(status), Some(cause.response().1), "{cause:?}");
    }
}

#[test]
fn causes_of_the_telephone_network_come_back_as_they_went() {
    let causes = [
        Cause::Hangup,
        Cause::Busy,
        Cause::NoAnswer,
        Cause::Rejected,
        Cause::NotFound,
        Cause::Unreachable,
        Cause::NotAcceptable,
        Cause::Forbidden,
        Cause::Timeout,
    ];

    for cause in causes {
        assert_eq!(Cause::from_q850(cause.q850()), cause);
    }
}

#[test]
fn a_bye_says_why_if_it_says_so() {
    let cases: [(&[&str], Cause); 10] = [
        (&[], Cause::Hangup),
        (&["Q.850;cause=16;text=\"Terminated\""], Cause::Hangup),
        (&["Q.850;cause=17"], Cause::Busy),
        (&["SIP;cause=408;text=\"RTP timeout\""], Cause::Timeout),
        (
            &["SIP;cause=200;text=\"OK\", Q.850;cause=17"],
            Cause::Hangup,
        ),
        (
            &["preemption;cause=1", "q.850 ; cause = 21"],
            Cause::Rejected,
        ),
        (&["Q.850;cause=127"], Cause::Hangup),
        (&["Q.850;cause=999"], Cause::Hangup),
        (&["Q.850"], Cause::Hangup),
        (&["\r\n;;=,"], Cause::Hangup),
    ];

    for (reasons, cause) in cases {
        assert_eq!(Cause::of_bye(reasons), cause, "{reasons:?}");
    }
}

#[test]
fn reasons_are_written_as_they_are_read() {
    let [sip, q850] = Cause::Busy.reasons();

    assert_eq!(sip, "SIP;cause=486;text=\"Busy Here\"");
    assert_eq!(q850, "Q.850;cause=17");
    assert_eq!(Cause::Hangup.reasons()[0], "SIP;cause=200;text=\"OK\"");
    assert_eq!(Cause::of_bye(&[&sip, &q850]), Cause::Busy);
    let elsewhere = read_reasons(&[COMPLETED_ELSEWHERE]);
    assert_eq!(
        elsewhere[0].text.as_deref(),
        Some("Call completed elsewhere")
    );
}

#[test]
fn hostile_reasons_are_clean_or_nothing() {
    let seeds = [
        COMPLETED_ELSEWHERE,
        "Q.850;cause=16",
        "SIP ;cause=\"600\";text=x",
    ];

    hostile::texts(&seeds, 20_000, |text| {
        for reason in read_reasons(&[text]) {
            assert!(
                words::header_value(&reason.to_string()).is_some(),
                "{text:?}"
            );
        }
        let _ = Cause::of_bye(&[text, text]);
    });
}
