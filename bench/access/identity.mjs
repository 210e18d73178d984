import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, outer } from '../network.mjs';

/**
 * Writes `chain.pem` and `key.pem` of a server that is its own authority.
 * @param {string} directory
 */
export async function makeIdentity(directory) {
  const config = join(directory, 'openssl.cnf');
  writeFileSync(
    config,
    [
      '[req]\ndistinguished_name = name\nx509_extensions = server\nprompt = no',
      '[name]\nCN = bench',
      `[server]\nbasicConstraints = critical,CA:FALSE\nsubjectAltName = IP:${outer.server}\n`,
    ].join('\n'),
  );
  const files = ['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'chain.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await mustRun('openssl', ['req', '-x509', '-days', '2', '-config', config, ...key, ...files]);
}
