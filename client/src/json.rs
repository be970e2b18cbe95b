//! Reads the server's JSON into a tree, and values out of the tree; and writes values as JSON.
//!
//! Every value is read and written by a few calls, with no code of its own for each way to be
//! wrong: a visitor downloads a fraction of what code derived for every type would be. What is
//! wrong is only noted, and refused as a whole at the end.

use std::fmt;

#[cfg(test)]
mod tests;
mod writing;

pub use writing::{Entries, Write, write};

/// The text is not JSON, or not of the form that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not the JSON that was expected")
    }
}

impl std::error::Error for Unreadable {}

/// A JSON value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Json {
    /// Nothing, or a number that nothing on our wire is: below zero or broken.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// Values by name.
    Map(Vec<(String, Self)>),
}

static NULL: Json = Json::Null;

impl Json {
    /// The value of this name; [`Json::Null`] where there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &Self {
        let Self::Map(entries) = self else {
            return &NULL;
        };
        let found = entries.iter().find(|(key, _)| key == name);
        found.map_or(&NULL, |(_, value)| value)
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Map(_) => &[],
        }
    }

    /// The text; empty where it is none.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Map(_) => "",
        }
    }

    /// `"variant"`, or `{"variant": value}`, as its name and its value.
    #[must_use]
    pub fn variant(&self) -> (&str, &Self) {
        match self {
            Self::Map(entries) => match entries.as_slice() {
                [(name, value)] => (name, value),
                _ => ("", &NULL),
            },
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => {
                (self.text(), &NULL)
            }
        }
    }
}

/// What can be read out of a tree.
pub trait Read: Sized {
    /// Reads a value. Where it is not of its form, `good` becomes false, and the value is any.
    fn read(json: &Json, good: &mut bool) -> Self;
}

/// Reads the value of this name.
pub fn field<T: Read>(json: &Json, name: &str, good: &mut bool) -> T {
    T::read(json.get(name), good)
}

/// Reads the value of this name, which may be left out.
pub fn field_or_none<T: Read + Default>(json: &Json, name: &str, good: &mut bool) -> T {
    Option::read(json.get(name), good).unwrap_or_default()
}

/// Reads a text as JSON, and a value out of it.
///
/// # Errors
///
/// [`Unreadable`].
pub fn read<T: Read>(text: &str) -> Result<T, Unreadable> {
    let json = parse(text)?;
    let mut good = true;
    let value = T::read(&json, &mut good);
    good.then_some(value).ok_or(Unreadable)
}

impl Read for bool {
    fn read(json: &Json, good: &mut bool) -> Self {
        let yes = *json == Json::Bool(true);
        *good &= yes || *json == Json::Bool(false);
        yes
    }
}

impl Read for u64 {
    fn read(json: &Json, good: &mut bool) -> Self {
        if let Json::Number(number) = json {
            return *number;
        }
        *good = false;
        0
    }
}

macro_rules! numbers {
    ($($kind:ident)*) => {$(
        impl Read for $kind {
            fn read(json: &Json, good: &mut bool) -> Self {
                let number = Self::try_from(u64::read(json, good));
                *good &= number.is_ok();
                number.unwrap_or_default()
            }
        }
    )*};
}

numbers! { u8 u16 u32 }

impl Read for String {
    fn read(json: &Json, good: &mut bool) -> Self {
        let text = json.text();
        *good &= !text.is_empty() || matches!(json, Json::Text(_));
        text.to_owned()
    }
}

impl<T: Read> Read for Option<T> {
    fn read(json: &Json, good: &mut bool) -> Self {
        (*json != Json::Null).then(|| T::read(json, good))
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: &Json, good: &mut bool) -> Self {
        *good &= matches!(json, Json::List(_));
        let items = json.items().iter();
        items.map(|item| T::read(item, good)).collect()
    }
}

impl<A: Read, B: Read> Read for (A, B) {
    fn read(json: &Json, good: &mut bool) -> Self {
        let [a, b] = json.items() else {
            *good = false;
            return (A::read(&NULL, good), B::read(&NULL, good));
        };
        (A::read(a, good), B::read(b, good))
    }
}

