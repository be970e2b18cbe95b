//! What is kept, cleaned and refused.

use super::*;
use crate::hostile;

#[test]
fn what_was_dialled_loses_its_separators_and_keeps_its_meaning() {
    let cases = [
        ("+49 (0)30-123.456", Some("+49030123456")),
        ("030/123 456", Some("030123456")),
        ("%2B442079460000", Some("+442079460000")),
        (
            "+442079460000;phone-context=example.com",
            Some("+442079460000"),
        ),
        ("*21#", Some("*21#")),
        ("%2a21%23", Some("*21#")),
        ("1001", Some("1001")),
        ("sales", Some("sales")),
        ("anna.b-c_d", Some("anna.b-c_d")),
        ("+123456789012345", Some("+123456789012345")),
        ("+1234567890123456", None),
        ("+", None),
        ("++1", None),
        ("+1*2", None),
        ("1+1", None),
        ("", None),
        (";x", None),
        ("---", None),
        ("a b", None),
        ("a%0d%0aEvil", None),
        ("a\u{202e}b", None),
        ("<script>", None),
        (
            "12345678901234567890123456789012",
            Some("12345678901234567890123456789012"),
        ),
        ("123456789012345678901234567890123", None),
    ];

    for (user, wanted) in cases {
        assert_eq!(dialled(user).as_deref(), wanted, "{user:?}");
    }
}

#[test]
fn a_display_name_shows_what_it_is() {
    let cases = [
        ("Anna", Some("Anna")),
        ("\"Anna \\\"the\\\" B\\\\C\"", Some("Anna \"the\" B\\C")),
        ("  Anna \t  B ", Some("Anna B")),
        ("Anna\r\nVia: x", Some("Anna Via: x")),
        ("A\0B", Some("A B")),
        ("\u{202e}anna\u{200b}", Some("anna")),
        ("Zoë 李", Some("Zoë 李")),
        ("\"open", Some("open")),
        ("\"\"", None),
        (" \u{200b} ", None),
        ("", None),
    ];

    for (text, wanted) in cases {
        assert_eq!(display_name(text).as_deref(), wanted, "{text:?}");
    }
    assert_eq!(
        display_name(&"é".repeat(500)).unwrap().chars().count(),
        NAME_CHARS
    );
    assert_eq!(
        quoted_name("A \"B\" \\").as_deref(),
        Some("\"A \\\"B\\\" \\\\\"")
    );
}

#[test]
fn a_header_value_is_one_line() {
    let cases = [
        ("<http://example.com/ring.wav>;info=alert", true),
        ("\ttab inside\tis fine ", true),
        ("x\r\nEvil: 1", false),
        ("x\nEvil: 1", false),
        ("x\0", false),
        ("x\u{85}y", false),
        ("", false),
        ("  ", false),
    ];

    for (value, fits) in cases {
        assert_eq!(header_value(value).is_some(), fits, "{value:?}");
    }
    assert!(header_value(&"x".repeat(VALUE_BYTES + 1)).is_none());
    assert!(is_header_name("Alert-Info") && !is_header_name("Alert Info") && !is_header_name(""));
}

#[test]
fn percent_escapes_are_decoded_once() {
    let cases = [
        ("a%40b", Some("a@b")),
        ("a%2540b", Some("a%40b")),
        ("100%", Some("100%")),
        ("%4", Some("%4")),
        ("%zz", Some("%zz")),
        ("%00", None),
        ("%0d%0a", None),
        ("%ff", None),
        ("%C3%A9", Some("é")),
    ];

    for (text, wanted) in cases {
        assert_eq!(percent_decode(text).as_deref(), wanted, "{text:?}");
    }
    assert_eq!(percent_encode_user("a@b é#"), "a%40b%20%C3%A9%23");
}

