// The status snippet: where it asks, what it says, and what it does when nobody answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { CENTRE, Node, read } from './page.mjs';

const SALES = { name: 'Sales', open: true, call_agents: 2, chat_agents: 1, waiting: 0, call_wait: { from_s: 0, to_s: 30 } };

/** A page with the snippet in it. */
async function place({ lang = 'en', answer = { open: true, queues: [SALES] }, site = 'KEY', inBody = true } = {}) {
  const said = [], asked = [], sources = [], timers = [], listeners = [];
  const body = new Node('body');
  const tag = Object.assign(new Node('script'), { src: `${CENTRE}/status.js`, dataset: { site } });
  let Status;
  class Element extends Node {
    closest() {
      return { lang };
    }
    attachShadow() {
      this.shadowRoot = new Node('shadow');
      return this.shadowRoot;
    }
  }
  const document = {
    currentScript: tag, body, visibilityState: 'visible',
    addEventListener: (type, work, { signal }) => listeners.push({ work, signal }),
    createElement: (name) => (name === 'bellwire-status' ? new Status() : new Node(name)),
  };
  if (inBody) body.append(tag);
  tag.after = (node) => {
    body.append(node);
    node.connectedCallback();
  };
  vm.runInNewContext(read('status.js'), {
    document, HTMLElement: Element, navigator: { language: 'en' }, URL, AbortController, Intl, Date, encodeURIComponent,
    CSSStyleSheet: class { replaceSync() {} },
    customElements: { get: () => Status, define: (_, made) => (Status = made) },
    console: { warn: (text) => said.push(text), error: (text) => said.push(text) },
    setInterval: (work, ms) => timers.push({ work, ms }), clearInterval: (at) => timers.splice(at - 1, 1),
    fetch: async (url) => {
      asked.push(url);
      if (answer instanceof Error) throw answer;
      return { ok: answer !== 404, status: answer, json: async () => answer };
    },
    EventSource: class {
      readyState = 0;
      constructor(url) {
        sources.push(Object.assign(this, { url }));
      }
      addEventListener(type, work) {
        this[type] = (view) => work({ data: JSON.stringify(view) });
      }
      close() {
        this.readyState = 2;
      }
    },
  });
  const settle = () => new Promise((done) => setImmediate(done));
  await settle();
  const element = body.children.at(-1);
  return {
    element, asked, sources, said, timers, settle,
    text: () => (element.shadowRoot?.children ?? []).map((node) => node.textContent).join(),
    turn: async (state) => {
      document.visibilityState = state;
      for (const { work, signal } of listeners) if (!signal.aborted) work();
      await settle();
    },
  };
}

test('it stands behind its tag and shows each queue', async () => {
  const { element, asked, sources } = await place();
  const [list] = element.shadowRoot.children;
  const [name, state] = list.children[0].children;

  assert.deepEqual([name.part, name.textContent], ['name', 'Sales']);
  assert.deepEqual([state.part, state.textContent], ['state open', '2 agents available · wait under 1 min']);
  assert.deepEqual(asked, [`${CENTRE}/api/public/status/KEY`]);
  assert.equal(sources[0].url, `${CENTRE}/api/public/status/KEY/events`);
});

test('it follows the centre, and a key cannot lead elsewhere', async () => {
  const { text, sources, asked } = await place({ site: '../../x?y' });

  sources[0].status({ open: true, queues: [{ ...SALES, call_agents: 0, chat_agents: 0, waiting: 4 }] });
  assert.equal(text(), 'Sales4 waiting');
  sources[0].status({ open: false });

  assert.equal(text(), 'Closed');
  assert.equal(asked[0], `${CENTRE}/api/public/status/..%2F..%2Fx%3Fy`);
});

test('it speaks the language around it', async () => {
  const { text } = await place({ lang: 'es-MX', answer: { open: true, queues: [{ ...SALES, name: 'Ventas', call_wait: { from_s: 60, to_s: 170 } }] } });

  assert.equal(text(), 'Ventas2 agentes disponibles · espera de unos 1–3 min');
});

test('without events it asks each minute, with them it does not', async () => {
  const { asked, sources, timers, settle } = await place();
  assert.equal(timers[0].ms, 60_000);

  timers[0].work();
  await settle();
  sources[0].readyState = 1;
  timers[0].work();
  await settle();

  assert.equal(asked.length, 2);
});

test('a page that nobody looks at keeps no connection', async () => {
  const { asked, sources, timers, turn } = await place();

  await turn('hidden');
  timers[0].work();
  assert.equal(sources[0].readyState, 2);
  assert.equal(asked.length, 1);
  await turn('visible');

  assert.equal(sources.length, 2);
});

for (const answer of [404, new Error('refused')]) {
  test(`where the answer is ${answer}, it says so in a sentence and in the console`, async () => {
    const { text, said } = await place({ answer });

    assert.equal(text(), 'Nobody can say just now who is available.');
    assert.match(said[0], /connect-src/);
  });
}

test('taken out of the page it is silent', async () => {
  const { element, sources, timers, turn } = await place();

  element.disconnectedCallback();
  await turn('visible');

  assert.equal(sources.length, 1);
  assert.equal(sources[0].readyState, 2);
  assert.equal(timers.length, 0);
});

test('a tag in the head says where it belongs', async () => {
  const { said, asked } = await place({ inBody: false });

  assert.match(said[0], /inside of <body>/);
  assert.deepEqual(asked, []);
});
