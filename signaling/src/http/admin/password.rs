//! Passwords that are given beside a document: a user's becomes a hash; a phone's and a trunk's stay
//! as they are, because a digest is made of them.

use bellwire_proto::{
    admin::{FirstPassword, Kind},
    setup::{Phone, Trunk},
};

use super::refused::Refused;
use crate::{
    auth,
    http::problem::Problem,
    random,
    store::{Change, Error},
};

/// The most characters of a phone's or trunk's password.
const LONGEST: usize = 128;

/// A password that may be taken.
pub(super) enum Password {
    /// None was given.
    None,
    /// The hash of a user's.
    Hash(String),
    /// A phone's or trunk's.
    Secret(String),
}

impl Password {
    /// The password of a body.
    pub(super) async fn read(kind: Kind, id: &str, given: Option<String>) -> Result<Self, Refused> {
        let Some(given) = given else {
            return Ok(Self::None);
        };
        let refused = |say: String| Refused::finding(kind, id, "password", say);
        match kind {
            Kind::User => match auth::bad_password(&given) {
                Some(why) => Err(refused(sentence(&why))),
                None => Ok(Self::Hash(hash(given).await?)),
            },
            Kind::Phone | Kind::Trunk => match bad_secret(kind, &given) {
                Some(why) => Err(refused(why)),
                None => Ok(Self::Secret(given)),
            },
            Kind::Site
            | Kind::Queue
            | Kind::Hours
            | Kind::Intent
            | Kind::Form
            | Kind::Invitation
            | Kind::Number
            | Kind::Dialling
            | Kind::Skills
            | Kind::Reasons
            | Kind::Dispositions => {
                let say = "Only users, phones and trunks have a password.";
                Err(Refused::finding(kind, id, "", say))
            }
        }
    }

    /// A user's, as its hash.
    pub(super) fn hash(&self) -> Option<&str> {
        match self {
            Self::Hash(hash) => Some(hash),
            Self::None | Self::Secret(_) => None,
        }
    }

    /// A phone's or trunk's.
    pub(super) fn secret(&self) -> Option<&str> {
        match self {
            Self::Secret(secret) => Some(secret),
            Self::None | Self::Hash(_) => None,
        }
    }
}

/// The hash of a user's password.
pub(super) async fn hash(password: String) -> Result<String, Problem> {
    let stopping = |_| Problem::busy("The server stops. Please try again in a moment.".to_owned());
    auth::hash(password).await.map_err(stopping)
}

/// Gives a phone its password: the one that was given, else one is made where it has none. Gives what
/// was made.
pub(super) async fn of_phone(
    change: &mut Change,
    phone: &Phone,
    given: Option<&str>,
) -> Result<Option<FirstPassword>, Error> {
    let id = phone.id.to_string();
    let made = match given {
        Some(_) => None,
        None if change.has_secret(Kind::Phone, &id).await? => None,
        None => Some(random::password()),
    };
    if let Some(password) = given.or(made.as_deref()) {
        let name = &phone.name;
        (change.set_secret(Kind::Phone, &id, name, password)).await?;
    }
    Ok(made.map(|password| FirstPassword {
        kind: Kind::Phone,
        user: phone.user.clone(),
        password,
    }))
}

/// Gives a trunk its password, where one was given. One that logs in must have one.
pub(super) async fn of_trunk(
    change: &mut Change,
    trunk: &Trunk,
    given: Option<&str>,
) -> Result<(), Refused> {
    let id = trunk.id.to_string();
    let refused = |say: &str| Err(Refused::finding(Kind::Trunk, &id, "password", say));
    match (&trunk.login, given) {
        (None, Some(_)) => refused(
            "A password goes with an account. Write the account too, or take the password away.",
        ),
        (Some(_), None) if !change.has_secret(Kind::Trunk, &id).await? => refused(
            "An account needs its password. Write it as the carrier gave it, or take the account \
             away.",
        ),
        (Some(_), Some(password)) => {
            let name = &trunk.name;
            Ok((change.set_secret(Kind::Trunk, &id, name, password)).await?)
        }
        (None | Some(_), None) => Ok(()),
    }
}

/// Why a phone's or trunk's password is not taken. A carrier's is taken as it is, as far as it can be
/// typed.
fn bad_secret(kind: Kind, password: &str) -> Option<String> {
    let count = password.chars().count();
    if kind == Kind::Phone
        && let Some(why) = auth::bad_password(password)
    {
        return Some(sentence(&why));
    }
    if count == 0 || count > LONGEST {
        return Some(format!("A password has 1 to {LONGEST} characters."));
    }
    if password.chars().any(char::is_control) {
        return Some(
            "A password has no line breaks or other characters that cannot be seen.".to_owned(),
        );
    }
    let typed = password.bytes().all(|byte| byte.is_ascii_graphic());
    (kind == Kind::Phone && !typed).then(|| {
        "Phones often cannot send accents and spaces in a password. Use letters without accents, \
         digits and signs."
            .to_owned()
    })
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phones_password_is_hard_to_guess_and_can_be_typed_on_it() {
        assert_eq!(bad_secret(Kind::Phone, "k7mq-2xvd-9hpt"), None);
        for bad in [
            "",
            "1234",
            "a b c d e f",
            "contraseña-larga",
            "line\nbreak--",
        ] {
            assert!(bad_secret(Kind::Phone, bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn a_carriers_password_is_taken_as_it_is() {
        for good in ["1234", "with a blank", "ñ"] {
            assert_eq!(bad_secret(Kind::Trunk, good), None, "{good:?}");
        }
        let long = "x".repeat(129);
        for bad in ["", "line\nbreak", &long] {
            assert!(bad_secret(Kind::Trunk, bad).is_some(), "{bad:?}");
        }
    }
}
