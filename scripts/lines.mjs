// npm run lines: how much TypeScript and Rust the product has, by part.
import { countLines, rustShare } from './check/lines.mjs';

const parts = countLines();
console.log(
  `${'part'.padEnd(22)}${'language'.padEnd(12)}${'lines'.padStart(8)}${'tests'.padStart(8)}${'files'.padStart(7)}`,
);
for (const { part, language, product, tests, files } of parts) {
  console.log(
    `${part.padEnd(22)}${language.padEnd(12)}${String(product).padStart(8)}${String(tests).padStart(8)}${String(files).padStart(7)}`,
  );
}
console.log(
  `\nRust: ${(rustShare(parts) * 100).toFixed(1)} % of the product's lines (neither blank, comment nor test)`,
);
