//! Round after round until enough is known: with any forms and any answers it ends.

use bellwire_proto::prompt::{Answered, Ask, AskKind, MENU, Prompt};

use super::*;

/// A small generator (xorshift64*), so that a failure names the seed that repeats it.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        let at = self.below(among.len() as u64);
        among[usize::try_from(at).expect("a small number")]
    }
}

const FACTS: [&str; 7] = ["topic", "language", "product", "name", "email", "a", "b"];
const VALUES: [&str; 4] = ["x", "y", "yes", ""];
const GOOD: [&str; 7] = [
    "x",
    "y",
    "yes",
    "",
    "ada@shop.example",
    "+34600123456",
    "2026-11-20",
];
const HOSTILE: [&str; 6] = [
    "\u{202e}evil",
    "\0",
    "9999-99-99",
    "@@@",
    "++1",
    "'; DROP TABLE",
];

fn a_choice(dice: &mut Dice) -> Vec<Choice> {
    (0..dice.below(4))
        .map(|_| skilled(choice(dice.pick(&VALUES), "A choice"), dice.pick(&FACTS), 5))
        .collect()
}

fn a_field(dice: &mut Dice) -> Field {
    let kind = match dice.below(7) {
        0 => FieldKind::Text(3),
        1 => FieldKind::LongText(20),
        2 => FieldKind::Choice(a_choice(dice)),
        3 => FieldKind::Email,
        4 => FieldKind::Phone,
        5 => FieldKind::Date,
        _ => FieldKind::Consent,
    };
    let mut field = field(dice.pick(&FACTS), kind);
    field.required = dice.below(3) == 0;
    if dice.below(3) == 0 {
        field = only_if(field, dice.pick(&FACTS), &[dice.pick(&VALUES)]);
    }
    field
}

fn a_form(dice: &mut Dice, n: u64) -> Form {
    if dice.below(4) == 0 {
        let fact = if dice.below(4) == 0 {
            ""
        } else {
            dice.pick(&FACTS)
        };
        return menu(n, fact, a_choice(dice));
    }
    let fields = (0..dice.below(6)).map(|_| a_field(dice)).collect();
    form(n, fields)
}

fn some_needs(dice: &mut Dice) -> Vec<Required> {
    (0..dice.below(5))
        .map(|_| {
            let otherwise = (dice.below(2) == 0).then(|| dice.pick(&VALUES));
            required(dice.pick(&FACTS), otherwise)
        })
        .collect()
}

/// What somebody sends who means well, or does not.
fn some_answers(dice: &mut Dice, hostile: bool) -> Vec<Answer> {
    let among: &[&str] = if hostile && dice.below(2) == 0 {
        &HOSTILE
    } else {
        &GOOD
    };
    let mut sent: Vec<_> = FACTS.iter().map(|fact| (*fact, dice.pick(among))).collect();
    sent.push((MENU, dice.pick(among)));
    if hostile {
        sent.extend((0..dice.below(300)).map(|_| (dice.pick(&FACTS), dice.pick(&HOSTILE))));
    }
    answers(&sent)
}

/// An answer to each field that is good, to what is insisted on at least.
fn good_answers(prompt: &Prompt, dice: &mut Dice) -> Vec<Answer> {
    match &prompt.ask {
        Ask::Menu(options) => answers(&[(MENU, options[0].value.as_str())]),
        Ask::Fields(fields) => {
            let mut sent = vec![];
            for field in fields {
                let good = match &field.kind {
                    AskKind::Text(_) | AskKind::LongText(_) => dice.pick(&["x", "y", "yes"]),
                    AskKind::Choice(options) => options[0].value.as_str(),
                    AskKind::Email => "ada@shop.example",
                    AskKind::Phone => "+34600123456",
                    AskKind::Date => "2026-11-20",
                    AskKind::Consent => "yes",
                };
                if field.required || dice.below(2) == 0 {
                    sent.push((field.fact.as_str(), good));
                }
            }
            answers(&sent)
        }
    }
}

/// One interaction's prompts, as a centre goes through them.
struct Round {
    forms: Vec<Form>,
    needs: Vec<Required>,
    facts: Facts,
    skipped: BTreeSet<String>,
    asked: Vec<FormId>,
    answered: Vec<Answered>,
    prompts: u32,
}

impl Round {
    fn new(forms: Vec<Form>, needs: Vec<Required>, facts: Facts) -> Self {
        Self {
            forms,
            needs,
            facts,
            skipped: BTreeSet::new(),
            asked: vec![],
            answered: vec![],
            prompts: 0,
        }
    }

    fn next(&mut self) -> Option<(Form, Prompt)> {
        let missing = missing(&self.needs, &self.facts, &self.skipped);
        let form = choose(&self.forms, &missing, &self.facts, &self.asked)?;
        self.prompts += 1;
        let mut asking = asking(&self.facts, &missing);
        asking.n = self.prompts;
        let prompt = render(form, &asking);
        self.asked.push(form.id);
        Some((form.clone(), prompt))
    }

    fn take(&mut self, taken: Taken) {
        self.facts.extend(taken.facts);
        self.skipped.extend(taken.left_open);
        merge(&mut self.answered, taken.answered);
    }

    fn skip(&mut self, form: &Form, prompt: &Prompt) {
        self.skipped.extend(declined(prompt, Some(form)));
    }

    /// How much there was to settle; each prompt settles some of it.
    fn open(&self) -> (usize, usize) {
        let fresh = |form: &&Form| !self.asked.contains(&form.id);
        let missing = missing(&self.needs, &self.facts, &self.skipped);
        (missing.len(), self.forms.iter().filter(fresh).count())
    }
}