#[test]
fn hosts_with_and_without_ports_are_read() {
    let cases = [
        ("sip.Example.com", Some("sip.example.com")),
        ("sip.example.com.:5070", Some("sip.example.com:5070")),
        ("192.0.2.4:5061", Some("192.0.2.4:5061")),
        ("[2001:DB8::1]:5061", Some("[2001:db8::1]:5061")),
        ("[2001:db8::1]", Some("[2001:db8::1]")),
        ("2001:db8::1", Some("[2001:db8::1]")),
        ("pbx_1", Some("pbx_1")),
        ("300.1.1.1", None),
        ("1.2.3", None),
        ("host:0", None),
        ("host:65536", None),
        ("host:+5", None),
        ("host:", None),
        ("-a.com", None),
        ("a..b", None),
        ("", None),
        (":5060", None),
        ("a b", None),
        ("[::1", None),
        ("[1.2.3.4]", None),
    ];

    for (text, wanted) in cases {
        let read = host_port(text).map(|read| read.to_string());
        assert_eq!(read.as_deref(), wanted, "{text:?}");
    }
}

#[test]
fn a_uri_is_taken_apart() {
    let uri =
        SipUri::parse("SIP:a%40b:secret@Example.com:5070;transport=TCP;lr?Replaces=x").unwrap();

    assert_eq!(uri.scheme, Scheme::Sip);
    assert_eq!(uri.user.as_deref(), Some("a@b"));
    assert_eq!(uri.host.as_ref().unwrap().to_string(), "example.com:5070");
    assert_eq!(uri.parameters.get("transport"), Some("TCP"));
    assert_eq!(uri.parameters.get("lr"), Some(""));
    assert_eq!(uri.headers.as_deref(), Some("Replaces=x"));
    assert_eq!(
        SipUri::parse("tel:+49-30;ext=1").unwrap().user.as_deref(),
        Some("+49-30")
    );
    for wrong in [
        "",
        "sip:",
        "sip:@h",
        "http://h",
        "sip:a@b\r\nX: y",
        "sip:a b@h",
        "sip:a@h:99999",
        "tel:",
        "sip:a@<h>",
    ] {
        assert_eq!(SipUri::parse(wrong), None, "{wrong:?}");
    }
}

#[test]
fn uris_compare_by_the_rules() {
    // RFC 3261 §19.1.4 has these examples, as far as they concern what we read.
    let same = [
        (
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtLanTa.CoM;Transport=tcp",
        ),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;newparam=5",
        ),
    ];
    let different = [
        (
            "SIP:ALICE@AtLanTa.CoM;Transport=udp",
            "sip:alice@AtLanTa.CoM;Transport=UDP",
        ),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        (
            "sip:bob@biloxi.com",
            "sip:bob@biloxi.com:6000;transport=tcp",
        ),
        (
            "sip:carol@chicago.com",
            "sip:carol@chicago.com?Subject=next%20meeting",
        ),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;security=off",
        ),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ];
    let compare = |one: &str, other: &str| {
        let (one, other) = (SipUri::parse(one).unwrap(), SipUri::parse(other).unwrap());
        assert_eq!(one.is_same_as(&other), other.is_same_as(&one));
        one.is_same_as(&other)
    };

    for (one, other) in same {
        assert!(compare(one, other), "{one} {other}");
    }
    for (one, other) in different {
        assert!(!compare(one, other), "{one} {other}");
    }
}

#[test]
fn an_address_has_a_name_a_uri_and_parameters() {
    let cases = [
        (
            "\"A, <B>\" <sip:a@h;x=1>;tag=t",
            Some("A, <B>"),
            "sip:a@h;x=1",
            Some("t"),
        ),
        ("Anna B <sip:a@h>", Some("Anna B"), "sip:a@h", None),
        ("<sip:a@h> ; tag = t", None, "sip:a@h", Some("t")),
        ("sip:a@h;tag=t", None, "sip:a@h", Some("t")),
    ];

    for (text, name, uri, tag) in cases {
        let address = Address::parse(text).unwrap();
        assert_eq!(address.name.as_deref(), name, "{text}");
        assert_eq!(address.uri_text, uri, "{text}");
        assert_eq!(address.parameters.get("tag"), tag, "{text}");
    }
    for wrong in [
        "",
        "<>",
        "<sip:a@h",
        "<sip:a@h> x",
        "Anna",
        "\"Anna <sip:a@h>",
    ] {
        let read = Address::parse(wrong);
        assert!(
            read.is_none_or(|address| address.uri.is_none()),
            "{wrong:?}"
        );
    }
}

