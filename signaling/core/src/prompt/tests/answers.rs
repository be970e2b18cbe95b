//! What answers are worth.

use bellwire_proto::{
    id::QueueId,
    prompt::{
        BadAnswerWhy::{self, *},
        MENU,
    },
    setup::Destination,
};

use super::*;

/// What a form of one field of `kind` makes of `value`: the fact, or nothing, or why not.
fn one(kind: FieldKind, value: &str) -> Result<Option<String>, BadAnswerWhy> {
    let form = form(1, vec![field("fact", kind)]);
    match taken(&form, &[("fact", value)]) {
        Ok(mut taken) => Ok(taken.facts.remove("fact")),
        Err(bad) => Err(bad[0].why),
    }
}

fn check(kind: &FieldKind, table: &[(&str, Result<&str, BadAnswerWhy>)]) {
    for (value, expected) in table {
        let expected = expected.map(|value| (!value.is_empty()).then(|| value.to_owned()));
        assert_eq!(one(kind.clone(), value), expected, "{kind:?} of {value:?}");
    }
}

#[test]
fn texts_are_cleaned_and_measured_in_characters() {
    check(
        &FieldKind::Text(5),
        &[
            ("  Zoë  ", Ok("Zoë")),
            ("ab\ncd", Ok("ab cd")),
            ("a\u{0}b\u{1b}c", Ok("abc")),
            ("\u{202e}abc\u{2066}", Ok("abc")),
            ("日本語です", Ok("日本語です")),
            ("日本語ですか", Err(TooLong)),
            ("", Ok("")),
            (" \t\u{200b}\n ", Ok("")),
        ],
    );
    check(
        &FieldKind::LongText(20),
        &[
            ("one\r\ntwo\rthree\tfour", Ok("one\ntwo\nthree four")),
            ("\u{2028}x\u{7f}\n\n", Ok("x")),
            ("می\u{200c}خواهم", Ok("می\u{200c}خواهم")),
            ("123456789012345678901", Err(TooLong)),
        ],
    );
}

#[test]
fn e_mail_addresses_look_like_ones() {
    let long = format!("{}@shop.example", "a".repeat(65));
    let longer = format!("a@{}.example", "b.".repeat(130));
    check(
        &FieldKind::Email,
        &[
            (" ada@shop.example ", Ok("ada@shop.example")),
            ("Ada.L+shop@Shop.EXAMPLE", Ok("Ada.L+shop@shop.example")),
            ("o'neil_1@a-b.co.uk", Ok("o'neil_1@a-b.co.uk")),
            ("用户@例子.公司", Ok("用户@例子.公司")),
            ("", Ok("")),
            ("ada", Err(NotEmail)),
            ("ada@shop", Err(NotEmail)),
            ("@shop.example", Err(NotEmail)),
            ("ada@", Err(NotEmail)),
            ("a@b@shop.example", Err(NotEmail)),
            ("ada lovelace@shop.example", Err(NotEmail)),
            ("ada@shop..example", Err(NotEmail)),
            (".ada@shop.example", Err(NotEmail)),
            ("a..b@shop.example", Err(NotEmail)),
            ("ada@-shop.example", Err(NotEmail)),
            ("ada@shop-.example", Err(NotEmail)),
            ("ada@10.0.0.1", Err(NotEmail)),
            ("<ada@shop.example>", Err(NotEmail)),
            ("ada@shop.example,eve@shop.example", Err(NotEmail)),
            (long.as_str(), Err(NotEmail)),
            (longer.as_str(), Err(NotEmail)),
        ],
    );
}

#[test]
fn telephone_numbers_become_digits() {
    check(
        &FieldKind::Phone,
        &[
            ("+34 600 12 34 56", Ok("+34600123456")),
            ("0034600123456", Ok("+34600123456")),
            ("+44 (0)20 7946-0958", Ok("+442079460958")),
            ("(555) 010.0199", Ok("5550100199")),
            ("030/1234567", Ok("0301234567")),
            ("٠١٢٣٤٥٦٧٨٩", Ok("0123456789")),
            ("＋８１ ３ １２３４ ５６７８", Ok("+81312345678")),
            ("", Ok("")),
            ("1234", Err(NotPhone)),
            ("+1234", Err(NotPhone)),
            ("+0123456789", Err(NotPhone)),
            ("1234567890123456", Err(NotPhone)),
            ("12345+678", Err(NotPhone)),
            ("++34600123456", Err(NotPhone)),
            ("call me", Err(NotPhone)),
            ("0800-FLOWERS", Err(NotPhone)),
        ],
    );
}

