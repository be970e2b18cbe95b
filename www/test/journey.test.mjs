// The journey: every kind of event, what is never in it, and how it is kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { click, Node, submit, visit } from './page.mjs';

const names = (kinds) => kinds.map((kind) => Object.keys(kind)[0]);
const marked = (dataset, textContent = '') => Object.assign(new Node('button'), { dataset, textContent });

test('a page is viewed with its title, language, referrer and categories', async () => {
  const marks = [{ content: 'laptops, help', dataset: {} }, { dataset: { bwCategory: 'help,  sale ,' } }];

  const { journey } = await visit({ href: 'https://shop.example/air', title: ' Air ', lang: 'es', marks, referrer: 'https://search.example/?q=laptop' });

  assert.deepEqual(await journey(), [{ viewed: {
    url: 'https://shop.example/air', title: 'Air', referrer: 'https://search.example/?q=laptop', language: 'es',
    categories: ['laptops', 'help', 'sale'],
  } }]);
});

test('secrets, addresses and fragments never enter the journey', async () => {
  const { journey } = await visit({
    href: 'https://shop.example/reset?token=abc&q=laptop&mail=a%40b.c&who=a@b.c&apiKey=1&keyword=tv&author=x#part',
    title: 'Inbox of ann@shop.example, 4111 1111 1111 1111',
    referrer: 'https://shop.example/people/ann@shop.example/?session=1',
  });

  const [{ viewed }] = await journey();
  assert.equal(viewed.url, 'https://shop.example/reset?token=…&q=laptop&mail=…&who=…&apiKey=…&keyword=tv&author=x');
  assert.equal(viewed.title, 'Inbox of … …');
  assert.equal(viewed.referrer, 'https://shop.example/people/…/?session=…');
});

test('each quarter is told once, and only the page itself counts', async () => {
  const { page, document, window, clock, journey } = await visit();
  const scroll = async (to) => {
    page.scrollY = to;
    for (let at = 0; at < 50; at += 1) window.fire('scroll', { target: document });
    await clock.pass(20);
  };

  await scroll(100);
  await scroll(300);
  await scroll(1900);
  await scroll(0);
  await scroll(3200);
  window.fire('scroll', { target: new Node() });

  const scrolled = (await journey()).slice(1).map((kind) => kind.scrolled.percent);
  assert.deepEqual(scrolled, [25, 50, 100]);
});

test('only visible time counts as dwell', async () => {
  const { document, window, clock, kept } = await visit();
  const turn = (state) => {
    document.visibilityState = state;
    document.fire('visibilitychange');
  };
  await clock.pass(2000);
  turn('hidden');
  await clock.pass(60_000);
  turn('visible');
  await clock.pass(1000);

  window.fire('pagehide');

  assert.deepEqual(kept().events.at(-1).kind, { left: { url: 'https://shop.example/', dwell_ms: 3000 } });
});

test('a click counts where the element or one around it is marked', async () => {
  const { document, journey } = await visit();

  document.fire('click', click(new Node(), marked({ bw: 'compare' })));
  document.fire('click', click(marked({ bw: '' }, ' Returns ')));
  document.fire('click', click(new Node(), {}));

  assert.deepEqual((await journey()).slice(1), [{ clicked: { mark: 'compare' } }, { clicked: { mark: 'Returns' } }]);
});

test('a search is known by its form, its field or the address, and told once', async () => {
  const session = {};
  const first = await visit({ session });
  first.document.fire('submit', submit([{ type: 'search', name: 'q', value: ' red laptop ' }]));
  await first.journey();
  const second = await visit({ session, href: 'https://shop.example/find?q=red+laptop' });

  second.document.fire('submit', submit([{ name: 'text', value: 'for ann@shop.example' }], { role: 'search' }));

  assert.deepEqual((await second.journey()).filter((kind) => kind.searched), [
    { searched: { text: 'red laptop' } }, { searched: { text: 'for …' } },
  ]);
});

