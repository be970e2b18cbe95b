// 'moving' where the pictures of the other side change.
async (_, { within }) => {
  const video = document.querySelector('#bw-remote');
  if (!video?.videoWidth) return 'there is no picture in #bw-remote';
  const canvas = document.createElement('canvas');
  canvas.width = 80;
  canvas.height = 60;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const grab = () => {
    context.drawImage(video, 0, 0, 80, 60);
    return context.getImageData(0, 0, 80, 60).data.join();
  };
  const first = grab();
  const end = performance.now() + within;
  while (performance.now() < end) {
    await new Promise((done) => setTimeout(done, 100));
    if (grab() !== first) return video.checkVisibility() ? 'moving' : 'the video is not visible';
  }
  return 'the picture stands still';
};
