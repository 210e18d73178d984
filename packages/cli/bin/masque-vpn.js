#!/usr/bin/env node
// The command as npm links it: this file is there before the packages are compiled. "npm run build" makes the bundle of
// them, which starts in half the time; "tsc -b" alone does not, and takes nothing away either.
import { existsSync } from 'node:fs';
import { URL } from 'node:url';

const bundle = new URL('../dist/masque-vpn.js', import.meta.url);
await import(existsSync(bundle) ? bundle.href : '../dist/bin.js');
