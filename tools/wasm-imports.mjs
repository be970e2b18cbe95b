// Names each WebAssembly file and what it imports; ends with status 1 if any imports something.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

const files = process.argv.slice(2).filter(Boolean);
let impure = files.length === 0;

for (const file of files) {
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(await readFile(file)));
  console.log(`${basename(file)}: ${imports.length === 0 ? "no imports" : "imports"}`);
  for (const { module, name, kind } of imports) {
    console.log(`  ${kind} ${module}.${name}`);
    impure = true;
  }
}

process.exitCode = impure ? 1 : 0;
