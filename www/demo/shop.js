// The demo shop's own script: a pretend cart, and the custom events a real shop would send.
(() => {
  'use strict';
  // Calls made before the loader has arrived wait in a queue that it replays.
  window.bellwire = window.bellwire || function () {
    (window.bellwire.q = window.bellwire.q || []).push(arguments);
  };

  const words = {
    en: { added: 'Added to your cart.', empty: 'Your cart is empty.', remove: 'Remove', voted: 'Thank you for telling us.', ordered: 'Thank you! This is a demo, so nothing was ordered.', sent: 'Thank you! This is a demo, so nothing was sent.', found: 'Found for “#”:', none: 'There is nothing on “#”. Ask us: use the button in the corner.' },
    es: { added: 'Añadido al carrito.', empty: 'Tu carrito está vacío.', remove: 'Quitar', voted: 'Gracias por decírnoslo.', ordered: '¡Gracias! Esto es una demostración: no se ha pedido nada.', sent: '¡Gracias! Esto es una demostración: no se ha enviado nada.', found: 'Resultados de «#»:', none: 'No hay nada sobre «#». Pregúntanos con el botón de la esquina.' },
  };
  const shelf = {
    en: [
      ['laptop-air.html', 'Lumen Air 13', 'laptop computer light'], ['laptop-pro.html', 'Lumen Pro 16', 'laptop computer workstation'],
      ['phone.html', 'Lumen One', 'phone telephone mobile'], ['headphones.html', 'Lumen Hush', 'headphones sound noise'],
      ['help-laptop.html', 'A laptop does not start', 'help dark power'], ['help-battery.html', 'A laptop runs down too soon', 'help battery charge'],
      ['help-wifi.html', 'A laptop loses the network', 'help wifi wireless'], ['orders.html', 'Where is my order?', 'order parcel'],
      ['returns.html', 'Returns and refunds', 'return money'], ['shipping.html', 'Shipping', 'delivery parcel'], ['contact.html', 'Write to us', 'contact message'],
    ],
    es: [
      ['portatil.html', 'Lumen Air 13', 'portátil ordenador'], ['ayuda-portatil.html', 'El portátil no arranca', 'ayuda'],
      ['ayuda-bateria.html', 'El portátil se descarga pronto', 'ayuda batería'], ['contacto.html', 'Escríbenos', 'contacto mensaje'],
    ],
  };
  const say = words[document.documentElement.lang] || words.en;
  const euros = new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency: 'EUR' });

  function readCart() {
    try {
      const items = JSON.parse(localStorage.getItem('lumen-cart'));
      return Array.isArray(items) ? items : [];
    } catch {
      return [];
    }
  }

  function writeCart(items) {
    try {
      localStorage.setItem('lumen-cart', JSON.stringify(items));
    } catch {
      // Without storage the cart lasts as long as the page.
    }
    showCount(items);
  }

  const total = (items) => items.reduce((sum, item) => sum + item.price, 0);

  function report(action, item, items) {
    const worth = Math.round(100 * (item?.price ?? total(items)));
    window.bellwire('cart', { action, item: item?.sku, quantity: item ? 1 : items.length, worth });
  }

  function showCount(items) {
    for (const place of document.querySelectorAll('[data-cart-count]')) place.textContent = items.length ? ` (${items.length})` : '';
  }

  function addToCart(button) {
    const { sku, name, price } = button.dataset;
    const item = { sku, name, price: Number(price) };
    const items = [...readCart(), item];
    writeCart(items);
    report('added', item, items);
    document.querySelector('[data-said]').textContent = say.added;
  }

  function showCart(table) {
    const items = readCart();
    const rows = items.map((item, at) => {
      const row = document.createElement('tr');
      const [name, price, action] = ['th', 'td', 'td'].map((tag) => row.appendChild(document.createElement(tag)));
      name.scope = 'row';
      name.textContent = item.name;
      price.textContent = euros.format(item.price);
      const remove = document.createElement('button');
      remove.className = 'button plain';
      remove.textContent = say.remove;
      remove.setAttribute('aria-label', `${say.remove}: ${item.name}`);
      remove.addEventListener('click', () => {
        const rest = readCart().filter((_, place) => place !== at);
        writeCart(rest);
        report('removed', item, rest);
        showCart(table);
      });
      action.append(remove);
      return row;
    });
    table.tBodies[0].replaceChildren(...rows);
    table.hidden = items.length === 0;
    document.querySelector('[data-total]').textContent = euros.format(total(items));
    document.querySelector('[data-checkout]').hidden = items.length === 0;
    document.querySelector('[data-said]').textContent = items.length ? '' : say.empty;
  }

  showCount(readCart());
  for (const button of document.querySelectorAll('[data-sku]')) button.addEventListener('click', () => addToCart(button));

  for (const button of document.querySelectorAll('[data-open-contact]')) {
    button.addEventListener('click', () => window.bellwire('open'));
  }
  for (const button of document.querySelectorAll('[data-vote]')) {
    button.addEventListener('click', () => {
      window.bellwire('event', 'helped', { answer: button.dataset.vote });
      document.querySelector('[data-said]').textContent = say.voted;
    });
  }

  for (const form of document.querySelectorAll('[data-form]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      form.reset();
      document.querySelector('[data-said]').textContent = say.sent;
    });
  }

  const found = document.querySelector('[data-found]');
  if (found) {
    const asked = (new URLSearchParams(location.search).get('q') ?? '').trim();
    const wanted = asked.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ([, name, more]) => wanted.some((word) => `${name} ${more}`.toLowerCase().includes(word));
    const hits = (shelf[document.documentElement.lang] || shelf.en).filter(fits);
    document.querySelector('input[type=search]').value = asked;
    document.querySelector('[data-said]').textContent = asked && (hits.length ? say.found : say.none).replace('#', () => asked);
    found.replaceChildren(...hits.map(([href, name]) => {
      const link = Object.assign(document.createElement('a'), { href, textContent: name });
      const row = document.createElement('li');
      row.append(link);
      return row;
    }));
  }

  const table = document.querySelector('[data-cart]');
  if (table) {
    const [checkout, order] = ['[data-checkout]', '[data-order]'].map((mark) => document.querySelector(mark));
    showCart(table);
    report('viewed', null, readCart());
    checkout.addEventListener('click', () => {
      report('checked_out', null, readCart());
      checkout.hidden = true;
      order.hidden = false;
      order.focus();
    });
    order.addEventListener('click', () => {
      report('bought', null, readCart());
      writeCart([]);
      showCart(table);
      order.hidden = true;
      document.querySelector('[data-said]').textContent = say.ordered;
    });
  }
})();
