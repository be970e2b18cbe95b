// A page without a browser: just enough of one to run the loader and its parts, on a clock that
// moves only when a test says so.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

export const CENTRE = 'https://centre.example';
export const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
export const EVERYTHING = ['referrer', 'dwell', 'scroll', 'clicks', 'searches', 'forms', 'cart', 'custom', 'visits'];

/** A target of events that stops listening when its signal says so. */
class Target {
  listeners = {};
  addEventListener(type, work, { signal } = {}) {
    (this.listeners[type] ??= []).push({ work, signal });
  }
  fire(type, event = {}) {
    for (const { work, signal } of [...(this.listeners[type] ?? [])]) if (!signal?.aborted) work({ target: this, ...event });
  }
}

/** An element, as far as the scripts touch one. */
export class Node extends Target {
  children = [];
  dataset = {};
  attributes = {};
  className = '';
  #text = '';
  constructor(name = 'div', props = {}) {
    super();
    Object.assign(this, { name }, props);
  }
  get textContent() {
    return this.#text + this.children.map((child) => child.textContent ?? child).join('');
  }
  set textContent(text) {
    this.#text = String(text);
    this.children = [];
  }
  append(...nodes) {
    for (const node of nodes) {
      node.remove?.();
      if (node instanceof Node) node.parentNode = this;
      this.children.push(node);
    }
  }
  remove() {
    if (this.parentNode) this.parentNode.children = this.parentNode.children.filter((node) => node !== this);
    this.parentNode = null;
  }
  replaceWith(other) {
    other.parentNode = this.parentNode;
    this.parentNode.children = this.parentNode.children.map((node) => (node === this ? other : node));
    this.parentNode = null;
  }
  replaceChildren(...nodes) {
    this.children = [];
    this.append(...nodes);
  }
  contains(node) {
    return node === this || this.children.some((child) => child.contains?.(node));
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  closest() {
    return null;
  }
  attachShadow() {
    return Object.assign(new Node('shadow'), { host: this, adoptedStyleSheets: [] });
  }
  focus() {
    this.top().activeElement = this;
  }
  top() {
    return this.parentNode?.top() ?? this;
  }
  find(id) {
    if (this.id === id) return this;
    for (const child of this.children) {
      const found = child.find?.(id);
      if (found) return found;
    }
    return null;
  }
}

/** The centre's end of a socket. */
class Socket {
  sent = [];
  readyState = 0;
  constructor(url, page) {
    this.url = url;
    this.page = page;
  }
  send(text) {
    this.sent.push(JSON.parse(text));
    if (text === '"ping"' && !this.mute) this.says('pong');
  }
  close() {
    this.readyState = 3;
  }
  opens() {
    this.readyState = 1;
    this.onopen?.();
  }
  says(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  breaks() {
    this.readyState = 3;
    this.onclose?.();
  }
  /** What was asked, without the hello and the pings. */
  get asked() {
    return this.sent.filter((frame) => frame.do).map((frame) => frame.do);
  }
}

function clockAt(start) {
  let now = start, next = 1;
  const due = new Map();
  return {
    now: () => now,
    setTimeout: (work, ms, ...rest) => {
      due.set(next, { at: now + (Number(ms) || 0), work: () => work(...rest) });
      return next++;
    },
    clearTimeout: (id) => due.delete(id),
    /** Lets time pass, stopping at each timer on the way. */
    pass: async (ms) => {
      const end = now + ms;
      for (;;) {
        await settle();
        const [first] = [...due].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at);
        if (!first) break;
        now = Math.max(now, first[1].at);
        due.delete(first[0]);
        first[1].work();
      }
      now = end;
    },
  };
}

const settle = async () => {
  for (let round = 0; round < 8; round += 1) await new Promise((done) => setImmediate(done));
};

const storage = (map) => ({
  getItem: (name) => map[name] ?? null,
  setItem: (name, value) => (map[name] = String(value)),
  removeItem: (name) => delete map[name],
});

/** Opens a page with the tag, and lets the loader and its parts arrive. */
export async function visit({
  href = 'https://shop.example/', title = 'Shop', lang = 'en', session = {}, local = {}, marks = [], referrer = '',
  answer = { ok: true, collects: EVERYTHING }, clock = clockAt(1_700_000_000_000), queue, idle = true, visibility = 'visible', prerendering = false, broken = '', more = {},
} = {}) {
  const url = new URL(href);
  const said = [], sockets = [], observers = [], opened = [];
  const document = new Target();
  const body = new Node('body');
  const root = () => body.children[0]?.shadow;
  Object.assign(document, {
    currentScript: { src: `${CENTRE}/bellwire.js`, dataset: { site: 'KEY' } },
    referrer, title, body, visibilityState: visibility, prerendering,
    documentElement: { lang, scrollHeight: 4000 },
    createElement: (name) => {
      const node = new Node(name);
      const attach = node.attachShadow;
      node.attachShadow = () => (node.shadow = attach.call(node));
      if (name === 'iframe') node.contentWindow = { heard: [], postMessage: (data, _, [port]) => Object.assign(node.contentWindow, { hello: structuredClone(data), port }) };
      return node;
    },
    querySelectorAll: () => marks,
  });
  const window = new Target();
  const page = {
    console: { warn: (text) => said.push(text), error: (text) => said.push(text) },
    document,
    location: { href, origin: url.origin, pathname: url.pathname, search: url.search, assign: (to) => opened.push(to) },
    open: (to, name, how) => opened.push(`${name} ${how}: ${to}`),
    navigator: { language: 'en' },
    navigation: new Target(),
    sessionStorage: storage(session), localStorage: storage(local),
    CSSStyleSheet: class { replaceSync() {} },
    CSS: { supports: (_, value) => !!value },
    IntersectionObserver: class {
      constructor(work) {
        observers.push(this);
        this.sees = (isIntersecting) => this.off || work([{ isIntersecting }]);
      }
      observe() {}
      disconnect() {
        this.off = true;
      }
    },
    WebSocket: class { constructor(url) {
      const socket = new Socket(url);
      sockets.push(socket);
      return socket;
    } },
    MessageChannel: class {
      port1 = { told: [], postMessage: (data) => this.port1.told.push(structuredClone(data)) };
      port2 = this.port1;
    },
    Date: class extends Date { static now() {
      return clock.now();
    } },
    AbortController, AbortSignal, TextEncoder, URL, URLSearchParams, Intl,
    setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout,
    requestAnimationFrame: (work) => clock.setTimeout(work, 16),
    ...(idle ? { requestIdleCallback: (work) => work() } : { requestIdleCallback: () => {} }),
    scrollY: 0, innerHeight: 800,
    addEventListener: window.addEventListener.bind(window),
    ...(queue ? { bellwire: { q: queue } } : {}),
    ...more,
  };
  page.window = page;
  const asked = [];
  page.fetchModule = async (name) => {
    asked.push(name);
    if (name === broken) throw new TypeError(`Failed to fetch dynamically imported module: ${name}`);
    if (!name.startsWith('api/public/site/KEY.js?language=')) return { default: vm.runInContext(`(() => {${read(name).replace('export default', 'return')}})()`, context) };
    if (answer instanceof Error) throw answer;
    return { default: structuredClone(answer) };
  };
  const context = vm.createContext(page);
  vm.runInContext(read('bellwire.js').replace('import(base + name)', 'fetchModule(name)'), context);
  await settle();
  const kept = () => JSON.parse(session['bellwire:KEY'] ?? 'null');
  return {
    page, document, window, body, root, said, asked, sockets, observers, opened, session, local, clock, kept,
    button: () => root().find('launcher'),
    status: () => root()?.find('status')?.textContent,
    card: () => root()?.find('card'),
    /** The socket of now, greeted by the centre. */
    greeted: async (session = {}) => {
      const socket = sockets.at(-1);
      socket.opens();
      socket.says({ welcome: { connection: 'con_1', now: clock.now(), token: 'a token' } });
      socket.says({ tell: { session: { centre: open(), interactions: [], monitored: true, collects: EVERYTHING, ...session } } });
      await settle();
      return socket;
    },
    /** The panel's frame, loaded and greeted. */
    framed: async () => {
      page.bellwire('open');
      const frame = root().find('panel').children.find((node) => node.name === 'iframe');
      window.fire('message', { origin: CENTRE, data: { bw: 'ready' }, source: frame.contentWindow });
      await settle();
      return frame.contentWindow;
    },
    /** The events kept in this tab, after what is pending was written down. */
    journey: async () => {
      await clock.pass(1500);
      return kept().events.map((event) => event.kind);
    },
  };
}

/** A centre that is open, with two agents. */
export const open = (more = {}) => ({ topic: '', open: true, call_agents: 2, chat_agents: 2, waiting: 0, ...more });

/** An event of a click on the first of these nodes, inside the others. */
export const click = (...path) => ({ composedPath: () => path });

/** An event of a form that is sent. */
export const submit = (fields, { name = '', id = '', role = '' } = {}) => {
  const form = new Node('form', { id, elements: fields.map((field) => ({ type: 'text', autocomplete: '', dataset: {}, ...field })) });
  form.setAttribute('name', name);
  form.closest = () => (role === 'search' ? form : null);
  return { target: form };
};
