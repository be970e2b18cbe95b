// The loudest pitch of what the other side sends, over a moment, and the level at `hz`.
async (_, { hz, ms }) => {
  const remote = document.querySelector('#bw-remote');
  const silent = (why) => ({ why, hz: 0, db: -200, at: -200, audible: false });
  if (!remote) return silent('there is no #bw-remote');
  const stream = remote.srcObject;
  if (!stream?.getAudioTracks().length) return silent('#bw-remote has no sound');
  window.bwEar ??= new AudioContext();
  await Promise.race([window.bwEar.resume(), new Promise((done) => setTimeout(done, 1000))]);
  const source = window.bwEar.createMediaStreamSource(new MediaStream(stream.getAudioTracks()));
  const analyser = window.bwEar.createAnalyser();
  analyser.fftSize = 16384;
  analyser.smoothingTimeConstant = 0;
  source.connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  const width = window.bwEar.sampleRate / analyser.fftSize;
  const loudest = { hz: 0, db: -200, at: -200 };
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await new Promise((done) => setTimeout(done, 60));
    analyser.getFloatFrequencyData(bins);
    for (let i = Math.ceil(80 / width); i < bins.length; i += 1) {
      if (bins[i] > loudest.db) Object.assign(loudest, { hz: i * width, db: bins[i] });
      if (Math.abs(i * width - hz) < 12 && bins[i] > loudest.at) loudest.at = bins[i];
    }
  }
  source.disconnect();
  const audible = !remote.paused && !remote.muted && remote.volume > 0;
  return { ...loudest, audible, why: `${window.bwEar.state}, paused ${remote.paused}, muted ${remote.muted}` };
};
