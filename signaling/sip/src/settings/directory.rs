//! Whom the endpoint knows: phones and trunks, and what they log in with.

use std::fmt;

use super::{SettingsError, Transport};
use crate::{
    networks::{NetworkError, Networks},
    words,
};

/// Everybody the endpoint knows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Directory {
    /// The phones that may register and call.
    pub accounts: Vec<Account>,
    /// The ways to and from the telephone network.
    pub trunks: Vec<Trunk>,
}

/// A desk phone's account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// The user part of its address of record, and the name that it logs in with.
    pub user: String,
    /// What it logs in with.
    pub password: Secret,
    /// The name that others see when it calls.
    pub name: String,
}

impl Account {
    /// Whether this account can be used.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a sentence for an administrator.
    pub fn check(&self) -> Result<(), SettingsError> {
        if !words::is_account(&self.user) {
            return Err(SettingsError::User(self.user.clone()));
        }
        if self.password.is_empty() {
            return Err(SettingsError::NoPassword(self.user.clone()));
        }
        Ok(())
    }
}

/// A SIP connection to a carrier or a telephone system.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Trunk {
    /// Names it towards the server.
    pub id: String,
    /// Names it towards people.
    pub name: String,
    /// Where it is: `host` or `host:port`.
    pub host: String,
    /// How it is reached.
    pub transport: Transport,
    /// What we log in with, where it asks for a login.
    pub login: Option<Login>,
    /// The addresses and networks that its calls come from (`203.0.113.7`, `203.0.113.0/28`,
    /// `2001:db8::/48`). Calls from these need no password.
    pub from_addresses: Vec<String>,
    /// The number that we call from, where the call brings none.
    pub caller_id: Option<String>,
    /// Calls at once, in and out together; 0 means as many as come.
    pub most_calls: u32,
    /// How often OPTIONS asks whether it is there, in seconds; 0 means never.
    pub options_every_s: u32,
}

impl Trunk {
    /// The networks that its calls come from.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] for the first text that is no network.
    pub fn networks(&self) -> Result<Networks, NetworkError> {
        Networks::parse(self.from_addresses.iter().map(String::as_str))
    }

    /// Whether this trunk can be used.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a sentence for an administrator.
    pub fn check(&self) -> Result<(), SettingsError> {
        if words::host_port(&self.host).is_none() {
            return Err(SettingsError::TrunkHost {
                trunk: self.name.clone(),
                host: self.host.clone(),
            });
        }
        if let Err(why) = self.networks() {
            let trunk = self.name.clone();
            return Err(SettingsError::TrunkNetwork { trunk, why });
        }
        if let Some(number) = &self.caller_id
            && words::dialled(number).is_none()
        {
            return Err(SettingsError::TrunkCallerId {
                trunk: self.name.clone(),
                number: number.clone(),
            });
        }
        if let Some(login) = &self.login
            && (!words::is_user_part(&login.user)
                || words::header_value(&login.auth_user).is_none())
        {
            return Err(SettingsError::TrunkLogin(self.name.clone()));
        }
        Ok(())
    }
}

/// What we log in with at a trunk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Login {
    /// The user part of our address there.
    pub user: String,
    /// The name for the digest, where it differs from `user`; otherwise the same.
    pub auth_user: String,
    /// The password for the digest.
    pub password: Secret,
    /// Whether we register there, so that it calls us where we are.
    pub register: bool,
}

/// A password. It never shows in a log: [`Secret::reveal`] is the only way to it.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Hides `secret`.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The password itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}
