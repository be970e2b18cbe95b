//! A carrier: Kamailio as registrar and trunk, between Bellwire and a telephone network of sipp or telephones.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};

use super::{
    ports,
    program::Program,
    telephone::{Message, Settings, Telephone},
};
use crate::{
    sound::Folder,
    wait::{SOON, until},
};

const TEMPLATE: &str = include_str!("../telephony/kamailio.cfg");

/// What a carrier is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realm, and the host part of its customers' addresses.
    pub domain: String,
    /// Its customers, with their passwords. They register, and answer challenges.
    pub customers: Vec<(String, String)>,
    /// Calls of customers are challenged.
    pub challenges: bool,
    /// The telephone network: where calls of customers go.
    pub network: SocketAddr,
    /// Where calls of the telephone network go.
    pub deliver: Deliver,
    /// Where a called number stands in what is delivered.
    pub number_in: NumberIn,
}

/// Where calls of the telephone network go, whatever number they dial.
#[derive(Clone, Debug)]
pub enum Deliver {
    /// To this customer's registration.
    Customer(String),
    /// To this address, which has no need to register.
    Address(SocketAddr),
}

/// Where carriers put the called number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NumberIn {
    /// The user part of the Request-URI.
    Request,
    /// `To` alone: the Request-URI is the registered contact.
    To,
}

impl Config {
    /// A carrier with one customer, who registers.
    #[must_use]
    pub fn registered(user: &str, password: &str, network: SocketAddr) -> Self {
        Self {
            domain: "carrier.test".into(),
            customers: vec![(user.into(), password.into())],
            challenges: true,
            network,
            deliver: Deliver::Customer(user.into()),
            number_in: NumberIn::Request,
        }
    }

    /// A carrier that knows its customer by its address.
    #[must_use]
    pub fn by_address(customer: SocketAddr, network: SocketAddr) -> Self {
        Self {
            customers: vec![],
            challenges: false,
            deliver: Deliver::Address(customer),
            ..Self::registered("", "", network)
        }
    }

    fn fill(&self, port: u16, inward: u16) -> Result<String> {
        let mut passwords = String::new();
        for (user, password) in &self.customers {
            let plain = |text: &str| text.chars().all(|one| one.is_ascii_alphanumeric());
            ensure!(
                plain(user) && plain(password),
                "customers have letters and digits only"
            );
            passwords +=
                &format!("    if ($var(user) == \"{user}\") $var(password) = \"{password}\";\n");
        }
        let deliver = match &self.deliver {
            Deliver::Customer(user) => format!(
                "$ru = \"sip:{user}@{}\"; if (!lookup(\"location\")) {{ sl_send_reply(\"404\", \"Not Found\"); exit; }}",
                self.domain
            ),
            Deliver::Address(address) => format!("$ru = \"sip:$rU@{address}\";"),
        };
        let number_in = match self.number_in {
            NumberIn::Request => "request",
            NumberIn::To => "to",
        };
        let filled = [
            ("{PORT}", port.to_string()),
            ("{INWARD}", inward.to_string()),
            ("{DOMAIN}", self.domain.clone()),
            ("{PASSWORDS}", passwords),
            ("{CHALLENGES}", u8::from(self.challenges).to_string()),
            ("{NETWORK}", self.network.to_string()),
            ("{DELIVER}", deliver),
            ("{NUMBER_IN}", number_in.into()),
        ]
        .iter()
        .fold(TEMPLATE.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        });
        Ok(filled)
    }
}

/// A running carrier.
#[derive(Debug)]
pub struct Carrier {
    program: Program,
    _folder: Folder,
    /// Where its customers reach it, by UDP and TCP.
    pub address: SocketAddr,
    /// Where the telephone network reaches it.
    pub inward: SocketAddr,
}

impl Carrier {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    ///
    /// Where it is not installed or does not start; with its log.
    pub async fn start(config: &Config) -> Result<Self> {
        Self::start_at(config, ports::block(4)?).await
    }

    /// The same at a port of one that was stopped before.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub async fn start_at(config: &Config, port: u16) -> Result<Self> {
        let folder = Folder::new()?;
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let file = folder.path().join("kamailio.cfg");
        std::fs::write(&file, config.fill(port, port + 2)?)?;
        let run = folder.path().display().to_string();
        let (file, pid) = (file.display().to_string(), format!("{run}/pid"));
        let words = [
            "-f", &file, "-DD", "-E", "-m", "32", "-M", "4", "-Y", &run, "-P", &pid,
        ];
        let program = Program::start_family("kamailio", folder.path(), &words.map(str::to_owned))?;
        let carrier = Self {
            program,
            _folder: folder,
            address: at(port),
            inward: at(port + 2),
        };
        carrier.answers().await?;
        Ok(carrier)
    }

    /// Ends it. Its customers find nobody.
    ///
    /// # Errors
    ///
    /// Where it does not run.
    pub async fn stop(&self) -> Result<()> {
        self.program.stop().await
    }

    /// Everything it logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }

    async fn answers(&self) -> Result<()> {
        let asking = Settings::stranger(self.address, "test");
        let telephone = Telephone::plug_in(asking).await?;
        let uri = format!("sip:{}", self.address);
        let answer = until("carrier that answers", SOON, async || {
            self.program.check()?;
            let answer = telephone.ask(Message::request("OPTIONS", &uri)).await?;
            Ok((answer.status() == Some(200)).then_some(()))
        });
        answer.await.with_context(|| self.log())
    }
}
