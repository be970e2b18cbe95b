// The loader without a browser: its size, what it may not contain, and the journey it keeps.
// Run by `node --test www/test/`; needs node alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';

const source = readFileSync(new URL('../bellwire.js', import.meta.url), 'utf8');
const CENTRE = 'https://centre.example';

/** Runs the loader on a page that has no body, so that nothing is drawn. */
async function visit({ href = 'https://shop.example/', session = {}, local = {}, answer = { ok: true }, more = {} } = {}) {
  const listeners = {};
  const listen = (type, work) => (listeners[type] ??= []).push(work);
  const said = [];
  const storage = (map) => ({
    getItem: (name) => map[name] ?? null,
    setItem: (name, value) => (map[name] = value),
    removeItem: (name) => delete map[name],
  });
  const url = new URL(href);
  const page = {
    console: { warn: (text) => said.push(text), error: (text) => said.push(text) },
    document: {
      currentScript: { src: `${CENTRE}/bellwire.js`, dataset: { site: 'KEY' } },
      referrer: '', title: 'Shop', documentElement: { lang: 'en' }, addEventListener: listen,
    },
    location: { href, origin: url.origin },
    navigator: { language: 'en' },
    sessionStorage: storage(session),
    localStorage: storage(local),
    fetchModule: async () => {
      if (answer instanceof Error) throw answer;
      return { default: answer };
    },
    CSSStyleSheet: class {},
    AbortController, AbortSignal, Blob, URL, URLSearchParams, setTimeout,
    addEventListener: listen,
    ...more,
  };
  page.window = page;
  vm.runInNewContext(source.replace('await import(', 'await fetchModule('), page);
  for (const work of listeners.DOMContentLoaded ?? []) if (work.name === 'viewed') work();
  await new Promise((done) => setImmediate(done));
  const kept = () => JSON.parse(session['bellwire:KEY'] ?? 'null');
  return { page, listeners, said, session, local, kept, fire: (type, event) => listeners[type].forEach((work) => work(event)) };
}

const kinds = (kept) => kept.events.map((event) => Object.keys(event.kind)[0]);

test('the loader stays within 5 kB of gzip', () => {
  assert.ok(gzipSync(source, { level: 9 }).length <= 5000);
});

test('the loader works under trusted types and without inline styles', () => {
  assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|\.style\b|setAttribute\('style'/);
});

test('the loader adds one global', async () => {
  const before = new Set([...Object.keys((await visit({ more: { bellwire: { site: 'KEY' } } })).page)]);

  const { page } = await visit();

  assert.deepEqual(Object.keys(page).filter((name) => !before.has(name)), []);
  assert.equal(typeof page.bellwire, 'function');
});

test('secrets, addresses and fragments never enter the journey', async () => {
  const { kept } = await visit({
    href: 'https://shop.example/reset?token=abc&q=laptop&mail=a%40b.c&who=a@b.c&apiKey=1&keyword=tv&author=x#part',
  });

  assert.equal(
    kept().events[0].kind.viewed.url,
    'https://shop.example/reset?token=…&q=laptop&mail=…&who=…&apiKey=…&keyword=tv&author=x',
  );
});

test('the journey goes on over pages of one tab, and numbers only grow', async () => {
  const session = {};
  const first = await visit({ session });
  first.page.bellwire('event', 'cart', { items: 1 });
  first.fire('pagehide', {});

  const second = await visit({ session, href: 'https://shop.example/next' });

  assert.deepEqual(kinds(second.kept()), ['viewed', 'custom', 'left', 'viewed']);
  assert.deepEqual(second.kept().events.map((event) => event.n), [1, 2, 3, 4]);
});

test('only the newest 200 events are kept', async () => {
  const { page, kept } = await visit();

  for (let at = 0; at < 300; at += 1) page.bellwire('event', 'tick', at);

  assert.equal(kept().events.length, 200);
  assert.equal(kept().events.at(-1).kind.custom.data, 299);
});

test('an event that is too large or has no name is dropped and said', async () => {
  const { page, kept, said } = await visit();

  page.bellwire('event', 'big', 'x'.repeat(1100));
  page.bellwire('event');
  page.bellwire('sing');

  assert.deepEqual(kinds(kept()), ['viewed']);
  assert.equal(said.length, 3);
  assert.match(said[2], /open, close, event, identify/);
});

test('a refused page keeps nothing, and says what the server said', async () => {
  const session = {};
  const { said, page } = await visit({ session, answer: { ok: false, say: 'Bellwire: not allowed.' } });

  page.bellwire('event', 'cart', 1);

  assert.deepEqual(said, ['Bellwire: not allowed.']);
  assert.deepEqual(session, {});
});

test('a server that does not answer costs the visitor nothing that was kept', async () => {
  const local = { 'bellwire:KEY': 'a token' };

  const { said } = await visit({ local, answer: new Error('gone') });

  assert.match(said[0], /script-src/);
  assert.equal(local['bellwire:KEY'], 'a token');
});

test('with global privacy control, nothing of the page is stored', async () => {
  const { page, kept, fire } = await visit({ more: { navigator: { language: 'en', globalPrivacyControl: true } } });

  page.bellwire('event', 'cart', 1);
  fire('pagehide', {});

  assert.deepEqual(kept().events, []);
});
