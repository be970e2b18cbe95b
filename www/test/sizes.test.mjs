// What a page has to load, as tools/small.mjs makes it: shortened, then compressed.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { read } from './page.mjs';

const most = { 'bellwire.js': 5000, 'live.js': 4000, 'face.js': 2200, 'status.js': 2000 };
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const terser = join(process.env.BELLWIRE_TOOLS ?? join(cache, 'bellwire/tools'), 'npm/node_modules/terser');
const skip = existsSync(terser) ? false : 'terser is not there: tools/setup.sh brings it';

for (const [name, bytes] of Object.entries(most)) {
  test(`${name} stays within ${bytes} bytes of gzip`, { skip }, async () => {
    const { minify } = createRequire(import.meta.url)(terser);

    const { code } = await minify(read(name), { module: true, compress: { passes: 2 } });

    const size = gzipSync(code, { level: 9 }).length;
    assert.ok(size <= bytes, `${size} bytes`);
  });
}

test('the loader stays within 5 kB even as it was written', () => {
  assert.ok(gzipSync(read('bellwire.js'), { level: 9 }).length <= 5000);
});
