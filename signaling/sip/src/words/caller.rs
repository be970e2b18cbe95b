//! Who calls: a number and a name from the headers of an INVITE.

use super::{Address, dialled_plainly, split_commas};

/// Who calls, as far as it is known and not withheld.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Caller {
    /// The number, or the user of an address that is none: `+442079460000`, `1001`, `anna`.
    pub number: Option<String>,
    /// The name that came with it, fit to be shown.
    pub name: Option<String>,
}

impl Caller {
    /// A caller with this number and nothing else.
    #[must_use]
    pub fn number(number: impl Into<String>) -> Self {
        Self {
            number: Some(number.into()),
            name: None,
        }
    }
}

/// Who calls, from the values of From, `P-Asserted-Identity` and Privacy.
///
/// `asserted` is to be given for trunks alone: RFC 3325 §8 lets it count only where the sender is
/// trusted. The first asserted number wins over From, the asserted name over From's. Where the
/// caller withholds who they are (an `anonymous` address, RFC 3323 §4.1, or `Privacy: id`, RFC 3325
/// §9.3) both are `None`, even if the trunk told us the number.
#[must_use]
pub fn caller(from: Option<&str>, asserted: &[&str], privacy: &[&str]) -> Caller {
    let withheld = privacy
        .iter()
        .flat_map(|value| value.split([';', ',']))
        .map(str::trim)
        .any(|wish| {
            ["id", "user", "header"]
                .iter()
                .any(|known| wish.eq_ignore_ascii_case(known))
        });
    let from = from.and_then(Address::parse);
    if withheld || from.as_ref().is_some_and(is_withheld) {
        return Caller::default();
    }
    let asserted: Vec<Address> = asserted
        .iter()
        .flat_map(|value| split_commas(value))
        .take(4)
        .filter_map(Address::parse)
        .filter(|address| !is_withheld(address))
        .collect();
    let mut known = asserted.iter().chain(&from);
    Caller {
        number: known.clone().find_map(number_of),
        name: known.find_map(|address| address.name.clone()),
    }
}

/// The number of an address, or its user. Gateways write a word where they know none.
fn number_of(address: &Address) -> Option<String> {
    let user = address.uri.as_ref()?.user.as_deref()?;
    let known = !["unavailable", "unknown"]
        .iter()
        .any(|word| user.eq_ignore_ascii_case(word));
    dialled_plainly(user).filter(|_| known)
}

/// Whether an address says that it does not say (RFC 3323 §4.1, RFC 3325 §9.3, and what gateways
/// write instead).
fn is_withheld(address: &Address) -> bool {
    let Some(uri) = &address.uri else {
        return false;
    };
    let hidden = |user: &str| {
        ["anonymous", "restricted", "private"]
            .iter()
            .any(|word| user.eq_ignore_ascii_case(word))
    };
    uri.user.as_deref().is_some_and(hidden)
        || uri
            .host
            .as_ref()
            .is_some_and(|host| host.host == "anonymous.invalid")
}
