// What the launcher shows besides itself: the status in words, the badge, and the card of an invitation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CENTRE, EVERYTHING, open, visit } from './page.mjs';

const HELP = { invitation: 'inv_1', how: { contact: 'chat' }, text: 'Can we help with the Air 13?', accept: 'Chat now' };
const acts = (socket) => socket.asked.filter(({ command }) => command.invitation).map(({ command }) => command.invitation.act);
const press = (card, name) => card.children.find((node) => node.textContent === name).fire('click');
const told = (frame) => frame.port.told.filter(({ bw }) => /^invit/.test(bw));

async function invited(more = {}) {
  const page = await visit(more);
  const socket = await page.greeted({ invited: HELP });
  await page.clock.pass(200);
  return { ...page, socket, seen: async () => {
    page.observers.at(-1).sees(true);
    await page.clock.pass(1100);
  } };
}

for (const [lang, view, words] of [
  ['en', open(), '2 agents available'],
  ['en-GB', open({ call_agents: 1, chat_agents: 0 }), '1 agent available'],
  ['en', open({ call_wait: { from_s: 90, to_s: 170 }, chat_wait: { from_s: 500, to_s: 900 } }), '2 agents available · wait about 1–3 min'],
  ['en', open({ chat_wait: { from_s: 120, to_s: 120 } }), '2 agents available · wait about 2 min'],
  ['en', open({ chat_wait: { from_s: 0, to_s: 30 } }), '2 agents available · wait under 1 min'],
  ['en', open({ waiting: 3 }), '2 agents available · 3 waiting'],
  ['en', open({ call_agents: 0, chat_agents: 0, waiting: 3 }), '3 waiting'],
  ['en', open({ call_agents: 0, chat_agents: 0 }), 'No agent just now'],
  ['en', open({ open: false }), 'Closed'],
  ['es', open({ call_wait: { from_s: 60, to_s: 180 } }), '2 agentes disponibles · espera de unos 1–3 min'],
  ['de', open({ call_agents: 0, chat_agents: 0, waiting: 3 }), 'Wartende: 3'],
  ['fr-CA', open({ open: false }), 'Fermé'],
  ['tlh', open(), '2 agents available'],
]) {
  test(`in ${lang} it says “${words}”`, async () => {
    const { status, button } = await visit({ lang, answer: { ok: true, collects: EVERYTHING, status: view } });

    assert.equal(status(), words);
    assert.equal(button().getAttribute('aria-describedby'), 'status');
  });
}

test('a closed centre says when it opens, by the day or by the date', async () => {
  const monday = new Date(2023, 10, 20, 9, 0).getTime();
  const far = new Date(2023, 11, 24, 9, 0).getTime();

  const soon = await visit({ lang: 'en-GB', answer: { ok: true, status: open({ open: false, opens: monday }) } });
  const late = await visit({ lang: 'de', answer: { ok: true, status: open({ open: false, opens: far }) } });

  assert.match(soon.status(), /^Closed, opens Mon,? 09:00$/);
  assert.match(late.status(), /^Geschlossen, öffnet 24\. Dez.* 09:00$/);
});

test('the status follows the centre, and the panel once that is there', async () => {
  const { greeted, framed, status, button, clock } = await visit();
  const socket = await greeted();

  socket.says({ tell: { centre: open({ open: false }) } });
  assert.deepEqual([status(), button().className], ['Closed', 'off']);
  const frame = await framed();
  frame.port.onmessage({ data: { bw: 'status', view: open() } });
  await clock.pass(100);

  assert.deepEqual([status(), button().className], ['2 agents available', 'on']);
});

test('a status that says the same is not drawn again, and another one has a node of its own', async () => {
  const { greeted, root } = await visit();
  const socket = await greeted();
  const first = root().find('status');

  socket.says({ tell: { centre: open({ topic: 'Sales' }) } });
  assert.equal(root().find('status'), first);
  socket.says({ tell: { centre: open({ call_agents: 3 }) } });

  assert.notEqual(root().find('status'), first);
});

test('lines of an agent that nobody has read are counted on the launcher', async () => {
  const { greeted, root } = await visit();
  const line = (seq, from) => ({ seq, from, id: `msg_${seq}`, text: 'Hello', at: 0 });
  const chat = { messages: [line(1, 'customer'), line(2, 'agent'), line(3, 'agent')], complete: true, read: { customer: 2, agent: 1 } };

  const socket = await greeted({ interactions: [{ interaction: 'int_1', chat }] });
  assert.equal(root().find('badge').textContent, '1 unread');
  socket.says({ tell: { said: { interaction: 'int_1', message: line(4, 'agent') } } });
  socket.says({ tell: { said: { interaction: 'int_1', message: line(5, 'customer') } } });

  assert.equal(root().find('badge').textContent, '2 unread');
});

test('an invitation is a dialog that is announced and takes no focus', async () => {
  const { card, root } = await invited();

  assert.equal(card().role, 'dialog');
  assert.equal(card().getAttribute('aria-labelledby'), 'ask');
  assert.equal(root().find('ask').role, 'status');
  assert.equal(root().find('ask').textContent, HELP.text);
  assert.deepEqual(card().children.slice(1).map((node) => node.textContent), ['Chat now', 'No, thank you']);
  assert.equal(root().activeElement, undefined);
});

