//! `/ws/agent`: desks.
//!
//! A desk comes with a one-time ticket, so no cookie opens a socket. The sign-in behind the ticket
//! is looked at again every minute: see [`crate::app::Desks`].

use std::sync::Arc;

use axum::{
    extract::{
        State,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bellwire_core::Input;
use bellwire_proto::{
    agent::AgentCommand,
    id::ConnectionId,
    wire::{Bye, ByeReason, Pass},
};

use super::{
    Counted, Page,
    carry::carry,
    hello::{await_hello, welcome},
    line::Line,
    part, sized,
};
use crate::{
    app::App,
    centre::{Side, bye},
    http::client::Client,
};

struct Desk;

impl Page for Desk {
    type Command = AgentCommand;
    const NAME: &'static str = "agent";

    fn asks(connection: ConnectionId, command: AgentCommand) -> Input {
        Input::Agent {
            connection,
            command,
        }
    }

    fn left(connection: ConnectionId) -> Input {
        Input::AgentLeft { connection }
    }
}

/// Opens a desk's WebSocket, for this server's own pages.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    client: Client,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !client.is_own() {
        app.metrics.refused_origins.inc();
        let sentence = "Only the desk of this server connects here. Where a proxy stands before \
                        the server, public_url in the settings says how browsers reach it.\n";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    sized(&app, upgrade).on_upgrade(move |socket| {
        let task = app.sockets.token();
        async move {
            serve(app, socket).await;
            drop(task);
        }
    })
}

async fn serve(app: Arc<App>, mut socket: WebSocket) {
    let _counted = Counted::new(&app, Desk::NAME);
    let end = match Box::pin(greet(&app, &mut socket)).await {
        Ok((line, joined)) => {
            let connection = line.id();
            let end = carry::<Desk>(&app, &mut socket, line, Side::Agent, joined).await;
            app.desks.remove(connection);
            end
        }
        Err(bye) => Some(bye),
    };
    if let Some(bye) = end {
        Box::pin(part(&app, socket, bye)).await;
    }
}

async fn greet(app: &App, socket: &mut WebSocket) -> Result<(Arc<Line>, Input), Bye> {
    let hello = await_hello(app, socket).await?;
    let Pass::Agent { ticket } = hello.pass else {
        return Err(bye(ByeReason::NotWelcome));
    };
    let now = app.clock.now();
    let Some(login) = app.auth.redeem(&ticket, now) else {
        return Err(bye(ByeReason::NotWelcome));
    };
    let line = welcome(app, None, now);
    // Signed out since the ticket was given?
    if !matches!(app.auth.still_signed_in(&login.id, now).await, Ok(true)) {
        return Err(bye(ByeReason::NotWelcome));
    }
    // A user may be newer than the set-up that the centre works by.
    app.follow_setup().await;
    let agent = login.user.id;
    app.desks.add(line.clone(), login.id);
    let joined = Input::AgentJoined {
        agent,
        connection: line.id(),
        tab: hello.tab,
        seen: hello.seen,
    };
    Ok((line, joined))
}
