//! Kamailio and rtpengine together, as a way from a page to a telephone: SIP over WebSocket on the page's side.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use bellwire_tests::{
    phones::{ports, program::Program},
    sound::Folder,
};
use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{
    rtpengine::Rtpengine,
    sip,
    usage::Servers,
    way::{Way, let_in},
};
use crate::socket::connect;

const TEMPLATE: &str = include_str!("../../peers/kamailio.cfg");
const PATIENCE: Duration = Duration::from_secs(10);

/// The two programs.
pub(crate) struct Pair {
    kamailio: Program,
    rtpengine: Rtpengine,
    _folder: Folder,
    port: u16,
}

/// A registered page.
pub(crate) struct Account {
    socket: WebSocketStream<TcpStream>,
    name: String,
    host: String,
    call: Option<Dialogue>,
}

struct Dialogue {
    id: String,
    from: String,
    to: String,
    target: String,
    routes: Vec<String>,
}

impl Pair {
    /// Starts both and waits until they answer.
    pub(crate) async fn start(phones: SocketAddr) -> Result<Self> {
        let rtpengine = Rtpengine::start().await?;
        let folder = Folder::new()?;
        let port = ports::sip()?;
        let text = TEMPLATE
            .replace("{PORT}", &port.to_string())
            .replace("{NG}", &rtpengine.ng.port().to_string())
            .replace("{PHONES}", &phones.to_string());
        let file = folder.path().join("kamailio.cfg");
        std::fs::write(&file, text)?;
        let run = folder.path().display().to_string();
        let (file, pid) = (file.display().to_string(), format!("{run}/pid"));
        let words = [
            "-f", &file, "-DD", "-E", "-m", "1024", "-M", "16", "-Y", &run, "-P", &pid,
        ];
        let kamailio = Program::start_family("kamailio", folder.path(), &words.map(str::to_owned))?;
        let pair = Self {
            kamailio,
            rtpengine,
            _folder: folder,
            port,
        };
        let_in(&pair, &pair.kamailio).await.context("Kamailio")?;
        Ok(pair)
    }
}

impl Way for Pair {
    type Line = Account;

    fn servers(&self) -> Result<Servers> {
        Ok(Servers(vec![
            self.kamailio.id().context("Kamailio ended")?,
            self.rtpengine.id()?,
        ]))
    }

    async fn open(&self) -> Result<Account> {
        let protocol = ("sec-websocket-protocol", "sip");
        let socket = connect(self.port, "/", protocol).await?;
        let mut account = Account {
            socket,
            name: sip::fresh(),
            host: format!("127.0.0.1:{}", self.port),
            call: None,
        };
        let own = format!("sip:{}@{}", account.name, account.host);
        let headers = format!(
            "Max-Forwards: 70\r\nFrom: <{own}>;tag={}\r\nTo: <{own}>\r\nCall-ID: {}\r\nCSeq: 1 REGISTER\r\n\
             Contact: <sip:{}@bench.invalid;transport=ws>\r\nExpires: 600\r\n",
            sip::fresh(),
            sip::fresh(),
            account.name
        );
        let uri = format!("sip:{}", account.host);
        account.say("REGISTER", &uri, &headers, "").await?;
        let said = account.hear_final("REGISTER").await?;
        ensure!(sip::status(&said) == Some(200), "not registered: {said}");
        Ok(account)
    }

    async fn call(&self, account: &mut Account, offer: &str) -> Result<String> {
        let (id, target) = (sip::fresh(), format!("sip:echo@{}", account.host));
        let from = format!(
            "<sip:{}@{}>;tag={}",
            account.name,
            account.host,
            sip::fresh()
        );
        let headers = format!(
            "Max-Forwards: 70\r\nFrom: {from}\r\nTo: <{target}>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:{}@bench.invalid;transport=ws>\r\n",
            account.name
        );
        account.say("INVITE", &target, &headers, offer).await?;
        let said = account.hear_final("INVITE").await?;
        ensure!(sip::status(&said) == Some(200), "refused: {said}");
        let mut routes: Vec<String> = sip::headers(&said, "Record-Route")
            .flat_map(|value| value.split(','))
            .map(|route| route.trim().to_owned())
            .collect();
        routes.reverse();
        let call = Dialogue {
            id,
            from,
            to: sip::header(&said, "To").to_owned(),
            target: sip::uri(sip::header(&said, "Contact")).to_owned(),
            routes,
        };
        account.within(&call, 1, "ACK").await?;
        account.call = Some(call);
        Ok(sip::body(&said).to_owned())
    }

    async fn hang_up(&self, account: &mut Account) -> Result<()> {
        let call = account.call.take().context("no call")?;
        account.within(&call, 2, "BYE").await?;
        let said = account.hear_final("BYE").await?;
        ensure!(
            sip::status(&said) == Some(200),
            "a BYE was not understood: {said}"
        );
        Ok(())
    }

    async fn close(&self, mut account: Account) -> Result<()> {
        account.socket.close(None).await?;
        Ok(())
    }
}

impl Account {
    /// Says something inside a call.
    async fn within(&mut self, call: &Dialogue, count: u32, method: &str) -> Result<()> {
        let routes: String = (call.routes.iter())
            .map(|route| format!("Route: {route}\r\n"))
            .collect();
        let headers = format!(
            "Max-Forwards: 70\r\n{routes}From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {count} {method}\r\n",
            call.from, call.to, call.id
        );
        self.say(method, &call.target, &headers, "").await
    }

    async fn say(&mut self, method: &str, uri: &str, headers: &str, body: &str) -> Result<()> {
        let via = format!(
            "Via: SIP/2.0/WS bench.invalid;branch=z9hG4bK{}\r\n",
            sip::fresh()
        );
        let line = format!("{method} {uri} SIP/2.0");
        let text = sip::message(&line, &format!("{via}{headers}"), body);
        self.socket.send(Message::text(text)).await?;
        Ok(())
    }

    /// The final response to the last request of this method.
    async fn hear_final(&mut self, method: &str) -> Result<String> {
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await;
            let message = next
                .context("Kamailio fell silent")?
                .context("Kamailio closed")??;
            let text = match message {
                Message::Text(text) => text.as_str().to_owned(),
                Message::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Message::Close(frame) => bail!("Kamailio closed: {frame:?}"),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            let ours = sip::header(&text, "CSeq").ends_with(method);
            if ours && sip::status(&text).is_some_and(|status| status >= 200) {
                return Ok(text);
            }
        }
    }
}
