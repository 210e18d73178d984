import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StepFailure } from '../bootstrap/failure.mjs';
import { findProgram, run, tail } from '../bootstrap/program.mjs';
import { inRepository } from '../bootstrap/repository.mjs';
import { launch } from './program.mjs';

const source = 'github.com/letsencrypt/pebble/v2/cmd/pebble@latest';

/**
 * Where Pebble is, Let's Encrypt's authority for tests; built with Go when it is not there yet.
 * @returns {Promise<string>}
 */
export async function preparePebble() {
  const folder = inRepository('node_modules', '.cache', 'pebble');
  const found = findProgram('pebble') ?? findIn(folder);
  if (found !== null) return found;
  const go = findProgram('go');
  const fix = `Install Go 1.24 or newer (go.dev/dl; Debian's is too old), or put the program pebble into PATH: GOBIN=… go install ${source}`;
  if (go === null) throw new StepFailure('find Pebble', 'neither pebble nor go is installed', fix);
  mkdirSync(folder, { recursive: true });
  console.log(`building Pebble: go install ${source}`);
  const built = await run(go, ['install', source], { env: { GOBIN: folder } });
  if (built.code !== 0) throw new StepFailure('build Pebble', tail(built.output), fix);
  return join(folder, 'pebble');
}

/** @param {string} folder */
function findIn(folder) {
  const before = process.env.PATH ?? '';
  process.env.PATH = folder;
  try {
    return findProgram('pebble');
  } finally {
    process.env.PATH = before;
  }
}

/**
 * @typedef {object} PebblePlace
 * @property {string} program
 * @property {string} directory for its files
 * @property {number} port of its directory, on 127.0.0.1
 * @property {number} tlsPort where it looks for the challenge, instead of 443
 * @property {string} nameServer
 * @property {number} validitySeconds of the certificates it issues
 */

/**
 * Starts it with a configuration of our own.
 * @param {PebblePlace} place
 * @returns {Promise<{ running: import('./program.mjs').Running, directoryUrl: string, caFile: string }>}
 */
export async function startPebble({ program, directory, port, tlsPort, nameServer, validitySeconds }) {
  const { certificatePem, chainPem, keyPem } = await makeHttpsCertificate();
  /** @param {string} name @param {string} text */
  const put = (name, text) => {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const caFile = put('https-ca.pem', certificatePem);
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${port + 1}`,
      certificate: put('https.pem', chainPem),
      privateKey: put('https.key', keyPem),
      httpPort: 5002,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
      retryAfter: { authz: 1, order: 1 },
      keyAlgorithm: 'ecdsa',
      profiles: { default: { description: 'short-lived', validityPeriod: validitySeconds } },
    },
  };
  const file = put('pebble.json', JSON.stringify(config));
  const args = ['-config', file, '-dnsserver', nameServer, '-strict'];
  // Otherwise it waits up to 15 seconds before each look, to find programs that do not wait for it.
  const running = launch(program, args, { PEBBLE_VA_NOSLEEP: '1' });
  return { running, directoryUrl: `https://127.0.0.1:${port}/dir`, caFile };
}

/** For 127.0.0.1, of an authority made for it. */
async function makeHttpsCertificate() {
  /** @param {readonly string[]} path @returns {Promise<unknown>} */
  const built = (path) => import(pathToFileURL(inRepository('packages', 'server', 'dist', ...path)).href);
  const { CertificateAuthority } =
    /** @type {typeof import('../../packages/server/dist/pki/authority.js')} */ (
      await built(['pki', 'authority.js'])
    );
  const { presentedBy } =
    /** @type {typeof import('../../packages/server/dist/front/testing/presented.js')} */ (
      await built(['front', 'testing', 'presented.js'])
    );
  const authority = await CertificateAuthority.make(Date.now());
  const { chainPem, keyPem } = await presentedBy(authority, ['127.0.0.1']);
  return { certificatePem: authority.certificatePem, chainPem, keyPem };
}
