// The demo shop's own script: a pretend cart, and the custom events a real shop would send.
(() => {
  'use strict';
  // Calls made before the loader has arrived wait in a queue that it replays.
  window.bellwire = window.bellwire || function () {
    (window.bellwire.q = window.bellwire.q || []).push(arguments);
  };

  const words = {
    en: { added: 'Added to your cart.', empty: 'Your cart is empty.', remove: 'Remove', voted: 'Thank you for telling us.', ordered: 'Thank you! This is a demo, so nothing was ordered.' },
    es: { added: 'Añadido al carrito.', empty: 'Tu carrito está vacío.', remove: 'Quitar', voted: 'Gracias por decírnoslo.', ordered: '¡Gracias! Esto es una demostración: no se ha pedido nada.' },
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
    window.bellwire('event', 'cart', { action, sku: item?.sku ?? null, items: items.length, total: total(items) });
  }

  function showCount(items) {
    for (const place of document.querySelectorAll('[data-cart-count]')) place.textContent = items.length ? ` (${items.length})` : '';
  }

  function addToCart(button) {
    const { sku, name, price } = button.dataset;
    const item = { sku, name, price: Number(price) };
    const items = [...readCart(), item];
    writeCart(items);
    report('add', item, items);
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
        report('remove', item, rest);
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

  const table = document.querySelector('[data-cart]');
  if (table) {
    showCart(table);
    document.querySelector('[data-checkout]').addEventListener('click', () => {
      report('checkout', null, readCart());
      writeCart([]);
      showCart(table);
      document.querySelector('[data-said]').textContent = say.ordered;
    });
  }
})();