#[test]
fn days_exist() {
    check(
        &FieldKind::Date,
        &[
            ("2026-11-20", Ok("2026-11-20")),
            (" 2024-02-29 ", Ok("2024-02-29")),
            ("2000-02-29", Ok("2000-02-29")),
            ("", Ok("")),
            ("2023-02-29", Err(NotDate)),
            ("1900-02-29", Err(NotDate)),
            ("2026-04-31", Err(NotDate)),
            ("2026-13-01", Err(NotDate)),
            ("2026-00-10", Err(NotDate)),
            ("2026-01-00", Err(NotDate)),
            ("0000-01-01", Err(NotDate)),
            ("2026-1-1", Err(NotDate)),
            ("20.11.2026", Err(NotDate)),
            ("+026-01-01", Err(NotDate)),
            ("２０２６-01-01", Err(NotDate)),
        ],
    );
}

#[test]
fn only_what_is_offered_can_be_chosen_and_consent_is_yes() {
    let offered = vec![choice("laptops", "Laptops"), choice("phones", "Phones")];
    check(
        &FieldKind::Choice(offered),
        &[
            ("laptops", Ok("laptops")),
            ("", Ok("")),
            ("Laptops", Err(NotOffered)),
            ("tea", Err(NotOffered)),
        ],
    );
    check(
        &FieldKind::Consent,
        &[
            ("yes", Ok("yes")),
            ("no", Ok("")),
            ("", Ok("")),
            ("true", Err(NotOffered)),
        ],
    );
}

#[test]
fn every_kind_that_is_needed_may_not_be_left_empty() {
    for kind in [
        FieldKind::Text(9),
        FieldKind::LongText(9),
        FieldKind::Choice(vec![choice("a", "A")]),
        FieldKind::Email,
        FieldKind::Phone,
        FieldKind::Date,
        FieldKind::Consent,
    ] {
        let form = form(1, vec![must(field("fact", kind.clone()))]);
        let missing = Err(vec![BadAnswer {
            fact: "fact".into(),
            why: Missing,
        }]);
        assert_eq!(taken(&form, &[]), missing, "{kind:?}");
        assert_eq!(taken(&form, &[("fact", "")]), missing, "{kind:?}");
    }
}

#[test]
fn agents_read_the_words_that_the_visitor_read() {
    let topic = vec![skilled(choice("laptops", "Laptops"), "laptops", 7)];
    let form = form(
        1,
        vec![
            field("topic", FieldKind::Choice(topic)),
            field("phone", FieldKind::Phone),
            line("name"),
        ],
    );

    let taken = taken(
        &form,
        &[("phone", "+34 600 12 34 56"), ("topic", "laptops")],
    );

    let taken = taken.expect("good answers");
    assert_eq!(
        taken.facts,
        facts(&[("topic", "laptops"), ("phone", "+34600123456")])
    );
    let read = taken.answered.iter();
    let read: Vec<_> = read
        .map(|one| (one.label.as_str(), one.value.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("Your topic", "Laptops"),
            ("Your phone", "+34 600 12 34 56")
        ]
    );
    assert_eq!(
        taken.skills,
        BTreeMap::from([("laptops".into(), SkillLevel(7))])
    );
    assert_eq!(taken.left_open, names(&["name"]));
    assert_eq!(taken.leads, None);
}

#[test]
fn of_two_levels_of_one_skill_the_higher_counts() {
    let two = |fact, level| {
        let choice = skilled(choice("a", "A"), "laptops", level);
        field(fact, FieldKind::Choice(vec![choice]))
    };
    for levels in [[3, 7], [7, 3]] {
        let form = form(1, vec![two("one", levels[0]), two("other", levels[1])]);
        let taken = taken(&form, &[("one", "a"), ("other", "a")]).expect("good answers");
        assert_eq!(taken.skills["laptops"], SkillLevel(7));
    }
}

#[test]
fn hidden_fields_are_neither_needed_nor_taken() {
    let kinds = vec![choice("order", "An order"), choice("other", "Else")];
    let form = form(
        1,
        vec![
            field("kind", FieldKind::Choice(kinds)),
            must(only_if(line("order"), "kind", &["order"])),
            must(only_if(line("why"), "order", &["7", "8"])),
        ],
    );
    let missing = |fact: &str| {
        Err(vec![BadAnswer {
            fact: fact.into(),
            why: Missing,
        }])
    };
    let known = |given: &[(&str, &str)]| taken(&form, given).map(|taken| taken.facts);

    assert_eq!(known(&[]), Ok(facts(&[])));
    assert_eq!(known(&[("kind", "order")]), missing("order"));
    assert_eq!(
        known(&[("kind", "order"), ("order", "9")]).map(|all| all.len()),
        Ok(2)
    );
    assert_eq!(
        known(&[("kind", "order"), ("order", " 7 ")]),
        missing("why")
    );
    // What hides a field hides those that hang on it, whatever was sent for them.
    let sent = [("kind", "other"), ("order", "7"), ("why", "x")];
    assert_eq!(known(&sent), Ok(facts(&[("kind", "other")])));
}

