//! Transfers: REFER (RFC 3515) out and in, with `Replaces` (RFC 3891), and what is told about them.

use anyhow::{Result, ensure};

use super::Call;
use crate::{
    phones::telephone::Message,
    wait::{SOON, until},
};

/// A transfer that we were asked for.
#[derive(Clone, Debug)]
pub struct Refer {
    /// The whole address, headers included.
    pub uri: String,
    /// Its user part.
    pub user: String,
    /// Who asked (RFC 3892).
    pub by: Option<String>,
}

impl Call {
    /// Asks the far end to call somebody else in our place (RFC 3515).
    ///
    /// # Errors
    ///
    /// Where it does not agree.
    pub async fn refer(&self, to: &str) -> Result<()> {
        let uri = match to.starts_with("sip") {
            true => to.to_owned(),
            false => format!("sip:{to}@{}", self.0.stack.settings.domain),
        };
        self.refer_to(&format!("<{uri}>")).await
    }

    /// Asks the far end to take over our other call (`Replaces`, RFC 3891).
    ///
    /// # Errors
    ///
    /// Where it does not agree.
    pub async fn refer_to_call(&self, other: &Self) -> Result<()> {
        let (target, replaces) = {
            let state = other.0.state();
            (state.dialog.target().to_owned(), state.dialog.replaces())
        };
        let target = target.split(';').next().unwrap_or_default().to_owned();
        self.refer_to(&format!("<{target}?Replaces={}>", escape(&replaces)))
            .await
    }

    async fn refer_to(&self, to: &str) -> Result<()> {
        let by = self.0.stack.own_address();
        let dress = |request: Message| request.with("Refer-To", to).with("Referred-By", by);
        let answer = self.ask("REFER", dress).await?;
        ensure!(
            answer.status() == Some(202),
            "REFER was answered with:\n{answer}"
        );
        Ok(())
    }

    /// What the far end told about our transfer so far: 100, 180, 200.
    #[must_use]
    pub fn transfer(&self) -> Vec<u16> {
        self.0.state().told.clone()
    }

    /// Waits until the far end tells this about our transfer.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn transferred(&self, status: u16) -> Result<()> {
        until(format!("transfer with {status}"), SOON, async || {
            let told = self.transfer();
            ensure!(told.contains(&status), "told {told:?}");
            Ok(Some(()))
        })
        .await
    }

    /// Waits until the far end asks us to call somebody else.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn referred(&self) -> Result<Refer> {
        until("REFER", SOON, async || Ok(self.0.state().refer.clone())).await
    }

    /// Tells how the transfer goes that we were asked for.
    ///
    /// # Errors
    ///
    /// Where the far end does not take it.
    pub async fn tell_transfer(&self, status: u16) -> Result<()> {
        let state = match status {
            ..200 => "active;expires=60",
            200.. => "terminated;reason=noresource",
        };
        let dress = |request: Message| {
            let request = request
                .with("Event", "refer")
                .with("Subscription-State", state);
            request.carrying("message/sipfrag", format!("SIP/2.0 {status} Test\r\n"))
        };
        let answer = self.ask("NOTIFY", dress).await?;
        ensure!(
            answer.status() == Some(200),
            "NOTIFY was answered with:\n{answer}"
        );
        Ok(())
    }

    /// `Replaces` for a call that is to take this one's place.
    #[must_use]
    pub fn replaces(&self) -> String {
        self.0.state().dialog.replaces()
    }
}

/// Escapes what may not stand in a header inside an address (RFC 3261, section 25.1: `hnv-unreserved`).
fn escape(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'*' | b'!' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}