impl<A: Read, B: Read, C: Read> Read for (A, B, C) {
    fn read(json: &Json, good: &mut bool) -> Self {
        let [a, b, c] = json.items() else {
            *good = false;
            let (a, b) = <(A, B)>::read(&NULL, good);
            return (a, b, C::read(&NULL, good));
        };
        (A::read(a, good), B::read(b, good), C::read(c, good))
    }
}

/// Reads a text as JSON.
///
/// # Errors
///
/// [`Unreadable`], also where it is deeper than anything on our wire.
pub fn parse(text: &str) -> Result<Json, Unreadable> {
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
    };
    let json = reader.value(DEEPEST)?;
    match reader.peek() {
        None => Ok(json),
        Some(_) => Err(Unreadable),
    }
}

/// How deep values may lie in each other.
const DEEPEST: u32 = 64;

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn next_is(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        if is {
            self.at += 1;
        }
        is
    }

    fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.next_is(byte) {
            Ok(())
        } else {
            Err(Unreadable)
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let is = self.text[self.at..].starts_with(word.as_bytes());
        if is {
            self.at += word.len();
        }
        is
    }

    fn value(&mut self, deep: u32) -> Result<Json, Unreadable> {
        let deeper = deep.checked_sub(1).ok_or(Unreadable)?;
        match self.peek() {
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'[') => {
                let mut items = Vec::new();
                self.each(b']', |reader| {
                    items.push(reader.value(deeper)?);
                    Ok(())
                })?;
                Ok(Json::List(items))
            }
            Some(b'{') => {
                let mut entries = Vec::new();
                self.each(b'}', |reader| {
                    let name = reader.string()?;
                    reader.expect(b':')?;
                    entries.push((name, reader.value(deeper)?));
                    Ok(())
                })?;
                Ok(Json::Map(entries))
            }
            Some(b'-' | b'0'..=b'9') => Ok(self.number()),
            _ if self.word("null") => Ok(Json::Null),
            _ if self.word("true") => Ok(Json::Bool(true)),
            _ if self.word("false") => Ok(Json::Bool(false)),
            _ => Err(Unreadable),
        }
    }

    /// What stands between brackets, with commas between.
    fn each(
        &mut self,
        end: u8,
        mut one: impl FnMut(&mut Self) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        self.at += 1;
        if self.next_is(end) {
            return Ok(());
        }
        loop {
            one(self)?;
            if self.next_is(end) {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn number(&mut self) -> Json {
        let mut number = Some(0_u64);
        while let Some(byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) =
            self.text.get(self.at)
        {
            let digit = char::from(*byte).to_digit(10);
            number = number
                .zip(digit)
                .and_then(|(number, digit)| number.checked_mul(10)?.checked_add(digit.into()));
            self.at += 1;
        }
        number.map_or(Json::Null, Json::Number)
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        self.expect(b'"')?;
        let mut bytes = Vec::new();
        loop {
            let byte = self.byte()?;
            match byte {
                b'"' => return String::from_utf8(bytes).map_err(|_| Unreadable),
                b'\\' => self.escape(&mut bytes)?,
                0..0x20 => return Err(Unreadable),
                _ => bytes.push(byte),
            }
        }
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        let byte = self.text.get(self.at).copied().ok_or(Unreadable)?;
        self.at += 1;
        Ok(byte)
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Unreadable> {
        let byte = match self.byte()? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 0x08,
            b'f' => 0x0c,
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'u' => {
                let letter = self.unicode()?;
                bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(Unreadable),
        };
        bytes.push(byte);
        Ok(())
    }

    /// `\uXXXX`, or two of them for a letter beyond the first plane (RFC 8259 §7).
    fn unicode(&mut self) -> Result<char, Unreadable> {
        let first = self.hex()?;
        let code = match first {
            0xD800..0xDC00 => {
                if self.byte()? != b'\\' || self.byte()? != b'u' {
                    return Err(Unreadable);
                }
                let second = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400);
                0x10000 + ((first - 0xD800) << 10) + second.ok_or(Unreadable)?
            }
            code => code,
        };
        char::from_u32(code).ok_or(Unreadable)
    }

    fn hex(&mut self) -> Result<u32, Unreadable> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte()?).to_digit(16).ok_or(Unreadable)?;
            code = code * 16 + digit;
        }
        Ok(code)
    }
}