#[test]
fn with_any_forms_and_any_answers_it_ends() {
    let (mut prompts, mut settled) = (0, 0);
    for seed in 1..3000 {
        let mut dice = Dice(seed);
        let forms: Vec<_> = (0..dice.below(6)).map(|n| a_form(&mut dice, n)).collect();
        let known = (0..dice.below(3))
            .map(|_| (dice.pick(&FACTS).to_owned(), dice.pick(&VALUES).to_owned()))
            .collect();
        let needs = some_needs(&mut dice);
        let mut round = Round::new(forms, needs, known);
        let most = round.needs.len() + round.forms.len();
        let mut before = round.open();
        while let Some((form, prompt)) = round.next() {
            let seen = match &prompt.ask {
                Ask::Fields(fields) => fields.len(),
                Ask::Menu(options) => options.len(),
            };
            assert!(seen > 0, "seed {seed}: a prompt without anything to answer");
            one_answer(&mut dice, &mut round, &form, &prompt);
            let now = round.open();
            assert!(now.0 < before.0 || now.1 < before.1, "seed {seed}: {now:?}");
            before = now;
            let prompts = usize::try_from(round.prompts).expect("few");
            assert!(prompts <= most, "seed {seed}: {prompts} prompts");
        }
        prompts += round.prompts;
        settled += u32::from(round.open().0 == 0);
        harmless(&round, seed);
    }
    assert!(prompts > 1000 && settled > 500, "{prompts}, {settled}");
}

/// Tries bad answers first, then skips where that is possible, or answers well.
fn one_answer(dice: &mut Dice, round: &mut Round, form: &Form, prompt: &Prompt) {
    for _ in 0..dice.below(3) {
        if let Ok(taken) = take(prompt, Some(form), &some_answers(dice, true)) {
            return round.take(taken);
        }
    }
    if prompt.skippable && dice.below(3) == 0 {
        return round.skip(form, prompt);
    }
    let mut sent = good_answers(prompt, dice);
    for _ in 0..50 {
        match take(prompt, Some(form), &sent) {
            Ok(taken) => return round.take(taken),
            Err(_) => sent = good_answers(prompt, dice),
        }
    }
    panic!("no good answer to {prompt:?}");
}

/// What was learned is short, plain, and asked for.
fn harmless(round: &Round, seed: u64) {
    for (fact, value) in &round.facts {
        assert!(FACTS.contains(&fact.as_str()), "seed {seed}: {fact}");
        let plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(value.chars().all(plain), "seed {seed}: {value:?}");
        assert!(value.len() < 100, "seed {seed}: {value:?}");
    }
    assert!(round.answered.len() <= FACTS.len() + round.forms.len());
}

#[test]
fn too_little_known_leads_to_one_prompt_and_then_to_enough() {
    let topics = vec![
        skilled(choice("laptops", "Laptops"), "laptops", 5),
        choice("other", "Something else"),
    ];
    let product = must(only_if(line("product"), "topic", &["laptops"]));
    let forms = vec![form(
        1,
        vec![field("topic", FieldKind::Choice(topics)), product],
    )];
    let needs = vec![required("topic", None), required("language", Some("en"))];
    let mut round = Round::new(forms, needs, facts(&[("language", "es")]));

    let (form, prompt) = round.next().expect("the topic is missing");
    assert!(
        take(&prompt, Some(&form), &[]).is_err(),
        "the topic must be said"
    );
    let sent = answers(&[("topic", "laptops"), ("product", "Aspen 14")]);
    round.take(take(&prompt, Some(&form), &sent).expect("good answers"));

    assert_eq!(round.next().map(|(form, _)| form.id), None);
    assert_eq!(round.facts["product"], "Aspen 14");
    assert_eq!(round.answered.len(), 2);
}

#[test]
fn whoever_would_rather_not_say_is_not_asked_again_and_the_default_is_taken() {
    let forms = vec![
        form(1, vec![line("topic")]),
        form(2, vec![line("topic"), line("name")]),
    ];
    let needs = vec![required("topic", Some("other"))];
    for leave_empty in [false, true] {
        let mut round = Round::new(forms.clone(), needs.clone(), Facts::new());
        let (form, prompt) = round.next().expect("the topic is missing");
        assert!(prompt.skippable);
        if leave_empty {
            round.take(take(&prompt, Some(&form), &[]).expect("need not be said"));
        } else {
            round.skip(&form, &prompt);
        }

        assert!(round.next().is_none(), "leaving it empty: {leave_empty}");
        let known = with_defaults(&round.needs, &round.facts, &round.skipped);
        assert_eq!(known, facts(&[("topic", "other")]));
    }
}

#[test]
fn what_was_left_open_and_turns_out_to_be_needed_is_asked_for_once_more() {
    let forms = vec![form(1, vec![line("topic"), line("name")])];
    let mut round = Round::new(forms, vec![required("topic", None)], Facts::new());
    let (form, prompt) = round.next().expect("the topic is missing");
    let sent = answers(&[("topic", "laptops")]);
    round.take(take(&prompt, Some(&form), &sent).expect("the name need not be said"));
    assert!(round.next().is_none());

    round.needs.push(required("name", None));
    let (form, prompt) = round.next().expect("the name is missing");
    assert_eq!(prompt.n, 2);
    assert!(
        take(&prompt, Some(&form), &[]).is_err(),
        "the name must be said"
    );
    round.take(take(&prompt, Some(&form), &answers(&[("name", "Ada")])).expect("said"));
    assert!(round.next().is_none());
}
