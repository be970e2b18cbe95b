// Makes built web apps small to load: shortens the glue that wasm-bindgen wrote, and lays a
// brotli form beside each file, which the server carries and sends as it is.
// usage: node small.mjs TERSER FOLDER...
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [terser, ...folders] = process.argv.slice(2);
const { minify } = createRequire(import.meta.url)(resolve(terser));
const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };

for (const folder of folders) {
  const total = { bytes: 0 };
  for (const name of readdirSync(folder).filter((name) => /\.(js|wasm|css)$/.test(name))) {
    const path = join(folder, name);
    let content = readFileSync(path);
    if (name.endsWith('.js')) {
      const short = await minify(content.toString(), { module: true, compress: { passes: 2 } });
      content = Buffer.from(short.code);
      writeFileSync(path, content);
    }
    const small = brotliCompressSync(content, { params });
    writeFileSync(`${path}.br`, small);
    total.bytes += small.length;
  }
  console.log(`${folder}: ${(total.bytes / 1000).toFixed(1)} kB to load`);
}
