// Keeps the longest time without a new sound packet in window.bwSilence.
async () => {
  clearInterval(window.bwWatch);
  const packets = async () => {
    const peer = window.bwPeers.findLast((one) => one.connectionState !== 'closed');
    for (const part of (await peer?.getStats())?.values() ?? []) {
      if (part.type === 'inbound-rtp' && part.kind === 'audio') return part.packetsReceived;
    }
    return 0;
  };
  let before = await packets();
  const silence = { last: performance.now(), longest: 0 };
  window.bwSilence = silence;
  window.bwWatch = setInterval(async () => {
    const now = await packets();
    if (now === before) return;
    before = now;
    silence.longest = Math.max(silence.longest, performance.now() - silence.last);
    silence.last = performance.now();
  }, 50);
  return true;
};