#[test]
fn consent_opens_what_hangs_on_it() {
    let email = must(only_if(field("email", FieldKind::Email), "may", &["yes"]));
    let form = form(1, vec![field("may", FieldKind::Consent), email]);

    assert_eq!(
        taken(&form, &[]).expect("nothing needed").left_open,
        names(&["may"])
    );
    let bad = taken(&form, &[("may", "yes"), ("email", "x")]).expect_err("no address");
    assert_eq!(bad[0].why, NotEmail);
}

#[test]
fn a_menu_leads_on_and_supplies_its_fact() {
    let queue = QueueId::new(Timestamp(1), 1);
    let mut sales = skilled(choice("sales", "Buy something"), "sales", 4);
    sales.to = Some(Destination::Queue(queue));
    let choices = vec![sales, choice("help", "Get help")];
    let topics = menu(1, "topic", choices.clone());

    let sales = taken(&topics, &[(MENU, "sales")]).expect("offered");
    assert_eq!(sales.leads, Some(Destination::Queue(queue)));
    assert_eq!(sales.facts, facts(&[("topic", "sales")]));
    assert_eq!(sales.skills["sales"], SkillLevel(4));
    assert_eq!(sales.answered[0].fact, "topic");
    assert_eq!(sales.answered[0].label, "What is it about?");
    assert_eq!(sales.answered[0].value, "Buy something");

    let help = taken(&topics, &[(MENU, "help")]).expect("offered");
    assert_eq!(
        (help.leads, help.facts),
        (None, facts(&[("topic", "help")]))
    );

    let way = taken(&menu(2, "", choices), &[(MENU, "sales")]).expect("offered");
    assert_eq!(
        (way.facts, way.answered[0].fact.as_str()),
        (facts(&[]), MENU)
    );

    for (given, why) in [
        (&[][..], Missing),
        (&[("topic", "sales")], Missing),
        (&[(MENU, "tea")], NotOffered),
    ] {
        let bad = taken(&topics, given).expect_err("not offered");
        assert_eq!((bad[0].fact.as_str(), bad[0].why), (MENU, why));
    }
}

#[test]
fn answers_are_judged_by_what_was_shown_even_if_the_form_changed_or_went() {
    let laptops = vec![skilled(choice("laptops", "Laptops"), "laptops", 7)];
    let shown = form(1, vec![field("topic", FieldKind::Choice(laptops.clone()))]);
    let prompt = render(&shown, &asking(&Facts::new(), &[]));
    let given = answers(&[("topic", "laptops")]);
    let changed = form(1, vec![line("topic")]);
    let turned = menu(1, "topic", laptops);

    for form in [None, Some(&changed), Some(&turned)] {
        let taken = take(&prompt, form, &given).expect("good answers");
        assert_eq!(taken.facts, facts(&[("topic", "laptops")]));
        assert_eq!(taken.answered[0].value, "Laptops");
        assert!(taken.skills.is_empty());
    }
    let prompt = render(&turned, &asking(&Facts::new(), &[]));
    let taken = take(&prompt, None, &answers(&[(MENU, "laptops")])).expect("offered");
    assert_eq!((taken.facts, taken.leads), (facts(&[]), None));
}

#[test]
fn whoever_skips_a_prompt_leaves_open_all_that_it_asks() {
    let form = form(
        1,
        vec![line("topic"), only_if(line("order"), "topic", &["order"])],
    );
    let menu = menu(2, "topic", vec![choice("laptops", "Laptops")]);
    let known = Facts::new();

    let prompt = render(&form, &asking(&known, &[]));
    assert_eq!(declined(&prompt, Some(&form)), names(&["topic", "order"]));
    let prompt = render(&menu, &asking(&known, &[]));
    assert_eq!(declined(&prompt, Some(&menu)), names(&["topic"]));
    assert_eq!(declined(&prompt, None), names(&[]));
}

#[test]
fn hostile_answers_are_cut_down_or_refused() {
    let form = form(1, vec![line("name"), field("email", FieldKind::Email)]);

    // Of two answers to one field the first counts; what was not asked is not looked at.
    let taken_twice = taken(&form, &[("name", "Ada"), ("admin", "yes"), ("name", "Eve")]);
    assert_eq!(
        taken_twice.expect("good answers").facts,
        facts(&[("name", "Ada")])
    );

    let mut flood: Vec<_> = (0..1000).map(|n| format!("fact {n}")).collect();
    flood.push("name".into());
    let flood: Vec<_> = flood.iter().map(|fact| (fact.as_str(), "x")).collect();
    assert_eq!(
        taken(&form, &flood).expect("nothing needed").facts,
        facts(&[])
    );

    let huge = "x".repeat(1 << 20);
    let unseen = "\u{202e}\u{0}".repeat(1 << 18);
    for value in [huge.as_str(), unseen.as_str()] {
        for fact in ["name", "email"] {
            let bad = taken(&form, &[(fact, value)]).expect_err("too long");
            assert_eq!(bad[0].why, TooLong, "{fact}");
        }
    }
}
