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

const categories = (name) => {
  const [, content = ''] = /<meta name="bellwire:category" content="([^"]*)">/.exec(readFileSync(join(root, name), 'utf8')) ?? [];
  return content.split(', ').filter(Boolean);
};

test('every page says what it is about, and Spanish pages that they are', () => {
  for (const name of pages) {
    assert.ok(categories(name).length, name);
    assert.equal(categories(name).includes('spanish'), name.startsWith('es'), name);
  }
});

test('there is help to read on, a search on every page, and forms whose messages stay with their writers', () => {
  const help = pages.filter((name) => categories(name).includes('laptop-help') && !name.startsWith('es'));
  assert.ok(help.length >= 3);
  for (const name of pages) {
    const text = readFileSync(join(root, name), 'utf8');
    assert.match(text, /<form class="search" role="search" action="[a-z]+\.html">/, name);
    for (const [field] of text.matchAll(/<(?:input|textarea)[^>]*name="(?:name|email|message)"[^>]*>/g)) {
      assert.doesNotMatch(field, /data-bw-value/, name);
    }
  }
});
