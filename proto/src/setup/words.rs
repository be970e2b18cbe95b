//! A sentence in several languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A sentence by language (BCP 47 primary tag, lower case): `{"en": "Laptops", "es": "Portátiles"}`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Words(pub BTreeMap<String, String>);

impl Words {
    /// A sentence in one language.
    #[must_use]
    pub fn one(language: &str, text: &str) -> Self {
        Self(BTreeMap::from([(language.to_owned(), text.to_owned())]))
    }

    /// The sentence in the language of `tag` (`es-MX` reads `es`), else in English, else in the
    /// first language there is; empty where there is none.
    #[must_use]
    pub fn read(&self, tag: &str) -> &str {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let exact = self.0.get(&primary.to_ascii_lowercase());
        let text = exact.or_else(|| self.0.get("en"));
        text.or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// Whether there is no sentence in any language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_read_in_the_nearest_language() {
        let mut words = Words::one("en", "Yes");
        words.0.insert("es".into(), "Sí".into());

        assert_eq!(words.read("es-MX"), "Sí");
        assert_eq!(words.read("fr"), "Yes");
        assert_eq!(Words::one("de", "Ja").read("fr"), "Ja");
        assert_eq!(Words::default().read("en"), "");
    }
}
