// What the launcher shows besides itself: the centre's status, and the card of an invitation.
const words = {
  en: '1 agent available|# agents available|wait about # min|wait under 1 min|# waiting|Closed|Closed, opens #|No agent just now|Yes, please|No, thank you',
  es: '1 agente disponible|# agentes disponibles|espera de unos # min|espera de menos de 1 min|# en espera|Cerrado|Cerrado, abre #|Ningún agente ahora|Sí, por favor|No, gracias',
  de: '1 Person erreichbar|# Personen erreichbar|Wartezeit etwa # Min.|Wartezeit unter 1 Min.|Wartende: #|Geschlossen|Geschlossen, öffnet #|Gerade niemand da|Ja, gern|Nein, danke',
  fr: '1 conseiller disponible|# conseillers disponibles|attente d’environ # min|attente de moins d’1 min|# en attente|Fermé|Fermé, ouvre #|Aucun conseiller maintenant|Oui, volontiers|Non, merci',
};
const look = `
#status{bottom:3px;max-width:calc(100vw - 40px);padding:0 9px;overflow:hidden;border-radius:9px;background:Canvas;color:CanvasText;box-shadow:0 1px 4px #0005;font-size:12px;line-height:18px;white-space:nowrap;text-overflow:ellipsis;pointer-events:none}
#launcher.on,#launcher.off{transform:translateY(-5px)}
#launcher.on::after,#launcher.off::after{content:"";position:absolute;top:-2px;inset-inline-end:6px;width:13px;height:13px;border:2px solid Canvas;border-radius:9px;background:#17803d}
#launcher.off::after{background:#6b7280}
#card{bottom:92px;display:flex;flex-wrap:wrap;gap:8px;width:min(320px,100vw - 40px);padding:14px 16px;border:1px solid #8888;border-radius:14px;background:Canvas;color:CanvasText;box-shadow:0 4px 16px #0005}
#card p{margin:0 0 4px;width:100%;overflow-wrap:anywhere}
#card button{padding:8px 14px;border-radius:9px;font:inherit;cursor:pointer}
#no{border:1px solid #8888;background:none;color:inherit}
@media(max-width:479.9px){#status{display:none}#launcher.on,#launcher.off{transform:none}}
@media(prefers-reduced-motion:no-preference){#card{animation:come .2s}}
@keyframes come{from{opacity:0}}`;

export default (host, { may, tell, accept }) => {
const { on, make } = host;
const { root, button } = host.drawn();
const language = document.documentElement.lang || navigator.language;
const lines = (words[language.slice(0, 2).toLowerCase()] || words.en).split('|');
const line = (at, value) => lines[at].replace('#', value);
const sheet = new CSSStyleSheet();
sheet.replaceSync(look);
root.adoptedStyleSheets.push(sheet);

// Status
let shown;
const opening = (at) => {
  const day = at - Date.now() > 5184e5 ? { day: 'numeric', month: 'short' } : { weekday: 'short' };
  return new Intl.DateTimeFormat(language, { ...day, hour: '2-digit', minute: '2-digit' }).format(at);
};
const sentence = ({ open, opens, call_agents, chat_agents, waiting, call_wait, chat_wait }) => {
  if (!open) return opens ? line(6, opening(opens)) : lines[5];
  const agents = Math.max(call_agents, chat_agents);
  const [wait] = [call_wait, chat_wait].filter(Boolean).sort((one, other) => one.to_s - other.to_s);
  const said = agents ? [line(+(agents > 1), agents)] : [];
  if (wait && agents) {
    const [from, to] = [Math.max(1, Math.floor(wait.from_s / 60)), Math.ceil(wait.to_s / 60)];
    said.push(to < 2 ? lines[3] : line(2, from < to ? from + '–' + to : to));
  } else if (waiting) said.push(line(4, waiting));
  return said.join(' · ') || lines[7];
};
// A new node each time: one that changes its width would count as a shift of the page's layout.
const status = (view) => {
  const text = host.attempt(() => sentence(view));
  if (!text || text === shown?.textContent) return;
  const node = make('span', { id: 'status', textContent: text });
  if (shown) shown.replaceWith(node);
  else root.append(node);
  shown = node;
  button.className = view.open && Math.max(view.call_agents, view.chat_agents) ? 'on' : 'off';
  button.setAttribute('aria-describedby', 'status');
};

// Invitation
let invited, box, watcher, timer;
const wait = (ms, work) => {
  clearTimeout(timer);
  timer = setTimeout(work, ms);
};
const away = (act) => {
  if (!invited) return;
  const view = invited;
  invited = null;
  clearTimeout(timer);
  watcher.disconnect();
  if (box.contains(root.activeElement)) button.focus();
  box.remove();
  // Nobody can ignore what did not come to be seen.
  if (act && (act !== 'ignored' || view.shown)) tell(view.invitation, act);
};
const came = () => {
  if (document.visibilityState === 'hidden') return wait(1000, came);
  invited.shown = true;
  tell(invited.invitation, 'shown');
  wait(60000, () => away('ignored'));
};
const invite = (view) => {
  if (view && view.invitation === invited?.invitation) return;
  away();
  if (!view || !may() || host.isOpen()) return;
  invited = { ...view };
  const text = make('p', { id: 'ask', role: 'status' });
  const yes = host.act(view.accept || lines[8], () => {
    away();
    accept(view);
  });
  const no = host.act(lines[9], () => away('dismissed'));
  yes.id = 'yes';
  no.id = 'no';
  box = make('div', { id: 'card', role: 'dialog' }, text, ...(view.how === 'line' ? [] : [yes]), no);
  box.setAttribute('aria-labelledby', 'ask');
  root.append(box);
  // Text that comes after its place is announced, and takes no focus.
  setTimeout(() => (text.textContent = host.cut(view.text, 500)), 100);
  watcher = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!invited || invited.shown) return;
    clearTimeout(timer);
    if (isIntersecting) wait(1000, came);
  }, { threshold: 0.5 });
  watcher.observe(box);
};
on(root, 'keydown', ({ key }) => key === 'Escape' && !host.isOpen() && away('dismissed'));

return { status, invite, away, over: (id) => id === invited?.invitation && away() };
};
