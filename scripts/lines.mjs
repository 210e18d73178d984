// npm run lines: how much TypeScript and Rust the product has, by part.
import { allLines, countLines, productLines, rustShare } from './check/lines.mjs';

const parts = countLines();
console.log(
  `${'part'.padEnd(25)}${'language'.padEnd(12)}${'lines'.padStart(8)}${'tests'.padStart(8)}${'files'.padStart(7)}`,
);
for (const { part, language, product, tests, files } of parts) {
  console.log(
    `${part.padEnd(25)}${language.padEnd(12)}${String(product).padStart(8)}${String(tests).padStart(8)}${String(files).padStart(7)}`,
  );
}
/** @param {number} share */
const percent = (share) => `${(share * 100).toFixed(1)} %`;
console.log("\nRust's share of the lines that are neither blank nor comment:");
console.log(`  ${percent(rustShare(parts, allLines))} of all code`);
console.log(`  ${percent(rustShare(parts, productLines))} of what users run (no tests, fakes or suites)`);
