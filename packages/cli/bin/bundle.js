'use strict';
// Loads the files of the bundled command, compiled ahead where the build left V8's code beside them: that is a good part
// of the time in which a client starts. Node.js 20 has no cache of its own.
const { readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const parameters = '(function (exports, require, module, __filename, __dirname, importModule) {';

/** Files of a bundle that require each other. */
class Bundle {
  #directory;
  #modules = new Map();
  #scripts = new Map();

  /** @param {string} directory of all its files */
  constructor(directory) {
    this.#directory = directory;
  }

  /**
   * Runs a file, unless it ran before; returns what it exports.
   * @param {string} name
   */
  load(name) {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const file = join(this.#directory, name);
    const module = { exports: {} };
    this.#modules.set(name, module);
    const others = createRequire(file);
    const require = (id) => (id.startsWith('./') ? this.load(id.slice(2)) : others(id));
    const run = this.#compiled(file).runInThisContext();
    run.call(module.exports, module.exports, require, module, file, this.#directory, importModule);
    return module.exports;
  }

  /** What ran so far with the functions that were called, as V8 takes it the next time, by the file where it belongs. */
  compiledCode() {
    return [...this.#scripts].map(([file, script]) => [codeOf(file), script.createCachedData()]);
  }

  #compiled(file) {
    const source = readFileSync(file, 'utf8').replace(/^#!/, '//');
    const script = new Script(`${parameters}${source}\n})`, {
      filename: file,
      columnOffset: -parameters.length,
      cachedData: compiledBefore(file),
    });
    this.#scripts.set(file, script);
    return script;
  }
}

/**
 * V8 itself refuses code of another version, of other flags, of a source of another length, or damaged; of another source of
 * the same length it would not, so code older than its file is none.
 */
function compiledBefore(file) {
  const code = statSync(codeOf(file), { throwIfNoEntry: false });
  return code !== undefined && code.mtimeMs >= statSync(file).mtimeMs
    ? readFileSync(codeOf(file))
    : undefined;
}

/** What `import()` is in the files, because in a script that V8 compiled before, Node.js 20 warns of it. */
const importModule = (name) => import(name);

const codeOf = (file) => `${file}.code`;

module.exports = { Bundle };
