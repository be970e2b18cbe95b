//! A server of its own for each test, and plain HTTP to it.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use bellwire::{
    config::{Config, Log},
    origin::Origin,
    serve::{self, Running, ServeOptions},
    store::Store,
};
use bellwire_proto::{id::SiteKey, time::Timestamp};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection, Executor, any::install_default_drivers};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A running server with a data directory of its own.
pub(crate) struct Server {
    running: Running,
    config: Config,
    data: TempDir,
}

/// The database's write lock.
pub(crate) struct StoreLock(AnyConnection);

impl StoreLock {
    pub(crate) async fn release(self) {
        self.0.close().await.expect("the database closes");
    }
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    /// A header, empty where it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir: data.path().join("data"),
            log: Log {
                level: "warn".to_owned(),
                ..Log::default()
            },
            ..config
        };
        let running = run(&config).await;
        Self {
            running,
            config,
            data,
        }
    }

    /// Another server in the same data directory, once this one has stopped.
    pub(crate) async fn restart(self) -> Self {
        let Self {
            running,
            config,
            data,
        } = self;
        running.stop().await;
        let running = run(&config).await;
        Self {
            running,
            config,
            data,
        }
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address())
            .await
            .expect("it listens")
    }

    /// Whether a new connection is closed without an answer.
    pub(crate) async fn is_shut(&self) -> bool {
        let mut stream = self.connect().await;
        // A closed connection may refuse the question, too.
        let _ = stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        read.is_ok() && answer.is_empty()
    }

    /// Waits until a new connection is served.
    pub(crate) async fn until_open(&self) {
        let open = async {
            while self.is_shut().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, open)
            .await
            .expect("connections are served again");
    }

    /// Waits until the server says that it is ready, or that it is not.
    pub(crate) async fn until_ready(&self, ready: bool) -> Answer {
        let status = if ready { 200 } else { 503 };
        let said = async {
            loop {
                let answer = self.get("/readyz").await;
                if answer.status == status {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(2 * PATIENCE, said)
            .await
            .expect("readiness changes in time")
    }

    /// Lets pages of an origin in, as `bellwire site allow` does.
    pub(crate) async fn allow(&self, site: &str, origin: &str) {
        let store = Store::open(&self.config).await.expect("the store opens");
        let mut change = store.change("test", Timestamp(1)).await.expect("a change");
        let origin = Origin::parse(origin).expect("an origin");
        let site = SiteKey(site.to_owned());
        change.allow(&site, &origin).await.expect("it is allowed");
        change.commit().await.expect("it is stored");
        store.close().await;
    }

    /// Takes the database's write lock, as a stuck backup would.
    pub(crate) async fn lock_the_store(&self) -> StoreLock {
        install_default_drivers();
        let file = self.config.data_dir.join("bellwire.db");
        let mut database = AnyConnection::connect(&format!("sqlite://{}", file.display()))
            .await
            .expect("the database opens");
        database
            .execute("BEGIN IMMEDIATE")
            .await
            .expect("the lock is free");
        StoreLock(database)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address(),
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        let mut stream = self.connect().await;
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let read = tokio::time::timeout(PATIENCE, read).await;
        read.expect("an answer in time").expect("an answer");
        // Sounds are no text; of them the tests read the headers alone.
        parse(&String::from_utf8_lossy(&answer))
    }

    /// Signs in as one of the first users; gives the cookie.
    pub(crate) async fn sign_in(&self, user: &str) -> String {
        let file = std::fs::read_to_string(self.config.data_dir.join("credentials.json"));
        let all: Vec<Value> = serde_json::from_str(&file.expect("the file")).expect("JSON");
        let own = all
            .iter()
            .find(|one| one["user"] == user)
            .expect("the user");
        let password = own["password"].as_str().expect("a password");
        self.sign_in_as(user, password).await
    }

    /// Signs in; gives the cookie.
    pub(crate) async fn sign_in_as(&self, user: &str, password: &str) -> String {
        let body = json!({ "user": user, "password": password }).to_string();
        let origin = self.origin();
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "application/json"),
        ];
        let answer = self.ask("POST", "/api/login", &headers, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let cookie = answer.header("set-cookie");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        cookie.split(';').next().expect("a cookie").to_owned()
    }

    /// Asks as somebody who is signed in, from a page of the server; gives the status and the answer.
    pub(crate) async fn api(
        &self,
        cookie: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let origin = self.origin();
        let headers = [
            ("Origin", origin.as_str()),
            ("Cookie", cookie),
            ("Content-Type", "application/json"),
        ];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self.ask(method, path, &headers, &body).await;
        let json = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        (answer.status, json)
    }

    /// Lets visitors of the demo's site wait at once, whatever is known of them.
    pub(crate) async fn ask_nothing(&self) {
        let admin = self.sign_in("admin").await;
        let path = "/api/admin/setup";
        let (_, current) = self.api(&admin, "GET", path, &Value::Null).await;
        let mut site = current["setup"]["sites"][0].clone();
        site["needs"] = json!([]);
        let body = json!({
            "version": current["version"], "doc": site, "despite_warnings": true,
        });
        let path = "/api/admin/site/demo";
        let (status, why) = self.api(&admin, "PUT", path, &body).await;
        assert_eq!(status, 200, "{why}");
    }

    /// A ticket for one desk.
    pub(crate) async fn ticket(&self, cookie: &str) -> String {
        let origin = self.origin();
        let headers = [("Origin", origin.as_str()), ("Cookie", cookie)];
        let answer = self.ask("POST", "/api/agent/ticket", &headers, "").await;
        let body: Value = serde_json::from_str(&answer.body).expect("JSON");
        body["ticket"].as_str().expect("a ticket").to_owned()
    }
}

async fn run(config: &Config) -> Running {
    let options = ServeOptions { demo: true };
    let started = serve::start(config.clone(), options, &mut std::io::sink()).await;
    started.expect("the server starts")
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").expect("a header");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status
            .and_then(|status| status.parse().ok())
            .expect("a status"),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}
