//! One WebSocket with its handlers; dropped, it is closed and silent.

use std::rc::Rc;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket, window};

/// What a socket reports.
pub(super) enum Heard {
    /// It is open.
    Opened,
    /// A text message came.
    Text(String),
    /// It closed, or never opened.
    Closed,
}

pub(super) struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_close: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Socket {
    /// Opens a socket at the page's own origin; `None` where the browser refuses to try.
    pub(super) fn open(path: &str, heard: impl Fn(Heard) + 'static) -> Option<Self> {
        let socket = WebSocket::new(&address(path)?).ok()?;
        let heard = Rc::new(heard);

        let tell = Rc::clone(&heard);
        let on_open = Closure::<dyn FnMut()>::new(move || tell(Heard::Opened));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        let tell = Rc::clone(&heard);
        let on_close = Closure::<dyn FnMut()>::new(move || tell(Heard::Closed));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                heard(Heard::Text(text));
            }
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        Some(Self {
            socket,
            _on_open: on_open,
            _on_close: on_close,
            _on_message: on_message,
        })
    }

    /// Sends a text; what a closing socket loses, the link says again.
    pub(super) fn send(&self, text: &str) {
        let _said_again_on_the_next_socket = self.socket.send_with_str(text);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onclose(None);
        self.socket.set_onmessage(None);
        let _was_closed_already = self.socket.close();
    }
}

fn address(path: &str) -> Option<String> {
    let location = window()?.location();
    let scheme = match location.protocol().ok()?.as_str() {
        "https:" => "wss://",
        _ => "ws://",
    };
    Some([scheme, &location.host().ok()?, path].concat())
}
