//! `/ws/visitor`: pages of visitors.

use std::sync::Arc;

use axum::{
    extract::{
        State,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bellwire_core::{Input, Recalled};
use bellwire_proto::{
    id::{ConnectionId, SessionId},
    visitor::VisitorCommand,
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
    app::{App, SiteAnswer},
    centre::{Side, bye},
    http::client::Client,
    random,
    tags::PageHere,
};

struct Visitor;

impl Page for Visitor {
    type Command = VisitorCommand;
    const NAME: &'static str = "visitor";

    fn asks(connection: ConnectionId, command: VisitorCommand) -> Input {
        Input::Visitor {
            connection,
            command,
        }
    }

    fn left(connection: ConnectionId) -> Input {
        Input::VisitorLeft { connection }
    }
}

/// Opens a visitor's WebSocket, for pages of this server and of its sites.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    client: Client,
    upgrade: WebSocketUpgrade,
) -> Response {
    let allowed = client.is_own()
        || client
            .origin
            .as_ref()
            .is_some_and(|origin| app.sites.any_allows(origin));
    if !allowed {
        app.metrics.refused_origins.inc();
        let sentence = "No site of this centre lets pages of this origin connect. Whoever runs \
                        the server can change that: bellwire site allow KEY ORIGIN\n";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    sized(&app, upgrade).on_upgrade(move |socket| {
        let task = app.sockets.token();
        async move {
            serve(app, client, socket).await;
            drop(task);
        }
    })
}

async fn serve(app: Arc<App>, client: Client, mut socket: WebSocket) {
    let _counted = Counted::new(&app, Visitor::NAME);
    // Boxed: what greeting needs is not kept for the life of the socket.
    let end = match Box::pin(greet(&app, client, &mut socket)).await {
        Ok((line, joined, _here)) => {
            carry::<Visitor>(&app, &mut socket, line, Side::Visitor, joined).await
        }
        Err(bye) => Some(bye),
    };
    if let Some(bye) = end {
        Box::pin(part(&app, socket, bye)).await;
    }
}

async fn greet(
    app: &App,
    client: Client,
    socket: &mut WebSocket,
) -> Result<(Arc<Line>, Input, PageHere), Bye> {
    let hello = await_hello(app, socket).await?;
    let Pass::Visitor {
        site: key,
        token,
        visits,
        quiet,
    } = hello.pass
    else {
        return Err(bye(ByeReason::NotWelcome));
    };
    let foreign = client.origin.as_ref().filter(|_| !client.is_own());
    let site = match app.site(&key, foreign).await {
        SiteAnswer::Allowed(site) => site,
        SiteAnswer::Unknown => return Err(bye(ByeReason::UnknownSite)),
        SiteAnswer::Foreign => {
            app.metrics.refused_origins.inc();
            return Err(bye(ByeReason::NotWelcome));
        }
    };
    let now = app.clock.now();
    let known = token.and_then(|token| {
        let session = app.auth.verify_visitor_token(&site.key, &token)?;
        Some((session, token))
    });
    let (session, token, mut recalled) = match known {
        Some((session, token)) => (session, token, recall(app, session).await?),
        None => {
            let session = SessionId::new(now, random::bits());
            let token = app.auth.visitor_token(&site.key, session);
            (session, token, Recalled::default())
        }
    };
    recalled.visits = visits;
    recalled.quiet = quiet || client.is_quiet;
    let line = welcome(app, Some(token), now);
    let here = app.tags.page(&site.key);
    let joined = Input::VisitorJoined {
        session,
        connection: line.id(),
        tab: hello.tab,
        site: key,
        seen: hello.seen,
        known: Box::new(recalled),
    };
    Ok((line, joined, here))
}

/// What is stored of a visitor who comes back. Without it they might be watched against their will:
/// a page whose visitor cannot be recalled comes again a little later.
async fn recall(app: &App, session: SessionId) -> Result<Recalled, Bye> {
    app.store.recall(session).await.map_err(|error| {
        tracing::warn!(%error, "a visitor could not be recalled");
        bye(ByeReason::Restart)
    })
}
