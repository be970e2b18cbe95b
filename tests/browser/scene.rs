//! How scenes begin.

use anyhow::Result;
use bellwire_tests::{
    guests::{Desk, Guest},
    sound::{AGENT_HZ, VISITOR_HZ},
    stage::Stage,
    view::View,
};

/// A call between a visitor in the shop and the first agent.
pub(crate) struct Call {
    /// The visitor.
    pub(crate) guest: Guest,
    /// What the visitor sees of the call.
    pub(crate) widget: View,
    /// The agent.
    pub(crate) agent: Desk,
    /// What the agent sees.
    pub(crate) desk: View,
}

impl Call {
    /// A visitor asks for a call ("Voice call" or "Video call"), the agent answers, and each hears
    /// the other.
    pub(crate) async fn connect(stage: &Stage, kind: &str) -> Result<Self> {
        let agent = stage.ready_desk().await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call(kind).await?;
        agent.accept().await?;
        let call = Self {
            desk: agent.view(),
            guest,
            widget,
            agent,
        };
        call.both_hear().await?;
        Ok(call)
    }

    /// Each side hears the other's voice.
    pub(crate) async fn both_hear(&self) -> Result<()> {
        both_hear(&self.widget, &self.desk).await
    }

    /// The agent hangs up, and the visitor's page knows.
    pub(crate) async fn hang_up_by_agent(&self) -> Result<()> {
        self.desk.press("Hang up").await?;
        self.desk.offers("Finish").await?;
        self.widget.withdraws("Hang up").await?;
        self.widget.reads("The call is over").await
    }

    /// The visitor hangs up, and the desk knows.
    pub(crate) async fn hang_up_by_visitor(&self) -> Result<()> {
        self.widget.press("Hang up").await?;
        self.widget.reads("The call is over").await?;
        self.desk.offers("Finish").await?;
        self.desk.withdraws("Hang up").await
    }
}

/// The visitor hears the agent's voice, and the agent the visitor's.
pub(crate) async fn both_hear(visitor: &View, agent: &View) -> Result<()> {
    tokio::try_join!(visitor.hears(AGENT_HZ), agent.hears(VISITOR_HZ))?;
    Ok(())
}

/// The agent ends the wrap-up with the second disposition and a note.
pub(crate) async fn finish(desk: &View) -> Result<()> {
    desk.finish("Wants it in copper.").await
}
