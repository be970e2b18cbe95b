// <bellwire-status site="KEY">: who can be reached just now, for any page of a site. The page styles it by its parts.
(() => {
const tag = document.currentScript;
const home = new URL('.', tag.src).href;
const words = {
  en: '1 agent available|# agents available|wait about # min|wait under 1 min|# waiting|Closed|Closed, opens #|No agent just now|Nobody can say just now who is available.',
  es: '1 agente disponible|# agentes disponibles|espera de unos # min|espera de menos de 1 min|# en espera|Cerrado|Cerrado, abre #|Ningún agente ahora|Ahora no se sabe quién está disponible.',
  de: '1 Person erreichbar|# Personen erreichbar|Wartezeit etwa # Min.|Wartezeit unter 1 Min.|Wartende: #|Geschlossen|Geschlossen, öffnet #|Gerade niemand da|Gerade ist nicht bekannt, wer erreichbar ist.',
  fr: '1 conseiller disponible|# conseillers disponibles|attente d’environ # min|attente de moins d’1 min|# en attente|Fermé|Fermé, ouvre #|Aucun conseiller maintenant|On ne sait pas qui est disponible en ce moment.',
};
const sheet = new CSSStyleSheet();
sheet.replaceSync(':host{display:block}ul{margin:0;padding:0;list-style:none}li{display:flex;gap:.6em;justify-content:space-between;flex-wrap:wrap}p{margin:0}');
const make = (name, part, ...children) => {
  const node = document.createElement(name);
  node.part = part;
  node.append(...children);
  return node;
};

class Status extends HTMLElement {
  connectedCallback() {
    const root = this.shadowRoot || this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    this.language = this.closest('[lang]')?.lang || navigator.language;
    this.lines = (words[this.language.slice(0, 2).toLowerCase()] || words.en).split('|');
    this.address = home + 'api/public/status/' + encodeURIComponent(this.getAttribute('site') || '');
    this.life = new AbortController();
    document.addEventListener('visibilitychange', () => this.turn(), { signal: this.life.signal });
    this.timer = setInterval(() => this.poll(), 60000);
    this.turn();
  }
  disconnectedCallback() {
    this.life.abort();
    clearInterval(this.timer);
    this.source?.close();
  }
  // A page that nobody looks at keeps no connection: browsers allow few to one server.
  turn() {
    this.source?.close();
    this.source = null;
    if (document.visibilityState === 'hidden') return;
    this.poll();
    this.source = new EventSource(this.address + '/events');
    this.source.addEventListener('status', ({ data }) => this.show(JSON.parse(data)));
  }
  async poll() {
    if (document.visibilityState === 'hidden' || this.source?.readyState === 1) return;
    try {
      const answer = await fetch(this.address, { signal: this.life.signal, credentials: 'omit' });
      if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
      const status = await answer.json();
      // What the centre told meanwhile is newer.
      if (!this.shown || this.source?.readyState !== 1) this.show(status);
    } catch (error) {
      if (this.life.signal.aborted) return;
      console.warn(`Bellwire: no status from ${home}: ${error.message}. Is the site's key right, and ${new URL(home).origin} in connect-src?`);
      if (!this.shown) this.draw(make('p', 'state unknown', this.lines[8]));
    }
  }
  show(status) {
    this.shown = true;
    const { open, opens, queues = [] } = status;
    if (!open) return this.draw(make('p', 'state closed', this.closed(opens)));
    this.draw(make('ul', 'list', ...queues.slice(0, 50).map((queue) => make('li', 'queue',
      make('span', 'name', queue.name), make('span', queue.open ? 'state open' : 'state closed', this.say(queue))))));
  }
  draw(node) {
    this.shadowRoot.replaceChildren(node);
  }
  line(at, value) {
    return this.lines[at].replace('#', value);
  }
  closed(opens) {
    if (!opens) return this.lines[5];
    const day = opens - Date.now() > 5184e5 ? { day: 'numeric', month: 'short' } : { weekday: 'short' };
    return this.line(6, new Intl.DateTimeFormat(this.language, { ...day, hour: '2-digit', minute: '2-digit' }).format(opens));
  }
  say({ open, opens, call_agents, chat_agents, waiting, call_wait, chat_wait }) {
    if (!open) return this.closed(opens);
    const agents = Math.max(call_agents, chat_agents);
    const [wait] = [call_wait, chat_wait].filter(Boolean).sort((one, other) => one.to_s - other.to_s);
    const said = agents ? [this.line(+(agents > 1), agents)] : [];
    if (wait && agents) {
      const [from, to] = [Math.max(1, Math.floor(wait.from_s / 60)), Math.ceil(wait.to_s / 60)];
      said.push(to < 2 ? this.lines[3] : this.line(2, from < to ? from + '–' + to : to));
    } else if (waiting) said.push(this.line(4, waiting));
    return said.join(' · ') || this.lines[7];
  }
}
if (!customElements.get('bellwire-status')) customElements.define('bellwire-status', Status);
const { site } = tag.dataset;
if (site) {
  const element = document.createElement('bellwire-status');
  element.setAttribute('site', site);
  if (document.body?.contains(tag)) tag.after(element);
  else console.error('Bellwire: put the tag of status.js where the status shall stand, inside of <body>.');
}
})();
