// Makes built web apps small to load: shortens the glue that wasm-bindgen wrote, and the names by
// which it and the program know each other, and lays a brotli form beside each file, which the
// server carries and sends as it is.
// usage: node small.mjs TERSER FOLDER... SCRIPTS:FOLDER...
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [terser, ...folders] = process.argv.slice(2);
const { minify } = createRequire(import.meta.url)(resolve(terser));
const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };

const IMPORTS = 2;
const EXPORTS = 7;

// A number as WebAssembly writes it (LEB128): the bytes of one, and one from its bytes.
const bytesOf = (number) => {
  const bytes = [];
  do {
    bytes.push((number & 127) | (number > 127 ? 128 : 0));
    number >>>= 7;
  } while (number);
  return Buffer.from(bytes);
};
const readNumber = (bytes, from) => {
  let number = 0;
  for (let at = from, shift = 0; ; at += 1, shift += 7) {
    number |= (bytes[at] & 127) << shift;
    if (bytes[at] < 128) return [number >>> 0, at + 1];
  }
};
const named = (name) => [bytesOf(Buffer.byteLength(name)), Buffer.from(name)];

// Which long name becomes which short one: imports, and exports that wasm-bindgen made up.
const shortNames = (program) => {
  const module = new WebAssembly.Module(program);
  const long = [
    ...WebAssembly.Module.imports(module).map(({ name }) => name),
    ...WebAssembly.Module.exports(module).map(({ name }) => name).filter((name) => name.startsWith('wasm_bindgen_')),
  ];
  return new Map([...new Set(long)].map((name, n) => [name, `$${n.toString(36)}`]));
};

// The program with its imports and exports renamed; all else of it stays.
const withShortNames = (program, short) => {
  const parts = [program.subarray(0, 8)];
  for (let at = 8; at < program.length; ) {
    const kind = program[at];
    const [length, start] = readNumber(program, at + 1);
    const end = start + length;
    let content = program.subarray(start, end);
    if (kind === IMPORTS || kind === EXPORTS) content = entries(program, start, end, kind, short);
    parts.push(Buffer.from([kind]), bytesOf(content.length), content);
    at = end;
  }
  return Buffer.concat(parts);
};

const entries = (program, start, end, kind, short) => {
  let [count, at] = readNumber(program, start);
  const out = [bytesOf(count)];
  const text = () => {
    const [length, from] = readNumber(program, at);
    at = from + length;
    return program.toString('utf8', from, at);
  };
  const keep = (from) => out.push(program.subarray(from, at));
  for (; count > 0; count -= 1) {
    if (kind === IMPORTS) out.push(...named(text()));
    const was = text();
    out.push(...named(short.get(was) ?? was));
    const from = at;
    const what = program[at];
    at += 1;
    // An imported table or memory has limits; everything else is one number.
    if (kind === IMPORTS && what === 1) at += 1;
    if (kind === IMPORTS && (what === 1 || what === 2)) {
      const limits = program[at];
      [, at] = readNumber(program, at + 1);
      if (limits & 1) [, at] = readNumber(program, at);
    } else if (kind === IMPORTS && what === 3) {
      at += 2;
    } else {
      [, at] = readNumber(program, at);
    }
    keep(from);
  }
  if (at !== end) throw new Error('the program has imports or exports of a form that is not known here');
  return Buffer.concat(out);
};

const shorten = async (folder) => {
  const names = readdirSync(folder);
  for (const name of names.filter((name) => name.endsWith('_bg.wasm'))) {
    const glue = join(folder, name.replace('_bg.wasm', '.js'));
    const program = readFileSync(join(folder, name));
    const short = shortNames(program);
    let code = readFileSync(glue, 'utf8');
    code = code.replace(/[A-Za-z_$][\w$]*/g, (word) => short.get(word) ?? word);
    const small = await minify(code, { module: true, compress: { passes: 2 } });
    writeFileSync(glue, small.code);
    writeFileSync(join(folder, name), withShortNames(program, short));
  }
};

// Scripts of pages are kept as they were written, and go short into another folder.
const bring = async (from, folder) => {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(from).filter((name) => name.endsWith('.js'))) {
    const small = await minify(readFileSync(join(from, name), 'utf8'), { module: true, compress: { passes: 2 } });
    writeFileSync(join(folder, name), small.code);
  }
};

for (const pair of folders) {
  const [from, folder = from] = pair.split(':');
  if (from === folder) await shorten(folder);
  else await bring(from, folder);
  let total = 0;
  for (const name of readdirSync(folder).filter((name) => /\.(js|wasm|css)$/.test(name))) {
    const path = join(folder, name);
    const small = brotliCompressSync(readFileSync(path), { params });
    writeFileSync(`${path}.br`, small);
    total += small.length;
  }
  console.log(`${folder}: ${(total / 1000).toFixed(1)} kB to load`);
}
