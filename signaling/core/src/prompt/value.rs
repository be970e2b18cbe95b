//! What one field takes: answers are cleaned, cut down to what they mean, or refused.

use bellwire_proto::prompt::{AskKind, AskOption, BadAnswerWhy};

use super::{LONGEST_LINE, LONGEST_TEXT};

/// The longest e-mail address there can be (RFC 5321, 4.5.3.1, and the limit of a path).
const LONGEST_EMAIL: usize = 254;
/// The digits a telephone number can have (E.164); national numbers may be shorter.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// A good answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Good {
    /// The fact's value.
    pub(super) value: String,
    /// As it was entered: conditions look at this, as the page did.
    pub(super) written: String,
    /// As the visitor read it.
    pub(super) shown: String,
}

impl Good {
    fn same(text: String) -> Self {
        Self {
            value: text.clone(),
            written: text.clone(),
            shown: text,
        }
    }
}

/// What `answer` is worth to a field of `kind`; none where it is empty.
pub(super) fn judge(kind: &AskKind, answer: &str) -> Result<Option<Good>, BadAnswerWhy> {
    match kind {
        AskKind::Text(most) => text(line(answer), *most, LONGEST_LINE),
        AskKind::LongText(most) => text(lines(answer), *most, LONGEST_TEXT),
        AskKind::Choice(options) => choose(options, answer),
        AskKind::Email => normal(answer, email, BadAnswerWhy::NotEmail),
        AskKind::Phone => normal(answer, phone, BadAnswerWhy::NotPhone),
        AskKind::Date => normal(answer, date, BadAnswerWhy::NotDate),
        AskKind::Consent => match answer.trim() {
            "" | "no" => Ok(None),
            "yes" => Ok(Some(Good::same("yes".to_owned()))),
            _ => Err(BadAnswerWhy::NotOffered),
        },
    }
}

/// The option that stands for `answer`.
pub(super) fn choose(options: &[AskOption], answer: &str) -> Result<Option<Good>, BadAnswerWhy> {
    if answer.is_empty() {
        return Ok(None);
    }
    let option = options.iter().find(|option| option.value == answer);
    let option = option.ok_or(BadAnswerWhy::NotOffered)?;
    Ok(Some(Good {
        value: option.value.clone(),
        written: option.value.clone(),
        shown: option.label.clone(),
    }))
}

fn text(cleaned: Option<String>, most: u16, longest: u16) -> Result<Option<Good>, BadAnswerWhy> {
    let text = cleaned.ok_or(BadAnswerWhy::TooLong)?;
    if text.chars().count() > usize::from(most.min(longest)) {
        return Err(BadAnswerWhy::TooLong);
    }
    Ok((!text.is_empty()).then(|| Good::same(text)))
}

fn normal(
    answer: &str,
    read: fn(&str) -> Option<String>,
    why: BadAnswerWhy,
) -> Result<Option<Good>, BadAnswerWhy> {
    let written = line(answer).ok_or(BadAnswerWhy::TooLong)?;
    if written.is_empty() {
        return Ok(None);
    }
    if written.chars().count() > usize::from(LONGEST_LINE) {
        return Err(BadAnswerWhy::TooLong);
    }
    let value = read(&written).ok_or(why)?;
    Ok(Some(Good {
        value,
        shown: written.clone(),
        written,
    }))
}

/// One line without what cannot be seen; none where it is beyond all measure.
fn line(answer: &str) -> Option<String> {
    clean(answer, LONGEST_LINE, ' ')
}

/// Several lines without what cannot be seen.
fn lines(answer: &str) -> Option<String> {
    clean(answer, LONGEST_TEXT, '\n')
}

/// Reads no more than an answer of `longest` characters could need, so that a huge one costs nothing.
fn clean(answer: &str, longest: u16, newline: char) -> Option<String> {
    let answer = answer.trim();
    if answer.len() > 8 * usize::from(longest) {
        return None;
    }
    let text = answer.replace("\r\n", "\n");
    let seen = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(newline),
        '\t' => Some(' '),
        c if c.is_control() || unseen(c) => None,
        c => Some(c),
    });
    Some(seen.collect::<String>().trim().to_owned())
}

/// Characters that turn the direction of what follows, hide in a text, or tag it. Joiners stay:
/// Persian, Hindi and emoji need them.
fn unseen(c: char) -> bool {
    matches!(c,
        '\u{200B}' | '\u{2060}'..='\u{206F}' | '\u{202A}'..='\u{202E}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// An address that a mail server could have, its domain in lower case.
fn email(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let good_local = local.split('.').all(|part| {
        let good = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
        !part.is_empty() && part.chars().all(good)
    });
    let good_label = |label: &str| {
        let ends = !label.starts_with('-') && !label.ends_with('-');
        let good = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty() && label.len() <= 63 && ends && label.chars().all(good)
    };
    let (_, top) = domain.rsplit_once('.')?;
    let named = !top.chars().all(|c| c.is_ascii_digit());
    let good = good_local
        && local.len() <= 64
        && domain.split('.').all(good_label)
        && named
        && text.len() <= LONGEST_EMAIL;
    good.then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// A number as `+` and digits, or as digits alone where its country was not said.
fn phone(text: &str) -> Option<String> {
    let plain: String = text.chars().map(plain_digit).collect();
    let (abroad, rest) = match plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")) {
        // `+44 (0)20`: the zero is for those who dial at home.
        Some(rest) => (true, rest.replacen("(0)", "", 1)),
        None => (false, plain),
    };
    let between = |c: char| " \u{A0}\u{202F}-./()\u{2010}\u{2011}\u{2013}".contains(c);
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let good = rest.chars().all(|c| c.is_ascii_digit() || between(c))
        && PHONE_DIGITS.contains(&digits.len())
        && !(abroad && (digits.starts_with('0') || digits.len() < 7));
    good.then(|| if abroad { format!("+{digits}") } else { digits })
}

/// Arabic, Persian and full-width digits as those of ASCII.
fn plain_digit(c: char) -> char {
    let zero = match c {
        '\u{0660}'..='\u{0669}' => 0x0660,
        '\u{06F0}'..='\u{06F9}' => 0x06F0,
        '\u{FF10}'..='\u{FF19}' => 0xFF10,
        '\u{FF0B}' => return '+',
        c => return c,
    };
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

/// A day that exists, `YYYY-MM-DD`.
fn date(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !form {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (year > 0 && (1..=days).contains(&day)).then(|| text.to_owned())
}
