//! Who is let in: users by password, their desks by a ticket, visitors by a token.

mod ice;
mod limiter;
mod passwords;
mod tickets;
mod visitors;

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bellwire_proto::{
    id::{SessionId, SiteKey},
    time::Timestamp,
};

pub use ice::ice_servers;
pub use passwords::{bad_password, hash, is_user_name};

use self::{
    limiter::{Limiter, Subject},
    passwords::Passwords,
    tickets::Tickets,
    visitors::Signer,
};
use crate::{
    config::Config,
    random,
    store::{self, Login, LoginId, Store, User},
};

/// The longest user name and password that are looked at, in bytes.
pub(crate) const LONGEST: usize = 256;

/// Lets people in.
#[derive(Debug)]
pub struct Auth {
    store: Store,
    passwords: Passwords,
    limiter: Mutex<Limiter>,
    tickets: Mutex<Tickets>,
    visitors: Signer,
}

/// A user who just signed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedIn {
    /// For the browser's cookie. Nothing else of it is kept but its hash.
    pub token: String,
    /// Who it is.
    pub user: User,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The user name or the password is wrong; which one is not told.
    #[error("The user name or the password is wrong.")]
    Wrong,
    /// Too many wrong passwords. Asking again helps later.
    #[error("Too many attempts. Try again in {} s.", retry_after.as_secs().max(1))]
    TooMany {
        /// When.
        retry_after: Duration,
    },
    /// Too many people sign in at this moment. Asking again helps.
    #[error("Too many people are signing in just now. Try again in a moment.")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Auth {
    /// Lets in the people that `store` knows.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn new(store: Store, config: &Config) -> Result<Self, store::Error> {
        let secret = store.server_secret().await?;
        Ok(Self {
            store,
            passwords: Passwords::new(),
            limiter: Mutex::new(Limiter::new(&config.limits)),
            tickets: Mutex::default(),
            visitors: Signer::new(secret),
        })
    }

    /// Signs a user in.
    ///
    /// An unknown user takes as long as a wrong password, and gets the same answer.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn sign_in(
        &self,
        address: IpAddr,
        user: &str,
        password: &str,
        now: Timestamp,
    ) -> Result<SignedIn, SignInError> {
        if user.len() > LONGEST || password.len() > LONGEST {
            return Err(SignInError::Wrong);
        }
        let subjects = [Subject::address(address), Subject::user(user)];
        // Counted before it is known to be wrong: many attempts at once do not slip through.
        if let Err(retry_after) = guard(&self.limiter).attempt(&subjects, now) {
            return Err(SignInError::TooMany { retry_after });
        }
        let known = match self.store.user_by_name(user).await {
            Ok(known) => known,
            Err(error) => {
                guard(&self.limiter).forgive(&subjects);
                return Err(error.into());
            }
        };
        let (user, hash) = known.unzip();
        let Some(right) = self.passwords.verify(password, hash).await else {
            guard(&self.limiter).forgive(&subjects);
            return Err(SignInError::Busy);
        };
        let Some(user) = user.filter(|_| right) else {
            tracing::info!(%address, "a sign-in was refused");
            return Err(SignInError::Wrong);
        };
        guard(&self.limiter).forgive(&subjects);
        let token = random::token();
        self.store
            .add_login(&LoginId::of(&token), &user, now)
            .await?;
        tracing::info!(user = %user.id, %address, "a user signed in");
        Ok(SignedIn { token, user })
    }

    /// Who shows this token, if anyone is signed in with it.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn who(&self, token: &str, now: Timestamp) -> Result<Option<Login>, store::Error> {
        if token.len() > LONGEST {
            return Ok(None);
        }
        self.store.login(&LoginId::of(token), now).await
    }

    /// Signs out, and gives who that was.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn sign_out(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Login>, store::Error> {
        let Some(login) = self.who(token, now).await? else {
            return Ok(None);
        };
        self.store.remove_login(&login.id, now).await?;
        tracing::info!(user = %login.user.id, "a user signed out");
        Ok(Some(login))
    }

    /// Whether the login is good still. A desk that asks now and then keeps it from running idle.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn still_signed_in(
        &self,
        login: &LoginId,
        now: Timestamp,
    ) -> Result<bool, store::Error> {
        Ok(self.store.login(login, now).await?.is_some())
    }

    /// A ticket that opens one desk's socket within 30 s.
    ///
    /// `None` where too many are open: trying again in a while helps.
    pub fn ticket(&self, login: &Login, now: Timestamp) -> Option<String> {
        guard(&self.tickets).issue(login, now)
    }

    /// Takes a ticket. It is worth nothing from then on.
    pub fn redeem(&self, ticket: &str, now: Timestamp) -> Option<Login> {
        guard(&self.tickets).redeem(ticket, now)
    }

    /// The token by which a visitor's pages show that the session is theirs.
    #[must_use]
    pub fn visitor_token(&self, site: &SiteKey, session: SessionId) -> String {
        self.visitors.token(site, session)
    }

    /// The session that a visitor's token is for; `None` where it was not made for this site.
    #[must_use]
    pub fn verify_visitor_token(&self, site: &SiteKey, token: &str) -> Option<SessionId> {
        self.visitors.verify(site, token)
    }
}

/// Locks. What a panic left behind is whole: every change under these locks is one step.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
