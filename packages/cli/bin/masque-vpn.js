#!/usr/bin/env node
// The command as npm links it: this file is there before the packages are compiled.
import '../dist/bin.js';
