// Draws the launcher and opens the contact panel on demand. What watches and tells is in live.js.
(() => {
const early = window.bellwire;
if (early?.site) return;
const tag = document.currentScript;
const { site, side, color, label } = tag?.dataset || {};
if (!site) return console.error('Bellwire: the tag lacks data-site="KEY".');

const base = new URL('.', tag.src).href;
const centre = new URL(base).origin;
const address = base + 'widget/?' + new URLSearchParams({ site, origin: location.origin });
const store = 'bellwire:' + site;
const quiet = () => !!(navigator.globalPrivacyControl || navigator.doNotTrack === '1' ||
  attempt(() => localStorage.getItem(store + ':quiet')));
const life = new AbortController();
const on = (target, type, work) =>
  target.addEventListener(type, work, { capture: true, passive: true, signal: life.signal });
const whenBody = (work) => (document.body ? work() : on(document, 'DOMContentLoaded', work));
const language = document.documentElement.lang || navigator.language;
const part = (name) => import(base + name);
const warn = (text) => console.warn('Bellwire: ' + text);
const cut = (text, most) => String(text).trim().slice(0, most);
const newTab = () => {
  let id = 'tab_0';
  while (id.length < 30) id += Math.random().toString(16).slice(2).toUpperCase();
  return id.slice(0, 30);
};
// Storage may be denied.
const attempt = (work) => {
  try {
    return work();
  } catch {
    return null;
  }
};

const kept = {};
const recall = () => {
  const { tab, n, events, ...rest } = attempt(() => JSON.parse(sessionStorage.getItem(store))) || kept;
  Object.assign(kept, rest, {
    tab: /^tab_\w{26}$/.test(tab) ? tab : newTab(),
    n: n >>> 0,
    events: Array.isArray(events) ? events : [],
  });
};
const save = () => kept.answer && attempt(() => sessionStorage.setItem(store, JSON.stringify(kept)));

// For the second part.
let live, coming, person;
const later = [];
const tell = (...call) => {
  if (!live) return later.length < 200 && later.push(call);
  const [verb, ...rest] = call;
  if (attempt(() => live[verb](...rest)) === null) warn(`a call of '${verb}' was dropped: it could not be read.`);
};
const wake = () => (coming ||= part('live.js').then((second) => {
  if (life.signal.aborted) return;
  live = second.default(host);
  for (const call of later.splice(0)) tell(...call);
}).catch(warn));
const verbs = {
  open: () => show(true, true),
  close: () => show(false),
  event: (...rest) => tell('event', ...rest),
  cart: (...rest) => tell('cart', ...rest),
  identify: (who) => {
    person = { bw: 'identify', name: cut(who?.name || '', 100) };
    send(person);
  },
};
const bellwire = (verb, ...rest) => {
  if (!Object.hasOwn(verbs, verb)) return warn(`there is no '${verb}', only ${Object.keys(verbs).join(', ')}.`);
  verbs[verb](...rest);
};
bellwire.site = site;
window.bellwire = bellwire;

// Launcher
const css = (side, color) => `
:host{all:initial!important;display:contents!important}
#launcher,#panel,#badge,#status,#card{position:fixed;z-index:2147483647;${side}:20px;box-sizing:border-box;font:15px/1.4 system-ui;color-scheme:light dark}
#launcher,#yes,#acts>:first-child{background:${color};color:#fff;color:oklch(from ${color} clamp(0,(.7 - l)*999,1) 0 0);border:2px solid #0000}
#launcher{bottom:20px;display:flex;align-items:center;gap:9px;height:52px;padding:0 18px;border-radius:26px;font-weight:600;cursor:pointer;box-shadow:0 4px 16px #0005}
#launcher::before{content:"";width:22px;height:20px;background:currentColor;clip-path:polygon(0 0,100% 0,100% 75%,50% 75%,25% 100%,25% 75%,0 75%)}
button:focus-visible{outline:2px solid;outline-offset:-6px}
#badge{bottom:60px;padding:0 8px;border-radius:9px;background:#c8102e;color:#fff}
#badge:empty{padding:0}
#panel{bottom:84px;display:flex;flex-direction:column;width:384px;height:min(640px,100dvh - 104px);overflow:hidden;border:1px solid #8888;border-radius:14px;background:Canvas;color:CanvasText;box-shadow:0 4px 16px #0005}
#panel[inert]{visibility:hidden}
#note{margin:auto;padding:16px;text-align:center}
.live #note{margin:0;border-bottom:1px solid #8888}
#acts>*{margin:4px;padding:8px 14px;border:1px solid #8888;border-radius:9px;background:none;color:inherit;font:inherit;cursor:pointer}
iframe{flex:1;border:0}
#panel:not(.live) iframe{position:absolute;visibility:hidden}
@media(max-width:479.9px){#panel{inset:0;width:100%;height:100dvh;border:0;border-radius:0}}
@media print{*{display:none!important}}`;

let root, button, panel, note, acts, badge, isOpen;
const sheet = new CSSStyleSheet();
const make = (name, props, ...children) => {
  const node = Object.assign(document.createElement(name), props);
  node.append(...children);
  return node;
};
const act = (name, work) => {
  const node = make('button', { textContent: name });
  on(node, 'click', work);
  return node;
};
const draw = () => {
  button = act('', () => show(!isOpen, true));
  Object.assign(button, { id: 'launcher', ariaHasPopup: 'dialog', ariaExpanded: false });
  button.setAttribute('aria-controls', 'panel');
  on(button, 'pointerenter', load);
  on(button, 'focus', load);
  badge = make('span', { id: 'badge', role: 'status' });
  note = make('p', { role: 'status' });
  acts = make('div', { id: 'acts' });
  panel = make('div', { id: 'panel', role: 'dialog', tabIndex: -1, inert: true }, make('div', { id: 'note' }, note, acts));
  root = make('bellwire-launcher').attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  root.append(button, badge, panel);
  on(root, 'keydown', ({ key }) => key === 'Escape' && show(false));
  document.body.append(root.host);
};
const say = (sentence, ...actions) => {
  note.textContent = sentence;
  note.parentNode.hidden = !sentence;
  acts.replaceChildren(...actions, act('Close', () => show(false)));
};
const show = (open, byPerson) => {
  isOpen = open;
  if (!root) return;
  const inside = panel.contains(root.activeElement);
  panel.inert = !open;
  button.ariaExpanded = open;
  if (open) {
    load();
    live?.opened();
  }
  send({ bw: 'open', open });
  if (open && byPerson) (panel.className ? frame : panel).focus();
  if (!open && inside) button.focus();
};

// Panel
let frame, late, blocked, popup, port, owned, release;
const send = (message) => {
  port?.postMessage(message);
  return port;
};
const windowButton = () => act('Open in a window', openWindow);
const load = () => {
  if (frame || blocked || kept.win) return;
  own();
  wake();
  frame = make('iframe', {
    title: button.textContent,
    allow: 'microphone; camera; display-capture; autoplay; clipboard-write; fullscreen; picture-in-picture; speaker-selection',
    src: address,
  });
  panel.ariaBusy = true;
  say('Opening…');
  panel.append(frame);
  late = setTimeout(() => {
    panel.ariaBusy = false;
    say('The contact panel could not be opened.', act('Try again', () => load(unload())), windowButton());
  }, 10000);
};
const unload = () => {
  clearTimeout(late);
  frame?.remove();
  frame = port = null;
  panel.ariaBusy = false;
  panel.className = '';
  live?.connect();
};
const refused = (event) => {
  if (!frame || event.disposition !== 'enforce' || event.effectiveDirective !== 'frame-src' || !event.blockedURI.startsWith(centre)) return;
  warn(`the page's Content-Security-Policy lacks ${centre} in frame-src.`);
  blocked = true;
  unload();
  say('This page allows the contact panel only in its own window.', windowButton());
};
const openWindow = () => {
  if (popup && !popup.closed) return popup.focus();
  const href = address + '&window=1';
  popup = open(href, store, 'popup,width=420,height=720');
  if (popup) return inWindow();
  say('Your browser blocked the window.', make('a', { href, target: '_blank', rel: 'opener', textContent: 'Open in a window' }));
};
const inWindow = () => {
  kept.win = true;
  save();
  say('The contact panel is open in its own window.', windowButton());
};
const windowGone = () => {
  if (port || !kept.win) return;
  kept.win = kept.call = false;
  save();
  live?.connect();
  if (blocked) say('The contact panel is closed.', windowButton());
  else if (isOpen) load();
};
// A duplicated tab copies sessionStorage: the tab id is that of the page holding its lock.
const own = () => (owned ||= new Promise((done) => {
  if (!navigator.locks) return done();
  navigator.locks.request(store + kept.tab, { signal: AbortSignal.timeout(400) }, () => {
    done();
    return new Promise((resolve) => (release = resolve));
  }).catch(({ name }) => {
    if (name !== 'TimeoutError') return done();
    kept.tab = newTab();
    kept.call = kept.win = owned = false;
    save();
    done(own());
  });
}));
const unread = (n) => (badge.textContent = n ? n + ' unread' : '');
const heard = {
  token: ({ token }) => attempt(() => localStorage.setItem(store, token)),
  call: ({ active }) => save((kept.call = active)),
  open: ({ open }) => show(open),
  badge: ({ n }) => unread(n),
  monitoring: ({ on }) => {
    attempt(() => (on ? localStorage.removeItem(store + ':quiet') : localStorage.setItem(store + ':quiet', 1)));
    live?.watch(on);
  },
  window: ({ why }) => say(why, windowButton()),
  // A window that only reloads is back within the wait.
  gone: () => {
    port = null;
    setTimeout(windowGone, 2000);
  },
};
const greet = async ({ origin, data, source }) => {
  const framed = frame?.contentWindow === source;
  if (origin !== centre || data?.bw !== 'ready' || !root || (!framed && source.opener !== window)) return;
  await own();
  await wake();
  if (!framed) {
    popup = source;
    unload();
    inWindow();
    show(false);
  } else if (frame) {
    clearTimeout(late);
    panel.ariaBusy = false;
    panel.className = 'live';
    say('');
    if (root.activeElement === panel) frame.focus();
  }
  const { port1, port2 } = new MessageChannel();
  port = port1;
  port1.onmessage = ({ data }) => port === port1 && (heard[data?.bw] || live?.heard[data?.bw])?.(data);
  const token = attempt(() => localStorage.getItem(store));
  source.postMessage({ bw: 'hello', site, token, tab: kept.tab, resume: !!kept.call,
    open: isOpen || !framed, quiet: quiet(), visits: 0, journey: [],
    page: { url: location.origin + location.pathname, title: '', referrer: '', language },
    ...live?.hello() }, centre, [port2]);
  if (person) send(person);
};

// What it needs of this one.
const host = { site, base, store, kept, life: life.signal, on, part, warn, attempt, cut, quiet, save, own, send, act, make,
  show, unread, isOpen: () => isOpen, isCarried: () => port || frame || kept.win, drawn: () => ({ root, button }) };

const forget = () => {
  life.abort();
  kept.answer = null;
  root?.host.remove();
  attempt(() => {
    sessionStorage.removeItem(store);
    localStorage.removeItem(store);
  });
};
const begin = () => {
  const { answer } = kept;
  if (!answer) return;
  const again = root;
  if (!again) draw();
  const tint = [color, answer.color].find((name) => CSS.supports('color', name)) || '#1d4fd8';
  sheet.replaceSync(css((side || answer.side) === 'left' ? 'left' : 'right', tint));
  button.textContent = panel.ariaLabel = label || answer.label || 'Contact us';
  if (again) return live?.heard.status({ view: answer.status });
  (window.requestIdleCallback || setTimeout)(wake, { timeout: 2000 });
  if (kept.win) setTimeout(windowGone, 3000);
  if (isOpen || (kept.call && !kept.win)) show(true);
};
const check = async () => {
  try {
    const { default: answer } = await part(`api/public/site/${site}.js?language=${language}`);
    if (!answer.ok) return forget(console.error(answer.say));
    kept.answer = answer;
    save();
    whenBody(begin);
  } catch {
    warn(`${centre} does not answer, or the page's Content-Security-Policy lacks ${centre} in script-src.`);
    if (!kept.answer) life.abort();
  }
};
const start = () => {
  recall();
  on(document, 'securitypolicyviolation', refused);
  on(window, 'message', greet);
  on(window, 'pagehide', () => {
    live?.leave();
    send({ bw: 'bye' });
    release?.();
    owned = null;
  });
  // Later pages have kept more.
  on(window, 'pageshow', ({ persisted }) => {
    if (!persisted) return;
    recall();
    unload();
    live?.back();
    if (isOpen || kept.call) load();
  });
  for (const call of early?.q || []) bellwire(...call);
  whenBody(begin);
  check();
};
if (document.prerendering) on(document, 'prerenderingchange', start);
else start();
})();
