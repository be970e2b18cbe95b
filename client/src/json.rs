//! Reads the server's JSON.
//!
//! A reader for our own wire alone: it takes what `serde` derives for structs, enums, options and
//! lists, and says no more about an error than that there was one. That makes it a fifth of the
//! download that a reader for everybody's JSON would be, for the same answer.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// The text is not JSON, or not of the form that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not the JSON that was expected")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads a value.
///
/// # Errors
///
/// [`Unreadable`].
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
    };
    let value = T::deserialize(&mut reader)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Unreadable),
    }
}

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

    /// The text of a number.
    fn number(&mut self) -> Result<&str, Unreadable> {
        self.peek();
        let start = self.at;
        while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
        }
        str::from_utf8(&self.text[start..self.at]).map_err(|_| Unreadable)
    }

    fn unsigned(&mut self) -> Result<u64, Unreadable> {
        self.number()?.parse().map_err(|_| Unreadable)
    }

    fn signed(&mut self) -> Result<i64, Unreadable> {
        self.number()?.parse().map_err(|_| Unreadable)
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

    /// Passes over a value of any form, however deep.
    fn skip(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0_usize;
        loop {
            match self.peek().ok_or(Unreadable)? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1).ok_or(Unreadable)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                _ if self.word("true") || self.word("false") || self.word("null") => {}
                _ if self.number()?.is_empty() => return Err(Unreadable),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

macro_rules! numbers {
    ($($method:ident $read:ident $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.$visit(self.$read()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Unreadable;

    numbers! {
        deserialize_u8 unsigned visit_u64;
        deserialize_u16 unsigned visit_u64;
        deserialize_u32 unsigned visit_u64;
        deserialize_u64 unsigned visit_u64;
        deserialize_i8 signed visit_i64;
        deserialize_i16 signed visit_i64;
        deserialize_i32 signed visit_i64;
        deserialize_i64 signed visit_i64;
        deserialize_char string visit_string;
        deserialize_str string visit_string;
        deserialize_string string visit_string;
        deserialize_identifier string visit_string;
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unreadable> {
        // Nothing on our wire leaves its form open.
        Err(Unreadable)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let yes = self.word("true");
        if !yes && !self.word("false") {
            return Err(Unreadable);
        }
        visitor.visit_bool(yes)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_f64(self.number()?.parse().map_err(|_| Unreadable)?)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if !self.word("null") {
            return Err(Unreadable);
        }
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.word("null") {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.expect(b'[')?;
        let value = visitor.visit_seq(Items::of(self, b']'))?;
        self.expect(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.expect(b'{')?;
        let value = visitor.visit_map(Items::of(self, b'}'))?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    /// `"variant"`, or `{"variant": value}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if self.peek() == Some(b'"') {
            return visitor.visit_enum(Variant {
                reader: self,
                bare: true,
            });
        }
        self.expect(b'{')?;
        let value = visitor.visit_enum(Variant {
            reader: &mut *self,
            bare: false,
        })?;
        self.expect(b'}')?;
        Ok(value)
    }

    serde::forward_to_deserialize_any! { i128 u128 bytes byte_buf unit_struct tuple_struct }
}

/// What stands between brackets, with commas between.
struct Items<'r, 't> {
    reader: &'r mut Reader<'t>,
    end: u8,
    first: bool,
}

impl<'r, 't> Items<'r, 't> {
    fn of(reader: &'r mut Reader<'t>, end: u8) -> Self {
        Self {
            reader,
            end,
            first: true,
        }
    }

    fn more(&mut self) -> Result<bool, Unreadable> {
        if self.reader.peek() == Some(self.end) {
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.reader.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        if self.more()? {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'de> MapAccess<'de> for Items<'_, '_> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        if self.more()? {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

struct Variant<'r, 't> {
    reader: &'r mut Reader<'t>,
    /// Without a value.
    bare: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self), Unreadable> {
        let variant = seed.deserialize(&mut *self.reader)?;
        if !self.bare {
            self.reader.expect(b':')?;
        }
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        if self.bare {
            Ok(())
        } else {
            self.reader.skip()
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        if self.bare {
            return Err(Unreadable);
        }
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        if self.bare {
            return Err(Unreadable);
        }
        self.reader.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if self.bare {
            return Err(Unreadable);
        }
        self.reader.deserialize_map(visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bellwire_proto::{
        agent::AgentEvent,
        visitor::VisitorEvent,
        wire::{Down, Up},
    };

    use super::*;

    /// Reads as the general reader does, whether well or not.
    fn same<T: DeserializeOwned + PartialEq + fmt::Debug>(text: &str) {
        assert_eq!(
            read::<T>(text).ok(),
            serde_json::from_str(text).ok(),
            "{text}"
        );
    }

    #[test]
    fn it_reads_what_the_server_says() {
        let id = "0123456789ABCDEFGHJKMNPQRS";
        for text in [
            r#"{"done":{"n":7}}"#,
            r#""pong""#,
            r#"{"bye":{"reason":"restart","retry_in_ms":500}}"#,
            r#"{"bye":{"reason":"replaced","retry_in_ms":null}}"#,
            r#"{"ice":[{"urls":["stun:a","turn:b"],"username":"u"},{"urls":[]}]}"#,
            r#"{"tell":{"centre":{"call_agents":1,"chat_agents":2,"waiting":3}}}"#,
            r#"{"tell":{"session":{"centre":{"call_agents":1,"chat_agents":2,"waiting":3},"name":"\u00c5sa \ud83d\ude00 \"x\"\n","interactions":[]}}}"#,
            r#"{"tell":{"unheard_of":{"deep":[1,{"a":[]}]}}}"#,
            r#"{"tell":{"centre":{"call_agents":1,"newer":[{"x":"]}"},-1.5e3,true,null],"chat_agents":2,"waiting":3}}}"#,
        ] {
            same::<Down<VisitorEvent>>(text);
            same::<Down<AgentEvent>>(text);
        }
        let stage = format!(
            r#" {{ "tell" : {{"ended":{{"interaction":"int_{id}","cause":"hung_up","by":"agent"}}}} }} "#
        );
        same::<Down<VisitorEvent>>(&stage);
        assert!(read::<Down<VisitorEvent>>(&stage).is_ok());
    }

    #[test]
    fn it_refuses_what_is_not_json() {
        for text in [
            "",
            "{",
            "nonsense",
            r#"{"done":{"n":7}"#,
            r#"{"done":{"n":7}}x"#,
            r#"{"done":{"n":-1}}"#,
            r#"{"done":{"n":1.5}}"#,
            r#"{"done":{"m":7}}"#,
            r#""po"#,
            r#"{"done" {"n":7}}"#,
            "\"\\ud800\"",
        ] {
            same::<Down<VisitorEvent>>(text);
            same::<Up<u32>>(text);
            same::<String>(text);
        }
    }

    #[test]
    fn it_reads_numbers_lists_and_maps() {
        same::<Vec<(String, u8, i32)>>(r#"[["a",1,-2],["b\/",255,3]]"#);
        same::<Vec<u8>>("[256]");
        same::<Vec<f64>>("[1, -2.5e2, 0.1]");
        same::<BTreeMap<String, Option<bool>>>(r#"{"a":true,"b":null,"c":false}"#);
        same::<Vec<String>>("[\"\u{1F600}\", \"\\u0041\\t\"]");
    }
}