test('it was shown once half of it was there for a second, in a page that is looked at', async () => {
  const { socket, observers, clock, document } = await invited();
  observers.at(-1).sees(true);
  await clock.pass(900);
  observers.at(-1).sees(false);
  await clock.pass(5000);
  assert.deepEqual(acts(socket), []);

  document.visibilityState = 'hidden';
  observers.at(-1).sees(true);
  await clock.pass(5000);
  assert.deepEqual(acts(socket), []);
  document.visibilityState = 'visible';
  await clock.pass(1100);
  observers.at(-1).sees(true);
  await clock.pass(5000);

  assert.deepEqual(acts(socket), ['shown']);
});

test('who accepts gets the panel, which is told what was accepted', async () => {
  const { socket, card, seen, framed, root } = await invited();
  await seen();

  press(card(), 'Chat now');
  assert.equal(card(), null);
  assert.equal(root().find('panel').inert, false);
  const frame = await framed();

  assert.deepEqual(acts(socket), ['shown', 'accepted']);
  assert.deepEqual(told(frame), [{ bw: 'invitation', id: 'inv_1', act: 'shown' }, { bw: 'invited', invitation: HELP }]);
});

test('while the panel is loaded it hears of invitations and of what became of them', async () => {
  const { framed, page, card, observers, clock } = await visit();
  const frame = await framed();
  page.bellwire('close');
  const hear = (invitation) => frame.port.onmessage({ data: { bw: 'invited', invitation } });

  hear(HELP);
  observers.at(-1).sees(true);
  await clock.pass(1100);
  press(card(), 'No, thank you');
  hear({ ...HELP, invitation: 'inv_2' });
  press(card(), 'Chat now');
  hear(null);

  assert.deepEqual(told(frame), [
    { bw: 'invitation', id: 'inv_1', act: 'shown' }, { bw: 'invitation', id: 'inv_1', act: 'dismissed' },
    { bw: 'invited', invitation: { ...HELP, invitation: 'inv_2' } },
  ]);
});

test('Escape puts it away, and the focus goes back to the button', async () => {
  const { socket, card, root, seen, button } = await invited();
  await seen();
  card().children[1].focus();
  root().activeElement = card().children[1];

  root().fire('keydown', { key: 'Escape' });

  assert.equal(card(), null);
  assert.deepEqual(acts(socket), ['shown', 'dismissed']);
  assert.equal(root().activeElement, button());
});

test('after a minute without an act, or when the page is left, it was ignored', async () => {
  const first = await invited();
  await first.seen();
  await first.clock.pass(60_000);
  const second = await invited();
  await second.seen();
  second.window.fire('pagehide');

  assert.deepEqual(acts(first.socket), ['shown', 'ignored']);
  assert.equal(first.card(), null);
  assert.deepEqual(acts(second.socket), ['shown', 'ignored']);
});

test('nobody ignores what did not come to be seen', async () => {
  const { socket, window } = await invited();

  window.fire('pagehide');

  assert.deepEqual(acts(socket), []);
});

test('an invitation that no longer holds goes without a word', async () => {
  const { socket, card } = await invited();

  socket.says({ tell: { uninvited: 'inv_2' } });
  assert.ok(card());
  socket.says({ tell: { uninvited: 'inv_1' } });

  assert.equal(card(), null);
  assert.deepEqual(acts(socket), []);
});

test('a line of text asks for nothing', async () => {
  const { greeted, card } = await visit({ lang: 'de' });

  await greeted({ invited: { invitation: 'inv_1', how: 'line', text: 'Heute versandfrei', accept: '' } });

  assert.deepEqual(card().children.slice(1).map((node) => node.textContent), ['Nein, danke']);
});

test('who is not watched, or is in the panel already, is not invited', async () => {
  const quiet = await invited({ more: { navigator: { language: 'en', globalPrivacyControl: true } } });
  const opted = await invited({ local: { 'bellwire:KEY:quiet': '1' } });
  const inside = await visit();
  inside.page.bellwire('open');
  await inside.greeted({ invited: HELP });

  assert.deepEqual([quiet.card(), opted.card(), inside.card()], [null, null, null]);
});

test('a page that serves better than an agent is opened here, or beside', async () => {
  const { framed, opened, said } = await visit();
  const frame = await framed();
  const go = (url, elsewhere) => frame.port.onmessage({ data: { bw: 'go', url, elsewhere } });

  go('/help/returns', false);
  go('/help/returns', true);
  go('https://status.example/', false);
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'https://']) go(url, false);

  assert.deepEqual(opened, [
    'https://shop.example/help/returns', '_blank noopener: https://shop.example/help/returns', '_blank noopener: https://status.example/',
  ]);
  assert.equal(said.length, 4);
});

test('a stranger in the page is not heard', async () => {
  const { page, window, root } = await visit();
  page.bellwire('open');
  const frame = root().find('panel').children.find((node) => node.name === 'iframe');

  window.fire('message', { origin: 'https://evil.example', data: { bw: 'ready' }, source: frame.contentWindow });
  window.fire('message', { origin: CENTRE, data: { bw: 'ready' }, source: { opener: null } });
  await new Promise((done) => setImmediate(done));

  assert.equal(frame.contentWindow.hello, undefined);
});
