//! Light or dark, kept in this browser.

use bellwire_client::storage;
use leptos::prelude::document;

use crate::text;

const KEY: &str = "bellwire-theme";

/// Which colours the desk has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All, in the order of the menu.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// What was chosen in this browser before.
    pub(crate) fn kept() -> Self {
        storage::local(KEY).map_or_else(Self::default, |kept| Self::read(&kept))
    }

    /// Shows these colours and keeps the choice.
    pub(crate) fn choose(self) {
        self.show();
        storage::set_local(KEY, Some(self.mark()));
    }

    /// Shows these colours.
    pub(crate) fn show(self) {
        let Some(root) = document().document_element() else {
            return;
        };
        // Neither call fails: the attribute's name is well formed.
        _ = match self {
            Self::System => root.remove_attribute("data-theme"),
            Self::Light | Self::Dark => root.set_attribute("data-theme", self.mark()),
        };
    }

    /// Its name in the menu.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => text::THEME_SYSTEM,
            Self::Light => text::THEME_LIGHT,
            Self::Dark => text::THEME_DARK,
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn read(mark: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.mark() == mark)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_theme_reads_back_and_nonsense_follows_the_system() {
        for theme in Theme::ALL {
            assert_eq!(Theme::read(theme.mark()), theme);
        }
        assert_eq!(Theme::read("sepia"), Theme::System);
    }
}
