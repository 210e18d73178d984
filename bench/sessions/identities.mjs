import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { makeClientKey } from '@masque-vpn/client/enrolment';
import { callApi } from '../administration.mjs';

const callers = 4;

/**
 * Who may open a session: one of many clients of a server.
 * @typedef {{ readonly chainPem: string, readonly keyPem: string }} Identity
 */

/** @typedef {{ readonly anchorsPem: string, readonly identities: readonly Identity[] }} Identities */

/**
 * Makes clients on a server and writes their certificates and keys (`Identities`) into a file.
 * @param {string} socket of administration
 * @param {number} count
 * @param {string} file
 */
export async function makeIdentities(socket, count, file) {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  /** @type {Identity[]} */
  const identities = [];
  let anchorsPem = '';
  let begun = 0;
  const caller = async () => {
    while (begun < count) {
      const name = `bench-${count}-${begun++}`;
      const { csrPem, privateKeyPem } = await makeClientKey(name);
      const { status, body } = await callApi(socket, 'POST', '/api/v1/clients', { name, csrPem }, agent);
      if (status > 299) throw new Error(`client ${name}: ${status} ${body}`);
      const created = JSON.parse(body);
      anchorsPem = created.caPem;
      identities.push({ chainPem: created.certificatePem, keyPem: privateKeyPem });
    }
  };
  try {
    await Promise.all(Array.from({ length: callers }, caller));
  } finally {
    agent.destroy();
  }
  writeFileSync(file, JSON.stringify({ anchorsPem, identities }), { mode: 0o600 });
}
