// What arrives over the peer connection that is open now.
async () => {
  const open = window.bwPeers.filter((peer) => peer.connectionState !== 'closed');
  const peer = open.at(-1);
  if (!peer) return { state: 'none', packets: 0, energy: 0, samples: 0, concealed: 0, frames: 0, sent: 0 };
  const found = { state: peer.connectionState, packets: 0, energy: 0, samples: 0, concealed: 0, frames: 0, sent: 0 };
  for (const part of (await peer.getStats()).values()) {
    if (part.type === 'inbound-rtp' && part.kind === 'audio') {
      found.packets += part.packetsReceived ?? 0;
      found.energy += part.totalAudioEnergy ?? 0;
      found.samples += part.totalSamplesReceived ?? 0;
      found.concealed += part.concealedSamples ?? 0;
    }
    if (part.type === 'inbound-rtp' && part.kind === 'video') found.frames += part.framesDecoded ?? 0;
    if (part.type === 'outbound-rtp' && part.kind === 'audio') found.sent += part.packetsSent ?? 0;
  }
  return found;
};
