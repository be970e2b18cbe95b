// The loader's second part: keeps the journey, and hears how things are in the centre.
// It has a socket of its own while no panel is there; then the panel's carries everything.
const secret = /token|secret|pass|pwd|mail|session|phone|auth(?!or)|jwt|card|iban|(key|code|sid|sig|pin|otp|cv[cv])$/i;
const card = /(?:\d[ -]?){12,18}\d/g;
const actions = ['added', 'removed', 'viewed', 'checked_out', 'bought'];
const whole = (number, most) => Math.min(Math.max(Math.round(number) || 0, 0), most);
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export default (host) => {
const { store, kept, on, warn, attempt, quiet, save, send } = host;
const cut = (text, most = 200) => host.cut(text, most);
const veil = (text, parts) => text.replace(parts, (part) => (/@|%40/.test(part) ? '…' : part));
const plain = (text) => cut(veil(cut(text, 1000), /\S+/g).replace(card, '…'));
const clean = (address) => cut(veil(address.slice(0, 4000).replace(/#.*/, ''), /[^/?&;=]+/g)
  .replace(/([^?&;=]+)=([^&;]*)/g, (pair, name) => (secret.test(name) ? name + '=…' : pair)), 500);
const seen = () => document.visibilityState !== 'hidden';
const may = () => watched && !quiet();
const language = () => document.documentElement.lang || navigator.language;
const collects = (what) => kept.answer?.collects?.includes(what) ?? true;

// Journey
let page, since, spent, deepest, referrer = document.referrer && clean(document.referrer);
let watched = !quiet(), told = kept.sent || 0, last = 0, soon;
const record = (what, kind) => {
  if (!may() || (what && !collects(what))) return;
  kept.events.push({ n: ++kept.n, at: Date.now(), kind });
  if (kept.events.length > 200) kept.events.shift();
  later();
};
const later = () => (soon ||= setTimeout(flush, Math.max(50, last + 1000 - Date.now())));
const flush = () => {
  clearTimeout(soon);
  soon = 0;
  save();
  // The centre takes 64 KiB at once; a character is three bytes at most.
  let size = 0;
  const events = kept.events.filter((event) => event.n > told && (size += JSON.stringify(event).length) < 20000);
  const n = events.at(-1)?.n;
  if (!n || !(send({ bw: 'journey', events }) || (up && ask({ journey: { events } }, () => (kept.sent = n))))) return;
  told = n;
  last = Date.now();
  if (n < kept.n) later();
};
const forget = () => {
  kept.events = [];
  referrer = kept.text = '';
  kept.visits = 0;
  attempt(() => localStorage.removeItem(store + ':visits'));
  save();
};
const count = () => {
  if (!may() || !collects('visits')) return;
  const [visits, at] = attempt(() => parse(localStorage.getItem(store + ':visits'))) || [];
  const now = Date.now();
  kept.visits = (whole(visits, 1e6) || 0) + (now - at < 18e5 ? 0 : 1);
  attempt(() => localStorage.setItem(store + ':visits', JSON.stringify([kept.visits, now])));
};
const searched = (text) => {
  text = plain(text);
  if (!text || text === kept.text || !may() || !collects('searches')) return;
  kept.text = text;
  record('searches', { searched: { text } });
};
const categories = () => {
  const marks = [...document.querySelectorAll('meta[name="bellwire:category"],[data-bw-category]')];
  const names = marks.flatMap((node) => (node.content || node.dataset.bwCategory || '').split(','));
  return [...new Set(names.map((name) => cut(name, 100)))].filter(Boolean).slice(0, 10);
};
const viewed = () => {
  if (!may()) forget();
  page = { url: clean(location.href), title: plain(document.title),
    referrer: collects('referrer') ? referrer : '', language: cut(language(), 35) };
  since = seen() ? Date.now() : 0;
  spent = deepest = 0;
  count();
  record('', { viewed: { ...page, categories: categories() } });
  const query = new URLSearchParams(location.search);
  searched(['q', 'query', 'search', 's'].map((name) => query.get(name)).find(Boolean) || '');
};
const pass = () => {
  if (since) spent += Date.now() - since;
  since = seen() ? Date.now() : 0;
};
const left = () => {
  pass();
  record('dwell', { left: { url: page.url, dwell_ms: whole(spent, 1e9) } });
};
const watch = (on) => {
  if (on === watched) return;
  watched = on;
  if (on) viewed();
  else forget(face?.away());
};
// Frameworks set the title a little later.
const moved = () => setTimeout(() => {
  if (clean(location.href) === page.url) return;
  left();
  referrer = page.url;
  viewed();
  if (may()) send({ bw: 'page', page }) || looks();
}, 50);
let drawing;
const scrolled = ({ target }) => {
  if (target === document) drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    const quarter = Math.min(4, Math.floor(4 * (scrollY + innerHeight + 1) / document.documentElement.scrollHeight));
    if (quarter > deepest) record('scroll', { scrolled: { url: page.url, percent: 25 * (deepest = quarter) } });
  });
};
const cart = ({ action, item = '', quantity = 1, worth = 0 }) => actions.includes(action)
  ? record('cart', { cart: { action, item: plain(item), quantity: whole(quantity, 1e6), worth: whole(worth, 1e12) } })
  : warn(`a cart event was dropped: its action is none of ${actions.join(', ')}.`);
const clicked = (event) => {
  const path = event.composedPath();
  const mark = path.find((node) => node.dataset?.bw != null);
  if (mark) record('clicks', { clicked: { mark: plain(mark.dataset.bw || mark.textContent).slice(0, 80) } });
  const bought = path.find((node) => node.dataset?.bwCart)?.dataset;
  if (bought) cart({ action: bought.bwCart, item: bought.bwItem, quantity: bought.bwQuantity, worth: bought.bwWorth });
  if (!window.navigation) moved();
};
const field = (node) => {
  const name = cut(node.name, 100);
  const closed = /password|file/.test(node.type) || /^cc-/.test(node.autocomplete) || /pass|pwd|card|cv[cv]|iban|secret|token|pin$/i.test(name);
  const value = node.dataset.bwValue == null || closed || (/checkbox|radio/.test(node.type) && !node.checked)
    ? null : cut(cut(node.value ?? '', 1000).replace(card, '…'));
  return value ? { name, value } : { name };
};
const submitted = ({ target }) => {
  const fields = [...target.elements].filter((node) => node.name && !/^(hidden|submit|button|image|reset|fieldset)$/.test(node.type));
  const search = fields.find((node) => node.type === 'search') ||
    (target.closest('search,[role=search]') && fields.find((node) => node.type === 'text'));
  if (search) return searched(search.value);
  const told = new Map();
  for (const node of fields.slice(0, 200)) {
    const sent = field(node);
    if (sent.value || !told.has(sent.name)) told.set(sent.name, sent);
  }
  record('forms', { submitted: { form: cut(target.getAttribute('name') || target.id, 100), fields: [...told.values()].slice(0, 40) } });
};

// The socket
let socket, up, over, timer, opening, tries = 0, asked = 0, todo = [];
const wait = (ms, work) => {
  clearTimeout(timer);
  timer = setTimeout(work, ms);
};
const say = (frame) => socket?.readyState === 1 && socket.send(JSON.stringify(frame));
const ask = (command, done) => {
  todo.push({ n: ++asked, command, done });
  if (up) say({ do: { n: asked, command } });
  return true;
};
const looks = () => {
  if (!may()) return;
  todo = todo.filter(({ command }) => !command.looks);
  if (up) ask({ looks: page });
};
const drop = () => {
  clearTimeout(timer);
  if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
  socket?.close();
  socket = up = null;
};
const rest = (ms) => {
  drop();
  wait(ms, connect);
};
const lost = () => rest(Math.min(250 * 2 ** tries++, 10000) * (1 + Math.random() / 2));
const ping = () => {
  wait(5000, lost);
  say('ping');
};
const doubt = () => (up ? ping() : connect());
const connect = async () => {
  if (socket || opening || over || kept.deaf || host.isCarried() || host.life.aborted) return;
  opening = true;
  await host.own();
  opening = false;
  if (socket || host.isCarried() || host.life.aborted) return;
  const token = attempt(() => localStorage.getItem(store)) || undefined;
  socket = attempt(() => new WebSocket(host.base.replace('http', 'ws') + 'ws/visitor'));
  if (!socket) return lost();
  wait(5000, lost);
  socket.onclose = lost;
  socket.onopen = () => {
    wait(5000, lost);
    say({ hello: { version: 2, tab: kept.tab, seen: [], pass: { visitor: { site: host.site, token, visits: kept.visits || 0, quiet: quiet() } } } });
  };
  socket.onmessage = ({ data }) => {
    wait(10000, ping);
    const frame = parse(data);
    for (const name in frame) frames[name]?.(frame[name], token);
  };
};
const frames = {
  welcome: ({ token }, sent) => {
    up = true;
    tries = 0;
    if (token && token !== sent) kept.sent = 0;
    if (token && !quiet()) attempt(() => localStorage.setItem(store, token));
    todo = todo.filter(({ command }) => !command.journey);
    for (const { n, command } of todo) say({ do: { n, command } });
    looks();
    told = kept.sent || 0;
    flush();
  },
  done: ({ n }) => {
    while (todo[0]?.n <= n) todo.shift().done?.();
  },
  tell: (event) => {
    for (const name in event) events[name]?.(event[name]);
  },
  bye: ({ reason, retry_in_ms: ms }) => {
    if (ms != null) return rest(ms * (1 + Math.random() / 4));
    over = reason;
    drop();
  },
};
const events = {
  session: (view) => {
    kept.answer.collects = view.collects;
    events.monitored(view.monitored);
    status(view.centre);
    invite(view.invited);
    unread = 0;
    for (const { chat } of view.interactions) for (const line of chat.messages) if (line.from === 'agent' && line.seq > chat.read.customer) unread++;
    host.unread(unread);
  },
  centre: (view) => status(view),
  invited: (view) => invite(view),
  uninvited: (id) => {
    invited = null;
    face?.over(id);
  },
  said: ({ message }) => message.from === 'agent' && host.unread(++unread),
  monitored: watch,
};

// What the launcher shows
let face, invited, accepted, unread = 0;
const status = (view) => {
  kept.answer.status = view;
  face?.status(view);
};
const invite = (view) => {
  invited = view;
  face?.invite(view);
};
const tell = (id, act) => send({ bw: 'invitation', id, act }) || ask({ invitation: { invitation: id, act } });
const accept = (invitation) => {
  if (!send({ bw: 'invited', invitation })) tell((accepted = invitation).invitation, 'accepted');
  host.show(true, true);
};
host.part('face.js').then((part) => {
  face = part.default(host, { may, tell, accept });
  face.status(kept.answer.status);
  face.invite(invited);
}, () => {});

on(document, 'visibilitychange', () => {
  pass();
  save();
  if (seen()) doubt();
});
on(window, 'online', doubt);
// Another tab's visitor is this one's.
on(window, 'storage', ({ key }) => key === store + ':quiet' && watch(!quiet()));
on(document, 'securitypolicyviolation', ({ disposition, effectiveDirective, blockedURI }) => {
  const address = host.base.replace('http', 'ws');
  if (disposition !== 'enforce' || effectiveDirective !== 'connect-src' || !address.startsWith(blockedURI.slice(0, address.length - 1))) return;
  kept.deaf = true;
  drop();
  warn(`the page's Content-Security-Policy lacks ${new URL(address).origin} in connect-src: its status stays as it was loaded.`);
});
on(window, 'scroll', scrolled);
on(window, 'popstate', moved);
if (window.navigation) on(navigation, 'navigatesuccess', moved);
on(document, 'click', clicked);
// A field named "elements" hides those of its form.
on(document, 'submit', (event) => attempt(() => submitted(event)));
host.life.addEventListener('abort', drop);
viewed();
connect();

return {
  connect: () => {
    if (over === 'replaced') over = null;
    setTimeout(connect);
  },
  event: (name, data = null) => {
    const json = attempt(() => JSON.stringify(data));
    if (!name || !json || new TextEncoder().encode(json).length > 1000) return warn('event dropped: it takes a name and at most 1 kB of JSON.');
    record('custom', { custom: { name: cut(name, 80), data: json } });
  },
  cart,
  opened: () => face?.away('ignored'),
  watch,
  // The panel takes over: it is told everything, and knows what it has heard already.
  hello: () => {
    drop();
    told = kept.n;
    for (const { command: { invitation } } of todo.splice(0)) {
      if (invitation && invitation.act !== 'accepted') send({ bw: 'invitation', id: invitation.invitation, act: invitation.act });
    }
    if (accepted) send({ bw: 'invited', invitation: accepted });
    accepted = null;
    return { page, journey: kept.events, visits: kept.visits || 0 };
  },
  leave: () => {
    left();
    count();
    face?.away('ignored');
    flush();
    drop();
  },
  back: () => {
    told = kept.sent || 0;
    viewed();
    connect();
  },
  heard: {
    status: ({ view }) => status(view),
    invited: ({ invitation }) => invite(invitation),
    go: ({ url, elsewhere }) => {
      const to = attempt(() => new URL(url, location.href));
      if (!/^https?:$/.test(to?.protocol)) return warn(`the address ${cut(url, 100)} was not opened: it is none of the web.`);
      if (!elsewhere && to.origin === location.origin) location.assign(to.href);
      else open(to.href, '_blank', 'noopener');
    },
  },
};
};