#[test]
fn commas_in_quotes_and_brackets_do_not_divide() {
    let list = "\"a, \\\", b\" <sip:x@h,y>;q=1, , <sip:z@h>";

    assert_eq!(
        split_commas(list),
        ["\"a, \\\", b\" <sip:x@h,y>;q=1", "<sip:z@h>"]
    );
    assert_eq!(split_commas(&"a,".repeat(1000)).len(), 33);
}

#[test]
fn a_caller_is_who_the_trunk_asserts_and_otherwise_who_they_say() {
    let from = Some("\"Anna\" <sip:1001@h>;tag=1");
    let number = |caller: &Caller| caller.number.clone();

    let said = caller(from, &[], &[]);
    let asserted = caller(
        from,
        &["\"B\" <sip:+442079460000@h>, <tel:+442079460000>"],
        &[],
    );
    let unread = caller(from, &["nonsense"], &["none"]);

    assert_eq!(
        (number(&said).as_deref(), said.name.as_deref()),
        (Some("1001"), Some("Anna"))
    );
    assert_eq!(number(&asserted).as_deref(), Some("+442079460000"));
    assert_eq!(asserted.name.as_deref(), Some("B"));
    assert_eq!(unread, said);
    assert_eq!(
        caller(Some("<tel:+44-20-7946>"), &[], &[])
            .number
            .as_deref(),
        Some("+44207946")
    );
}

#[test]
fn who_withholds_their_number_stays_unknown() {
    let pai = ["<sip:+442079460000@h>"];
    let cases: [(&str, &[&str]); 5] = [
        ("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1", &[]),
        ("<sip:x@anonymous.invalid>", &[]),
        ("<sip:Restricted@h>", &[]),
        ("<sip:1001@h>", &["id"]),
        ("<sip:1001@h>", &["critical; user"]),
    ];

    for (from, privacy) in cases {
        assert_eq!(
            caller(Some(from), &pai, privacy),
            Caller::default(),
            "{from}"
        );
    }
    assert_eq!(
        caller(Some("<sip:unknown@h>"), &pai, &[]).number.as_deref(),
        Some("+442079460000")
    );
    assert_eq!(caller(Some("<sip:unknown@h>"), &[], &[]).number, None);
    assert_eq!(caller(None, &[], &[]), Caller::default());
}

#[test]
fn hostile_texts_come_out_clean_or_not_at_all() {
    let seeds = [
        "\"Anna\" <sip:1001@example.com;transport=tcp>;tag=1;q=0.5",
        "sip:a%40b@[2001:db8::1]:5060;lr?Replaces=x",
        "tel:+44-20-7946;ext=1",
        "+49 (0)30 123",
    ];
    let plain = |text: &str| !text.chars().any(char::is_control);

    hostile::texts(&seeds, 20_000, |text| {
        assert!(dialled(text).is_none_or(
            |dialled| is_user_part(&dialled) || number(&dialled) == Some(dialled.clone())
        ));
        assert!(display_name(text).is_none_or(|name| plain(&name)));
        assert!(host_port(text).is_none_or(|host| plain(&host.to_string())));
        assert!(plain(&percent_encode_user(text)));
        let caller = caller(Some(text), &[text], &[]);
        assert!(caller.number.is_none_or(|number| plain(&number)));
        let read = Address::parse(text);
        assert!(read.is_none_or(|address| plain(&address.uri_text)));
        for part in split_commas(text) {
            let _ = SipUri::parse(part);
        }
    });
}
