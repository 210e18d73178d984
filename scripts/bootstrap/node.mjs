import { readFileSync } from 'node:fs';
import { StepFailure } from './failure.mjs';
import { inRepository } from './repository.mjs';
import { isAtLeast } from './version.mjs';

/** Refuses a Node that is too old, before anything of ours fails with a syntax error. */
export function checkNode() {
  const { engines } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  const minimum = engines.node.replace('>=', '');
  if (isAtLeast(process.versions.node, minimum)) return;
  throw new StepFailure(
    'Node.js',
    `this is Node.js ${process.versions.node}; masque-vpn needs ${minimum} or newer`,
    'install a current LTS release from https://nodejs.org/ or with nvm: nvm install --lts',
  );
}
