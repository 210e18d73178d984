import { readFileSync } from 'node:fs';
import { inRepository } from '../bootstrap/repository.mjs';
import { filesBelow } from '../bootstrap/stamp.mjs';

/** The engine knows packets, flows and streams; these are words for the people who use them. */
const forbidden = new Set(['client', 'clients', 'user', 'users', 'group', 'groups', 'policy', 'policies']);

/**
 * Names and phrases that contain such a word and mean the role of one end of a connection, or a
 * technique, never a person. Whole identifiers, or phrases of prose, as they stand in the source.
 */
const terms = [
  // rustls and quinn-proto: configuration and verification of the connecting end.
  ...['ClientConfig', 'client_config', 'QuicClientConfig', 'rustls::client', 'ClientHello', 'client_hello'],
  ...['WebPkiClientVerifier', 'ClientCertVerifier', 'ClientCertVerified', 'with_client_cert_verifier'],
  ...['verify_client_cert', 'with_client_auth_cert', 'with_no_client_auth', 'offer_client_auth'],
  ...['client_auth_mandatory', 'ClientTrust', 'client_trust', 'is_client', 'kx_groups', 'kx_group'],
  // RFC 9000 §2.1 and RFC 9484: which end opened a stream, which end of a tunnel this is.
  ...[
    'Role::Client',
    'Side::Client',
    '"client"',
    '`client`',
    'client-initiated',
    'client role',
    'client certificate',
  ],
  ...['client end', "client's QUIC configuration"],
  // Names of TypeScript's, at the binding.
  ...['clientTrust', 'setClientTrust'],
  // Linux and IP.
  ...['user namespace', 'user space', 'multicast group', 'all-nodes group'],
];

/**
 * `engine/` never says client, user, group or policy: what it would need such a word for belongs to TypeScript.
 * @type {import('./commands.mjs').Check}
 */
export async function checkVocabulary() {
  const findings = filesBelow('engine')
    .filter((path) => path.endsWith('.rs'))
    .flatMap((path) =>
      readFileSync(inRepository(path), 'utf8')
        .split('\n')
        .flatMap((line, index) => {
          const word = wordsOf(withoutTerms(line)).find((candidate) => forbidden.has(candidate));
          return word === undefined ? [] : [`${path}:${index + 1}: "${word}" in: ${line.trim()}`];
        }),
    );
  return { ok: findings.length === 0, output: findings.join('\n') };
}

/** @param {string} line */
function withoutTerms(line) {
  return terms.reduce((text, term) => text.replace(new RegExp(`(?<!\\w)${term}(?!\\w)`, 'g'), ' '), line);
}

/**
 * The words of prose and of identifiers, lower case: `ClientId` and `client_id` are `client` and `id`.
 * @param {string} text
 */
const wordsOf = (text) =>
  text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)?.map((word) => word.toLowerCase()) ?? [];
