//! Someone's site on another origin, with the tag pasted into its pages.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use anyhow::Result;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// One page of the shop.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its language.
    pub language: String,
    /// What it is about, as its `<meta>` says it to the tag.
    pub category: String,
    /// More for its head.
    pub head: String,
    /// Its content, as HTML.
    pub body: String,
    /// Response headers besides the content type.
    pub headers: Vec<(String, String)>,
    /// Attributes of the tag, `None` for a page without the tag.
    pub tag: Option<String>,
}

impl Page {
    /// A page in English with links to the shop's other pages. It is about orders: enough is known
    /// of its visitors that nobody asks them anything.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self {
            title: title.into(),
            language: "en".into(),
            category: "orders".into(),
            body: "<p><a href='/'>Start</a> <a href='/kettle'>The kettle</a> <a href='/help'>Help</a></p>".into(),
            tag: Some(String::new()),
            ..Self::default()
        }
    }

    /// The same page with one more response header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// A web server for a few pages.
#[derive(Debug)]
pub struct Shop {
    /// Where it listens.
    pub port: u16,
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    task: JoinHandle<()>,
}

impl Shop {
    /// Opens the shop with three pages. `loader` is the address of `bellwire.js`, `key` the site's.
    ///
    /// # Errors
    ///
    /// Where no port is free.
    pub async fn open(loader: String, key: String) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let pages: Arc<Mutex<BTreeMap<String, Page>>> = Arc::default();
        let known = Arc::clone(&pages);
        let tag = Arc::new(format!(
            "<script async src=\"{loader}\" data-site=\"{key}\""
        ));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&known), Arc::clone(&tag)));
            }
        });
        let shop = Self { port, pages, task };
        shop.put("/", Page::new("Teapots and kettles"));
        shop.put("/kettle", Page::new("The copper kettle"));
        shop.put("/help", Page::new("Delivery and returns"));
        Ok(shop)
    }

    /// Adds a page, or replaces it.
    pub fn put(&self, path: &str, page: Page) {
        lock(&self.pages).insert(path.into(), page);
    }

    /// The shop's origin: another host name than the centre's, so another site to the browser.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The address of a page.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn serve(socket: TcpStream, pages: Arc<Mutex<BTreeMap<String, Page>>>, tag: Arc<String>) {
    let mut socket = BufReader::new(socket);
    let mut first = String::new();
    if socket.read_line(&mut first).await.is_err() {
        return;
    }
    let mut line = String::new();
    while socket.read_line(&mut line).await.is_ok_and(|n| n > 2) {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or("/");
    let path = path.split('?').next().unwrap_or("/");
    let page = lock(&pages).get(path).cloned();
    let answer = page.map_or_else(
        || "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into(),
        |page| render(&page, &tag),
    );
    _ = socket.get_mut().write_all(answer.as_bytes()).await;
    _ = socket.get_mut().shutdown().await;
}

fn render(page: &Page, tag: &str) -> String {
    let Page {
        title,
        language,
        category,
        head,
        body,
        ..
    } = page;
    let tag =
        (page.tag.as_ref()).map_or_else(String::new, |more| format!("{tag} {more}></script>"));
    let html = format!(
        "<!doctype html><html lang='{language}'><head><meta charset='utf-8'>\
         <meta name='viewport' content='width=device-width'><title>{title}</title>\
         <meta name='bellwire:category' content='{category}'>{head}</head>\
         <body><h1>{title}</h1>{body}{tag}</body></html>"
    );
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n",
        html.len()
    );
    for (name, value) in &page.headers {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{answer}\r\n{html}")
}