test('of a form its name and the names of its fields are told, and only marked values', async () => {
  const { document, journey } = await visit();
  const bwValue = { bwValue: '' };

  document.fire('submit', submit([
    { name: 'csrf', type: 'hidden', value: 'x', dataset: bwValue },
    { name: 'message', type: 'textarea', value: 'my password is' },
    { name: 'topic', type: 'select-one', value: 'returns', dataset: bwValue },
    { name: 'password', type: 'password', value: 'hunter2', dataset: bwValue },
    { name: 'number', autocomplete: 'cc-number', value: '1', dataset: bwValue },
    { name: 'card', value: '1', dataset: bwValue },
    { name: 'order', value: 'A 4111 1111 1111 1111', dataset: bwValue },
    { name: 'size', type: 'radio', value: 's', dataset: bwValue },
    { name: 'size', type: 'radio', value: 'm', checked: true, dataset: bwValue },
    { name: '', value: 'nameless', dataset: bwValue },
    { name: 'send', type: 'submit', value: 'Send' },
  ], { name: 'contact' }));

  assert.deepEqual((await journey())[1], { submitted: { form: 'contact', fields: [
    { name: 'message' }, { name: 'topic', value: 'returns' }, { name: 'password' }, { name: 'number' }, { name: 'card' },
    { name: 'order', value: 'A …' }, { name: 'size', value: 'm' },
  ] } });
});

test('the cart is told by a call or by a marked button', async () => {
  const { page, document, journey, said } = await visit();

  page.bellwire('cart', { action: 'added', item: 'air-13', worth: 114_900 });
  page.bellwire('cart', { action: 'bought', quantity: 3, worth: 1e300 });
  document.fire('click', click(marked({ bwCart: 'removed', bwItem: 'one', bwQuantity: '2', bwWorth: '-5' })));
  page.bellwire('cart', { action: 'stolen' });
  page.bellwire('cart');

  assert.deepEqual((await journey()).slice(1).map((kind) => kind.cart), [
    { action: 'added', item: 'air-13', quantity: 1, worth: 114_900 },
    { action: 'bought', item: '', quantity: 3, worth: 1e12 },
    { action: 'removed', item: 'one', quantity: 2, worth: 0 },
  ]);
  assert.equal(said.length, 2);
});

test('an event of the page holds its data as text', async () => {
  const { page, journey } = await visit();

  page.bellwire('event', 'voted', { answer: 'yes' });
  page.bellwire('event', 'empty');

  assert.deepEqual((await journey()).slice(1), [
    { custom: { name: 'voted', data: '{"answer":"yes"}' } }, { custom: { name: 'empty', data: 'null' } },
  ]);
});

test('hostile calls and pages are dropped or cut, and break nothing', async () => {
  const { page, document, journey, said } = await visit({ title: 'x'.repeat(1e5), href: `https://shop.example/?a=${'y'.repeat(1e5)}` });
  const loop = {};
  loop.loop = loop;

  page.bellwire('event', 'big', 'x'.repeat(1100));
  page.bellwire('event');
  page.bellwire('event', 'loop', loop);
  page.bellwire('event', 'function', () => {});
  page.bellwire('event', { toString() { throw new Error('no name'); } }, 1);
  page.bellwire('cart', { action: 'added', quantity: Symbol('many') });
  document.fire('submit', { target: Object.assign(new Node('form'), { elements: { name: 'elements' } }) });
  page.bellwire('event', '🎈'.repeat(200), 1);

  const kinds = await journey();
  assert.deepEqual(names(kinds), ['viewed', 'custom']);
  assert.equal(kinds[0].viewed.title.length, 200);
  assert.equal(kinds[0].viewed.url.length, 500);
  assert.ok(kinds[1].custom.name.length <= 80);
  assert.equal(said.length, 6);
});

