#!/usr/bin/env node
'use strict';
// The command as npm links it: this file is there before the packages are compiled. "npm run build" makes the bundle of
// them, which starts in half the time; "tsc -b" alone does not, and takes nothing away either.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const bundle = join(__dirname, '..', 'dist', 'masque-vpn.cjs');
if (existsSync(bundle)) require(bundle);
else void import('../dist/bin.js');
