// The demo shop without a browser: every page keeps to the policy it is served with.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../demo/', import.meta.url));
const pages = readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.html'));

for (const name of pages) {
  const text = readFileSync(join(root, name), 'utf8');

  test(`${name} has the tag, a language, an icon and no inline style or script`, () => {
    assert.ok(text.includes('<script async src="/bellwire.js" data-site="DEMO_SITE_KEY"></script>'));
    assert.match(text, name.startsWith('es') ? /<html lang="es">/ : /<html lang="en">/);
    assert.match(text, /<link rel="icon"/);
    assert.doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
  });

  test(`${name} links only to what exists`, () => {
    const targets = [...text.matchAll(/(?:href|src)="([^"#?]+)/g)].map((match) => match[1]);
    const ours = targets.filter((target) => !target.startsWith('/'));
    const missing = ours.filter((target) => !existsSync(join(root, dirname(name), target)));
    assert.deepEqual(missing, []);
  });
}
