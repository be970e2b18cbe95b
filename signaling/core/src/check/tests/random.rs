//! Whatever a set-up says, it is looked at without a panic.

use serde_json::Value;

use super::good;
use crate::{check::check, hours};
use bellwire_proto::{setup::Setup, time::Timestamp};

/// Numbers that look random and are the same every time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % (most.max(1) as u64)).unwrap()
    }
}

const TEXTS: [&str; 16] = [
    "",
    " ",
    "ä",
    "*",
    "menu",
    "2026-02-29",
    "99999-99-99",
    "https://",
    "https://[",
    "Pacific/Apia",
    "\u{0}",
    "𝄞𝄞𝄞𝄞",
    "+",
    "[::1]:",
    "::/96",
    "192.0.2.0/0",
];

const NUMBERS: [u64; 8] = [0, 1, 2, 99, 100, 255, 1440, 65_535];

/// Changes one thing somewhere below `value`; ids are swapped for others.
fn mutate(value: &mut Value, ids: &[String], dice: &mut Dice) {
    match value {
        Value::Object(map) => {
            let n = dice.below(map.len());
            if let Some((_, below)) = map.iter_mut().nth(n) {
                mutate(below, ids, dice);
            }
        }
        Value::Array(list) => match dice.below(6) {
            0 if !list.is_empty() => {
                list.remove(dice.below(list.len()));
            }
            1 if !list.is_empty() => {
                let again = list[dice.below(list.len())].clone();
                list.push(again);
            }
            2 => list.reverse(),
            _ => {
                let n = dice.below(list.len());
                if let Some(below) = list.get_mut(n) {
                    mutate(below, ids, dice);
                }
            }
        },
        Value::String(text) if ids.contains(text) => {
            let alike: Vec<_> = ids.iter().filter(|id| id[..3] == text[..3]).collect();
            text.clone_from(alike[dice.below(alike.len())]);
        }
        Value::String(text) => TEXTS[dice.below(TEXTS.len())].clone_into(text),
        Value::Number(number) => *number = NUMBERS[dice.below(NUMBERS.len())].into(),
        Value::Bool(truth) => *truth = !*truth,
        Value::Null => {}
    }
}

fn ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.values().for_each(|below| ids(below, found)),
        Value::Array(list) => list.iter().for_each(|below| ids(below, found)),
        Value::String(text) if text.len() == 30 && &text[3..4] == "_" => found.push(text.clone()),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

#[test]
fn no_document_makes_the_check_panic() {
    let mut good = good();
    super::telephones::telephones(&mut good);
    let good = serde_json::to_value(good).unwrap();
    let mut all = vec![];
    ids(&good, &mut all);
    assert!(all.len() > 10);
    let mut dice = Dice(20_261_120);
    let (mut read, mut found) = (0, 0);
    for _ in 0..800 {
        let mut value = good.clone();
        for _ in 0..=dice.below(12) {
            mutate(&mut value, &all, &mut dice);
        }
        let Ok(setup) = serde_json::from_value::<Setup>(value) else {
            continue;
        };
        let findings = check(&setup);
        assert_eq!(findings, check(&setup), "twice the same");
        assert!(findings.iter().all(|finding| finding.say.ends_with('.')));
        for one in &setup.hours {
            let now = Timestamp(1_790_000_000_000);
            assert_eq!(
                hours::is_open(one, now),
                hours::opens(one, now) == Some(now)
            );
            assert!(hours::next_change(one, now).is_none_or(|change| change > now));
        }
        read += 1;
        found += usize::from(!findings.is_empty());
    }
    assert!(
        read > 200 && found > 200,
        "{read} could be read, {found} had findings"
    );
}
