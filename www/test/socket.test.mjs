// The connection to the centre while no panel is there: what it says, when it tries, when it stops.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CENTRE, open, visit } from './page.mjs';

const journeys = (socket) => socket.asked.filter(({ command }) => command.journey).map(({ command }) => command.journey.events);

test('it says hello as the panel would, and keeps the token for all tabs', async () => {
  const { sockets, greeted, local, kept } = await visit();

  await greeted();

  assert.equal(sockets[0].url, 'wss://centre.example/ws/visitor');
  assert.deepEqual(sockets[0].sent[0], { hello: {
    version: 2, tab: kept().tab, seen: [], pass: { visitor: { site: 'KEY', visits: 1, quiet: false } },
  } });
  assert.equal(local['bellwire:KEY'], 'a token');
});

test('it tells the page of now and the journey so far, then at most one batch a second', async () => {
  const { page, greeted, clock } = await visit();
  const socket = await greeted();
  await clock.pass(1500);
  const before = socket.asked.length;

  for (let at = 0; at < 45; at += 1) page.bellwire('event', 'tick', '水'.repeat(300) + at);
  await clock.pass(100);
  const soon = socket.asked.length;
  await clock.pass(3000);

  assert.deepEqual(socket.asked[0].command, { looks: { url: 'https://shop.example/', title: 'Shop', referrer: '', language: 'en' } });
  assert.deepEqual(Object.keys(journeys(socket)[0][0].kind), ['viewed']);
  assert.equal(soon, before + 1);
  const batches = journeys(socket).slice(1);
  assert.equal(batches.length, 1);
  assert.equal(batches.flat().length, 45);
  assert.deepEqual(socket.asked.map(({ n }) => n), [1, 2, 3]);
});

test('a long journey is told in frames that the centre takes, one a second', async () => {
  const { page, greeted, clock } = await visit();
  const socket = await greeted();
  for (let at = 0; at < 190; at += 1) page.bellwire('event', '🎈'.repeat(40), '水'.repeat(330));

  await clock.pass(10_000);

  const batches = journeys(socket);
  assert.equal(batches.flat().length, 191);
  assert.ok(batches.every((events) => Buffer.byteLength(JSON.stringify(events)) < 60_000));
  assert.ok(batches.length <= 10);
});

test('what the centre has not stored is said again, and the rest is not', async () => {
  const { page, window, greeted, clock, sockets, session } = await visit();
  const socket = await greeted();
  await clock.pass(1500);
  socket.says({ done: { n: socket.asked.at(-1).n } });
  page.bellwire('event', 'lost');
  await clock.pass(1500);

  socket.breaks();
  await clock.pass(400);
  const again = await greeted();

  assert.equal(sockets.length, 2);
  assert.equal(again.sent[0].hello.pass.visitor.token, 'a token');
  assert.deepEqual(journeys(again).flat().map(({ kind }) => kind.custom?.name), ['lost']);
  again.says({ done: { n: again.asked.at(-1).n } });
  window.fire('pagehide');

  const next = await visit({ session, local: { 'bellwire:KEY': 'a token' }, clock });
  assert.deepEqual(journeys(await next.greeted()).flat().map(({ kind }) => Object.keys(kind)[0]), ['left', 'viewed']);
});

test('a session that the centre does not know any more is told everything', async () => {
  const first = await visit();
  const socket = await first.greeted();
  await first.clock.pass(1500);
  socket.says({ done: { n: 9 } });
  first.window.fire('pagehide');

  const { greeted } = await visit({ session: first.session, local: { 'bellwire:KEY': 'an old token' } });

  assert.deepEqual(journeys(await greeted()).flat().map(({ n }) => n), [1, 2, 3]);
});

test('a silent line is asked whether anyone is there, and given up on', async () => {
  const { greeted, clock, sockets } = await visit();
  const socket = await greeted();
  await clock.pass(10_100);
  assert.equal(socket.sent.at(-1), 'ping');

  socket.mute = true;
  await clock.pass(10_100);
  assert.equal(socket.sent.filter((frame) => frame === 'ping').length, 2);
  await clock.pass(6000);

  assert.equal(sockets.length, 2);
  assert.equal(socket.readyState, 3);
});

test('tries become rarer, to one in fifteen seconds at most', async () => {
  const { clock, sockets } = await visit();
  const tries = [];
  for (let at = 0; at < 12; at += 1) {
    const before = clock.now();
    sockets.at(-1).breaks();
    while (sockets.length === at + 1) await clock.pass(50);
    tries.push(clock.now() - before);
  }

  assert.ok(tries[0] <= 425, tries.join(' '));
  assert.ok(tries.slice(6).every((ms) => ms >= 10_000 && ms <= 15_100), tries.join(' '));
});

