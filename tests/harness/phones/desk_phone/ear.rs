//! What a desk phone hears, on its way to the test.
//!
//! baresip writes no file that goes on after a re-INVITE. So the phone has a second account that makes one call to
//! the test, and says there what the first account's loudspeaker plays: a bridge inside the phone joins them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Result;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::control::Control;
use crate::phones::telephone::{Call, Pickup, Settings, Telephone};

/// How long the bridge may be silent before it counts as broken: it has a packet every 20 ms, even of silence.
const BROKEN: Duration = Duration::from_millis(150);

/// The call that carries what a phone hears.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) call: Call,
    _telephone: Telephone,
    mending: JoinHandle<()>,
}

/// The second account's line in the phone's set-up.
pub(super) fn account_line(phone: SocketAddr) -> String {
    format!(
        "<{}>;regint=0;audio_codecs=PCMU;audio_source=aubridge,heard;audio_player=aubridge,nil",
        address(phone)
    )
}

impl Ear {
    /// Makes the phone call us, and goes back to its own account.
    pub(super) async fn open(control: &Arc<Control>, phone: SocketAddr, own: &str) -> Result<Self> {
        let settings = Settings {
            pickup: Pickup::AtOnce,
            pitch: None,
            ..Settings::stranger(phone, "test")
        };
        let telephone = Telephone::plug_in(settings).await?;
        let contact = telephone.contact();
        let to = contact.trim_matches(['<', '>']);
        let (ear, own) = (address(phone), own.to_owned());
        let steps = [("uafind", ear.as_str()), ("dial", to)];
        control.ask(&steps).await?;
        let call = telephone.rings().await?;
        call.answered().await?;
        control.ask(&[("uafind", &own)]).await?;
        let mending = tokio::spawn(mend(Arc::clone(control), call.clone(), ear, own));
        Ok(Self {
            call,
            _telephone: telephone,
            mending,
        })
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.mending.abort();
    }
}

fn address(phone: SocketAddr) -> String {
    format!("sip:ear@{phone}")
}

/// Builds the bridge anew whenever it breaks.
///
/// A re-INVITE starts the player anew, and an end of a bridge that goes takes the other one off as well. So both
/// ends leave, and meet on a bridge of another name.
async fn mend(control: Arc<Control>, call: Call, ear: String, own: String) {
    let mut bridges = 0;
    loop {
        sleep(BROKEN / 3).await;
        let since = Instant::now().checked_sub(BROKEN);
        if !control.talks(&own) || call.traffic().last > since {
            continue;
        }
        bridges += 1;
        let bridge = format!("aubridge,heard{bridges}");
        let steps = [
            ("uafind", ear.as_str()),
            ("ausrc", "ausine,100"),
            ("uafind", &own),
            ("auplay", &bridge),
            ("uafind", &ear),
            ("ausrc", &bridge),
            ("uafind", &own),
        ];
        // It fails where the phone was killed, and then there is nothing to hear.
        _ = control.ask(&steps).await;
        sleep(BROKEN * 2).await;
    }
}
