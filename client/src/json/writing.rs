//! Writes values as JSON, each by a few calls.

/// What can be written as JSON.
pub trait Write {
    /// Writes the value at the end of `out`.
    fn write(&self, out: &mut String);
}

/// A value as JSON.
#[must_use]
pub fn write(value: &dyn Write) -> String {
    let mut out = String::new();
    value.write(&mut out);
    out
}

/// Values by name.
pub type Entries<'e> = &'e [(&'e str, &'e dyn Write)];

impl Write for Entries<'_> {
    fn write(&self, out: &mut String) {
        for (n, (name, value)) in self.iter().enumerate() {
            out.push(if n == 0 { '{' } else { ',' });
            name.write(out);
            out.push(':');
            value.write(out);
        }
        out.push_str(if self.is_empty() { "{}" } else { "}" });
    }
}

fn write_list(items: &mut dyn Iterator<Item = &dyn Write>, out: &mut String) {
    out.push('[');
    for (n, item) in items.enumerate() {
        if n > 0 {
            out.push(',');
        }
        item.write(out);
    }
    out.push(']');
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, out: &mut String) {
        write_list(&mut self.iter().map(|item| item as &dyn Write), out);
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

impl<A: Write, B: Write> Write for (A, B) {
    fn write(&self, out: &mut String) {
        let items: [&dyn Write; 2] = [&self.0, &self.1];
        write_list(&mut items.into_iter(), out);
    }
}

impl<A: Write, B: Write, C: Write> Write for (A, B, C) {
    fn write(&self, out: &mut String) {
        let items: [&dyn Write; 3] = [&self.0, &self.1, &self.2];
        write_list(&mut items.into_iter(), out);
    }
}

impl Write for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl Write for u64 {
    fn write(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

macro_rules! write_numbers {
    ($($kind:ident)*) => {$(
        impl Write for $kind {
            fn write(&self, out: &mut String) {
                u64::from(*self).write(out);
            }
        }
    )*};
}

write_numbers! { u8 u16 u32 }

impl Write for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

impl Write for &str {
    fn write(&self, out: &mut String) {
        out.push('"');
        for letter in self.chars() {
            match letter {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(letter);
                }
                // RFC 8259 §7: what is below a space must not stand there as it is.
                '\0'..' ' => {
                    let digit = |n| char::from_digit(n, 16).unwrap_or('0');
                    let code = u32::from(letter);
                    out.push_str("\\u00");
                    out.push(digit(code / 16));
                    out.push(digit(code % 16));
                }
                letter => out.push(letter),
            }
        }
        out.push('"');
    }
}
