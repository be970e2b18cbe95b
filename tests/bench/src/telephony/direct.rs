//! The least a call can cost: one telephone calls another by SIP over UDP, with nothing in between.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Result;

use super::{
    phones::{Dial, Phones, Placed},
    usage::Servers,
    way::Way,
};

/// From a telephone straight to those that are called.
pub(crate) struct Direct {
    callers: Phones,
    called: Arc<Phones>,
}

impl Direct {
    pub(crate) async fn open(called: &Arc<Phones>) -> Result<Self> {
        Ok(Self {
            callers: Phones::open().await?,
            called: called.clone(),
        })
    }
}

impl Way for Direct {
    type Line = Option<Placed>;

    fn servers(&self) -> Result<Servers> {
        Ok(Servers(vec![]))
    }

    async fn open(&self) -> Result<Self::Line> {
        Ok(None)
    }

    async fn call(&self, line: &mut Self::Line, _: &str) -> Result<String> {
        let media: SocketAddr = self.callers.media();
        let dial = Dial {
            server: self.called.address,
            domain: &self.called.address.to_string(),
            user: "caller",
            password: "",
            number: "echo",
            media,
        };
        *line = Some(self.callers.dial(dial).await?);
        Ok(String::new())
    }

    async fn hang_up(&self, line: &mut Self::Line) -> Result<()> {
        match line.take() {
            Some(placed) => self.callers.hang_up(&placed).await,
            None => Ok(()),
        }
    }

    async fn close(&self, _: Self::Line) -> Result<()> {
        Ok(())
    }
}