test('only what the site lists is collected', async () => {
  const { page, document, window, kept, local, clock } = await visit({ answer: { ok: true, collects: ['cart'] }, referrer: 'https://search.example/' });

  document.fire('click', click(marked({ bw: 'compare' })));
  document.fire('submit', submit([{ type: 'search', name: 'q', value: 'laptop' }]));
  document.fire('submit', submit([{ name: 'topic' }]));
  page.scrollY = 4000;
  window.fire('scroll', { target: document });
  page.bellwire('event', 'voted');
  page.bellwire('cart', { action: 'viewed' });
  await clock.pass(100);
  window.fire('pagehide');

  const kinds = kept().events.map((event) => event.kind);
  assert.deepEqual(names(kinds), ['viewed', 'cart']);
  assert.equal(kinds[0].viewed.referrer, '');
  assert.equal(local['bellwire:KEY:visits'], undefined);
});

test('the journey goes on over pages of one tab, and numbers only grow', async () => {
  const session = {};
  const first = await visit({ session });
  first.page.bellwire('event', 'cart', { items: 1 });
  first.window.fire('pagehide');

  const second = await visit({ session, href: 'https://shop.example/next' });

  assert.deepEqual(names(await second.journey()), ['viewed', 'custom', 'left', 'viewed']);
  assert.deepEqual(second.kept().events.map((event) => event.n), [1, 2, 3, 4]);
});

test('a page that changes without loading is left and viewed', async () => {
  const { page, clock, journey } = await visit();
  await clock.pass(1000);

  page.location.href = 'https://shop.example/air';
  page.document.title = 'Air';
  page.navigation.fire('navigatesuccess');
  page.location.href += '#details';
  await clock.pass(100);
  page.navigation.fire('navigatesuccess');

  const kinds = await journey();
  assert.deepEqual(names(kinds), ['viewed', 'left', 'viewed']);
  assert.equal(kinds[2].viewed.title, 'Air');
  assert.equal(kinds[2].viewed.referrer, 'https://shop.example/');
});

test('a page that comes back from the cache is viewed again, after what other pages did', async () => {
  const session = {};
  const first = await visit({ session });
  first.window.fire('pagehide');
  const second = await visit({ session, href: 'https://shop.example/next' });
  second.window.fire('pagehide');

  first.window.fire('pageshow', { persisted: true });

  assert.deepEqual(names(await first.journey()), ['viewed', 'left', 'viewed', 'left', 'viewed']);
  assert.deepEqual(first.kept().events.map((event) => event.n), [1, 2, 3, 4, 5]);
});

test('only the newest 200 events are kept', async () => {
  const { page, journey } = await visit();
  await journey();

  for (let at = 0; at < 300; at += 1) page.bellwire('event', 'tick', at);

  const kinds = await journey();
  assert.equal(kinds.length, 200);
  assert.equal(kinds.at(-1).custom.data, '299');
});

test('visits are counted, and one begins after half an hour of silence', async () => {
  const local = {};
  const first = await visit({ local });
  await first.clock.pass(1_700_000);
  const second = await visit({ local, clock: first.clock });
  await second.clock.pass(1_900_000);
  const third = await visit({ local, clock: second.clock });

  third.sockets[0].opens();

  assert.equal(third.sockets[0].sent[0].hello.pass.visitor.visits, 2);
});

for (const [why, more] of [
  ['global privacy control', { navigator: { language: 'en', globalPrivacyControl: true } }],
  ['do not track', { navigator: { language: 'en', doNotTrack: '1' } }],
]) {
  test(`with ${why}, nothing of the page is stored or told, and the status still comes`, async () => {
    const local = { 'bellwire:KEY:visits': '[7,1]' };
    const { page, document, window, kept, greeted, status, sockets } = await visit({ local, more, href: 'https://shop.example/?q=laptop' });
    const socket = await greeted({ monitored: false });

    page.bellwire('event', 'voted', 1);
    document.fire('click', click(marked({ bw: 'compare' })));
    assert.equal(status(), '2 agents available');
    window.fire('pagehide');

    assert.deepEqual(kept().events, []);
    assert.doesNotMatch(JSON.stringify(kept()), /laptop|https:/);
    assert.deepEqual(local, {});
    assert.deepEqual(socket.asked, []);
    assert.deepEqual(sockets[0].sent[0].hello.pass.visitor, { site: 'KEY', visits: 0, quiet: true });
  });
}

