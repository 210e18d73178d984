#!/usr/bin/env node
'use strict';
// The command as npm links it: this file is there before the packages are compiled. "npm run build" makes the bundle of
// them, which starts in half the time; "tsc -b" alone does not, and takes nothing away either.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const dist = join(__dirname, '..', 'dist');
const entry = 'masque-vpn.cjs';
if (existsSync(join(dist, entry))) {
  const { Bundle } = require('./bundle.js');
  new Bundle(dist).load(entry);
} else {
  void import('../dist/bin.js');
}
