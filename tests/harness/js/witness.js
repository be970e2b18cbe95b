// Runs before the page's own scripts: keeps what tests ask for later.
(() => {
  if (window.bwPeers) return;
  window.bwPeers = [];
  window.bwRestarts = 0;
  window.bwSounds = 0;
  window.bwNotices = [];
  const Peer = window.RTCPeerConnection;
  if (Peer) {
    window.RTCPeerConnection = class extends Peer {
      constructor(...args) {
        super(...args);
        window.bwPeers.push(this);
      }

      restartIce() {
        window.bwRestarts += 1;
        super.restartIce();
      }
    };
  }
  const counted = (prototype, name) => {
    const native = prototype?.[name];
    if (!native) return;
    prototype[name] = function (...args) {
      window.bwSounds += 1;
      return native.apply(this, args);
    };
  };
  counted(window.AudioScheduledSourceNode?.prototype, 'start');
  const Notice = window.Notification;
  if (Notice) {
    window.Notification = class extends Notice {
      constructor(title, ...args) {
        super(title, ...args);
        window.bwNotices.push(title);
      }
    };
  }
})();
