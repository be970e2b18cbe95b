// The loader without a browser: its size, what it may not contain, and how its parts come together.
// Run by `node --test www/test/`; needs node alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, visit } from './page.mjs';

const scripts = ['bellwire.js', 'live.js', 'face.js', 'status.js'];

for (const name of scripts) {
  test(`${name} works under trusted types and without inline styles`, () => {
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|\.style\b|setAttribute\('style'/);
  });
}

test('the loader adds one global', async () => {
  const before = new Set([...Object.keys((await visit({ more: { bellwire: { site: 'KEY' } } })).page)]);

  const { page } = await visit();

  assert.deepEqual(Object.keys(page).filter((name) => !before.has(name)), []);
  assert.equal(typeof page.bellwire, 'function');
});

test('nothing but the question whether the page may is asked before the browser is idle', async () => {
  const { sockets, root, kept } = await visit({ idle: false });

  assert.ok(root().find('launcher'));
  assert.deepEqual(sockets, []);
  assert.deepEqual(kept()?.events, []);
});

test('calls made before the loader or its parts are there are carried out in order', async () => {
  const { page, clock, kept } = await visit({ idle: false, queue: [['event', 'first', 1], ['cart', { action: 'viewed' }]] });
  page.bellwire('event', 'third');

  page.bellwire('open');
  await clock.pass(1500);

  const kinds = kept().events.map(({ kind }) => kind.custom?.name ?? Object.keys(kind)[0]);
  assert.deepEqual(kinds, ['viewed', 'first', 'cart', 'third']);
});

test('a page that never becomes idle keeps at most 200 early calls', async () => {
  const { page, clock, kept } = await visit({ idle: false });
  for (let at = 0; at < 1000; at += 1) page.bellwire('event', 'tick', at);

  page.bellwire('open');
  await clock.pass(1500);

  assert.equal(kept().n, 201);
});

test('a mistyped call is said, with what there is', async () => {
  const { page, said } = await visit();

  page.bellwire('sing');

  assert.match(said[0], /'sing', only open, close, event, cart, identify/);
});

test('a refused page keeps nothing, and says what the server said', async () => {
  const { said, page, session, sockets, clock } = await visit({ answer: { ok: false, say: 'Bellwire: not allowed.' } });

  page.bellwire('event', 'cart', 1);
  await clock.pass(5000);

  assert.deepEqual(said, ['Bellwire: not allowed.']);
  assert.deepEqual(session, {});
  assert.deepEqual(sockets, []);
});

test('a page that is refused after it was let in stops at once', async () => {
  const first = await visit();
  await first.clock.pass(2000);
  const { said, session, sockets, clock, window, page } = await visit({ session: first.session, answer: { ok: false, say: 'Bellwire: no more.' } });

  page.bellwire('event', 'late');
  window.fire('pagehide');
  await clock.pass(60_000);

  assert.deepEqual(said, ['Bellwire: no more.']);
  assert.deepEqual(session, {});
  assert.ok(sockets.every((socket) => socket.readyState !== 1));
});

test('a server that does not answer costs the visitor nothing that was kept', async () => {
  const { local, said } = await visit({ local: { 'bellwire:KEY': 'a token' }, answer: new Error('gone') });

  assert.match(said[0], /script-src/);
  assert.equal(local['bellwire:KEY'], 'a token');
});

test('a prerendered page starts when it is shown', async () => {
  const { document, body, asked, clock, kept } = await visit({ prerendering: true });
  assert.deepEqual([asked, body.children], [[], []]);

  document.fire('prerenderingchange');
  await clock.pass(1500);

  assert.equal(kept().events.length, 1);
});

test('storage that holds nonsense is as good as none', async () => {
  const session = { 'bellwire:KEY': JSON.stringify({ tab: '<b>', n: 'many', events: 'all' }) };

  const { kept, clock } = await visit({ session });
  await clock.pass(1500);

  assert.match(kept().tab, /^tab_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  assert.deepEqual(kept().events.map(({ n }) => n), [1]);
});

test('the launcher asks for its words in the language of the page', async () => {
  const said = { ok: true, label: 'Habla con nosotros', side: 'left' };

  const { asked, button } = await visit({ lang: 'es-MX', answer: said });

  assert.equal(asked[0], 'api/public/site/KEY.js?language=es-MX');
  assert.equal(button().textContent, 'Habla con nosotros');
});

test('where the second part does not arrive, the panel works, and the page around is told', async () => {
  const visitor = await visit({ broken: 'live.js' });

  const frame = await visitor.framed();

  assert.match(visitor.said[0], /^Bellwire: .*live\.js/);
  assert.deepEqual(frame.hello.page, { url: 'https://shop.example/', title: '', referrer: '', language: 'en' });
  assert.deepEqual([frame.hello.journey, frame.hello.quiet], [[], false]);
});

test('where the words of the launcher do not arrive, the journey goes on', async () => {
  const { greeted, journey } = await visit({ broken: 'face.js' });

  const socket = await greeted();

  assert.equal((await journey()).length, 1);
  assert.equal(socket.readyState, 1);
});
