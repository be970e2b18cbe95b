use super::*;

/// Reads as the general reader does, whether well or not.
fn same<T: Read + serde::de::DeserializeOwned + PartialEq + fmt::Debug>(text: &str) {
    assert_eq!(
        read::<T>(text).ok(),
        serde_json::from_str(text).ok(),
        "{text}"
    );
}

#[test]
fn it_reads_numbers_texts_and_lists() {
    same::<Vec<(String, u8, u64)>>(r#"[["a",1,2],["b\/",255,3]]"#);
    same::<Vec<(String, String)>>(r#" [ [ "a" , "" ] ] "#);
    same::<Vec<u8>>("[256]");
    same::<Vec<u64>>("[1, 18446744073709551615]");
    same::<Vec<u64>>("[18446744073709551616]");
    same::<u32>("-1");
    same::<u32>("1.5");
    same::<Vec<bool>>("[true,false]");
    same::<Vec<Option<String>>>(r#"[null,"x"]"#);
    same::<Vec<String>>("[\"\u{1F600}\", \"\\u0041\\t\\ud83d\\ude00\"]");
}

#[test]
fn what_it_writes_is_read_by_the_general_reader() {
    let text: String = (0..0x80_u8)
        .map(char::from)
        .chain("ñ😀\u{2028}".chars())
        .collect();
    let list = vec![Some((7_u32, text.clone(), true)), None];
    let written = write(&list);

    assert_eq!(serde_json::from_str(&written).ok(), Some(list));
    let entries: Entries<'_> = &[("a", &u64::MAX), ("b \"", &(1_u8, text))];
    let value: serde_json::Value = serde_json::from_str(&write(&entries)).expect("it is JSON");
    assert_eq!(value["a"], u64::MAX);
    assert_eq!(value["b \""][0], 1);
    let nothing: Entries<'_> = &[];
    assert_eq!(write(&nothing), "{}");
    assert_eq!(write(&Vec::<u8>::new()), "[]");
}

#[test]
fn it_refuses_what_is_not_json() {
    for text in [
        "",
        "{",
        "nonsense",
        "[1,]",
        "[1 2]",
        "[1]x",
        r#"{"a" 1}"#,
        r#"{"a":1"#,
        r#""po"#,
        "\"\\ud800\"",
        "\"\u{1}\"",
    ] {
        same::<String>(text);
        same::<Vec<u8>>(text);
        assert_eq!(parse(text), Err(Unreadable), "{text}");
    }
}

#[test]
fn it_refuses_another_form_than_the_one_asked_for() {
    same::<String>("1");
    same::<bool>("null");
    same::<(u8, u8)>("[1]");
    same::<(u8, u8, u8)>("[1,2]");
    same::<Vec<u8>>(r#"{"a":1}"#);
    same::<u8>(r#""1""#);
}

#[test]
fn what_lies_too_deep_is_refused_and_harms_nobody() {
    let deep = "[".repeat(100_000);

    assert_eq!(parse(&deep), Err(Unreadable));
}

#[test]
fn a_variant_has_a_name_and_perhaps_a_value() {
    let json = |text| parse(text).expect("it is JSON");

    assert_eq!(json(r#""pong""#).variant(), ("pong", &Json::Null));
    assert_eq!(json(r#"{"done":7}"#).variant(), ("done", &Json::Number(7)));
    assert_eq!(json("[]").variant(), ("", &Json::Null));
    assert_eq!(json("{}").variant(), ("", &Json::Null));
}