test('who opts out is forgotten at once, for good and in every tab; who changes their mind is not', async () => {
  const local = {}, session = {};
  const { framed, clock, kept, page } = await visit({ local, session });
  const other = await visit({ local });
  const frame = await framed();
  await clock.pass(1500);

  frame.port.onmessage({ data: { bw: 'monitoring', on: false } });
  page.bellwire('event', 'after');
  other.window.fire('storage', { key: 'bellwire:KEY:quiet' });
  other.page.bellwire('event', 'elsewhere');
  await other.clock.pass(1500);

  assert.deepEqual(kept().events, []);
  assert.deepEqual(Object.keys(local), ['bellwire:KEY:quiet']);
  assert.deepEqual(other.kept().events, []);
  const next = await visit({ local, session });
  assert.deepEqual(await next.journey(), []);

  frame.port.onmessage({ data: { bw: 'monitoring', on: true } });
  await clock.pass(1500);

  assert.deepEqual(names(kept().events.map((event) => event.kind)), ['viewed']);
  assert.equal(local['bellwire:KEY:quiet'], undefined);
});

test('hearing again that they may be watched changes nothing', async () => {
  const { greeted, framed, journey } = await visit();
  const socket = await greeted();
  socket.says({ tell: { monitored: true } });

  const frame = await framed();
  frame.port.onmessage({ data: { bw: 'monitoring', on: true } });

  assert.deepEqual(names(await journey()), ['viewed']);
});

test('who opted out elsewhere is forgotten here', async () => {
  const { greeted, page, clock, kept } = await visit();
  const socket = await greeted();

  socket.says({ tell: { monitored: false } });
  page.bellwire('event', 'after');
  await clock.pass(1500);

  assert.deepEqual(kept().events, []);
});

test('a page in the background is not looked at', async () => {
  const { window, clock, kept } = await visit({ visibility: 'hidden' });
  await clock.pass(60_000);

  window.fire('pagehide');

  assert.equal(kept().events.at(-1).kind.left.dwell_ms, 0);
});

test('with the panel open, the pages of who is not watched are not told either', async () => {
  const { page, framed, clock } = await visit({ local: { 'bellwire:KEY:quiet': '1' } });
  const frame = await framed();

  page.location.href = 'https://shop.example/air';
  page.navigation.fire('navigatesuccess');
  await clock.pass(1500);

  assert.equal(frame.hello.quiet, true);
  assert.deepEqual([frame.hello.journey, frame.hello.visits], [[], 0]);
  assert.deepEqual(frame.port.told.filter(({ bw }) => /page|journey/.test(bw)), []);
});

test('an event costs the page far less than a millisecond', async (t) => {
  const { page, document, window, journey } = await visit();
  for (let at = 0; at < 200; at += 1) page.bellwire('event', 'fill', 'x'.repeat(300));
  await journey();
  const form = submit(Array.from({ length: 30 }, (_, at) => ({ name: `field ${at}`, value: 'x', dataset: { bwValue: '' } })), { name: 'long' });
  const works = {
    click: () => document.fire('click', click(...Array.from({ length: 20 }, () => new Node()), marked({ bw: 'compare' }))),
    scroll: () => window.fire('scroll', { target: document }),
    submit: () => document.fire('submit', form),
    cart: () => page.bellwire('cart', { action: 'added', item: 'air-13' }),
    event: () => page.bellwire('event', 'voted', { answer: 'yes' }),
  };

  for (const [name, work] of Object.entries(works)) {
    const since = performance.now();
    for (let at = 0; at < 500; at += 1) work();
    const each = (performance.now() - since) / 500;
    t.diagnostic(`${name}: ${(each * 1000).toFixed(1)} µs`);
    assert.ok(each < 0.5, `${name}: ${each} ms`);
  }
});
