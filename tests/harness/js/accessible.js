
const found = await window.axe.run(document, { resultTypes: ['violations'], iframes: false });
const place = (node) => node.html.slice(0, 160) + ' (' + node.failureSummary.replace(/\s+/g, ' ').slice(0, 240) + ')';
return found.violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => one.id + ': ' + one.nodes.map(place).join(' | '));