test('a restarting centre says when to come back', async () => {
  const { greeted, clock, sockets } = await visit();
  const socket = await greeted();

  socket.says({ bye: { reason: 'restart', retry_in_ms: 4000 } });
  await clock.pass(3900);
  assert.equal(sockets.length, 1);
  await clock.pass(1200);

  assert.equal(sockets.length, 2);
});

for (const reason of ['not_welcome', 'unknown_site', 'other_version', 'replaced']) {
  test(`after “${reason}” it stays away`, async () => {
    const { greeted, clock, sockets, document } = await visit();
    const socket = await greeted();

    socket.says({ bye: { reason, retry_in_ms: null } });
    await clock.pass(120_000);
    document.fire('visibilitychange');
    await clock.pass(1000);

    assert.equal(sockets.length, 1);
  });
}

test('the panel takes over with everything that is known, under the same tab', async () => {
  const { greeted, framed, sockets, clock, page, kept } = await visit();
  const socket = await greeted();
  await clock.pass(1500);

  const frame = await framed();
  page.bellwire('event', 'later');
  await clock.pass(1500);

  assert.equal(socket.readyState, 3);
  assert.equal(sockets.length, 1);
  assert.equal(frame.hello.tab, kept().tab);
  assert.deepEqual([frame.hello.token, frame.hello.quiet, frame.hello.visits], ['a token', false, 1]);
  assert.deepEqual(frame.hello.journey.map(({ n }) => n), [1]);
  assert.deepEqual(frame.hello.page, { url: 'https://shop.example/', title: 'Shop', referrer: '', language: 'en' });
  const told = frame.port.told.filter(({ bw }) => bw === 'journey').flatMap(({ events }) => events);
  assert.deepEqual(told.map(({ n }) => n), [2]);
});

test('a page that is left says so while it still can, and closes', async () => {
  const { greeted, window } = await visit();
  const socket = await greeted();

  window.fire('pagehide');

  assert.deepEqual(Object.keys(journeys(socket).at(-1).at(-1).kind), ['left']);
  assert.equal(socket.readyState, 3);
});

test('a policy without connect-src costs one try and one warning in a tab', async () => {
  const first = await visit();

  first.document.fire('securitypolicyviolation', { disposition: 'enforce', effectiveDirective: 'connect-src', blockedURI: 'wss://centre.example/ws/visitor' });
  first.sockets[0].breaks();
  await first.clock.pass(60_000);
  const second = await visit({ session: first.session });
  await second.clock.pass(60_000);

  assert.deepEqual(first.said, ["Bellwire: the page's Content-Security-Policy lacks wss://centre.example in connect-src: its status stays as it was loaded."]);
  assert.equal(first.sockets.length + second.sockets.length, 1);
  assert.deepEqual(second.said, []);
});

test('another policy of the page, or a violation that is only reported, is none of ours', async () => {
  const { document, said, sockets, clock } = await visit();

  document.fire('securitypolicyviolation', { disposition: 'report', effectiveDirective: 'connect-src', blockedURI: 'wss://centre.example/ws/visitor' });
  document.fire('securitypolicyviolation', { disposition: 'enforce', effectiveDirective: 'connect-src', blockedURI: 'https://tracker.example/' });
  document.fire('securitypolicyviolation', { disposition: 'enforce', effectiveDirective: 'img-src', blockedURI: CENTRE });
  sockets[0].breaks();
  await clock.pass(1000);

  assert.deepEqual(said, []);
  assert.equal(sockets.length, 2);
});

test('frames that are not understood change nothing', async () => {
  const { greeted, status } = await visit();
  const socket = await greeted();

  socket.onmessage({ data: '{"tell":' });
  socket.says({ tell: { shouted: { text: 'hello' } } });
  socket.says({ ice: [] });
  socket.says({ tell: { centre: open({ call_agents: 5 }) } });

  assert.equal(status(), '5 agents available');
});

const locks = (refusals, name) => ({ navigator: { language: 'en', locks: { request: async (lock, _, hold) => {
  refusals.push(lock);
  if (refusals.length === 1 || name === 'SecurityError') throw Object.assign(new Error('held'), { name });
  return hold();
} } } });

test('a duplicated tab has a name of its own', async () => {
  const asked = [], session = {};
  const first = await visit({ session });
  await first.clock.pass(1500);
  const { tab } = first.kept();

  const { sockets, kept, clock } = await visit({ session, more: locks(asked, 'TimeoutError') });
  sockets[0].opens();
  await clock.pass(1500);

  assert.equal(asked[0], `bellwire:KEY${tab}`);
  assert.notEqual(kept().tab, tab);
  assert.equal(sockets[0].sent[0].hello.tab, kept().tab);
});

test('a page that may not have locks does without', async () => {
  const asked = [];

  const { sockets } = await visit({ more: locks(asked, 'SecurityError') });

  assert.equal(asked.length, 1);
  assert.equal(sockets.length, 1);
});
