import { request as httpsRequest } from 'node:https';
import { connect } from 'node:tls';
import { ENROLMENT_PATHS, parseEnrolmentLink, type EnrolmentLink } from '@masque-vpn/protocol';
import { makeKeyAndRequest } from '../../testing/credential.js';

/** What the public TCP port answers. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What a link says. */
export function parsed(link: string): EnrolmentLink {
  const result = parseEnrolmentLink(link);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** The certificate of the presented chain that the link names: what a client then insists on. */
export function pinned({ host, port, trust }: EnrolmentLink): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      let certificate = socket.getPeerCertificate(true);
      for (let depth = 0; depth < 4; depth++) {
        if (trust.sha256.includes(certificate.fingerprint256.replaceAll(':', '').toLowerCase())) {
          const base64 = certificate.raw.toString('base64');
          resolve(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
        }
        certificate = certificate.issuerCertificate;
      }
      socket.destroy();
      reject(new Error('the chain does not have the fingerprint'));
    });
    socket.on('error', reject);
  });
}

/** Calls the public TCP port on this machine. */
export function post(
  port: number,
  path: string,
  body: unknown,
  tls: { readonly ca: string; readonly cert?: string; readonly key?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = httpsRequest(
      { host: '127.0.0.1', port, path, method: 'POST', headers, agent: false, ...tls },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

/** Makes a key, and has it certified by a link. */
export async function redeem(link: EnrolmentLink): Promise<Answer & { readonly keyPem: string }> {
  const { csrPem, keyPem } = await makeKeyAndRequest('masque-vpn');
  const ca = await pinned(link);
  return {
    ...(await post(link.port, ENROLMENT_PATHS.redeem, { secret: link.secret, csrPem }, { ca })),
    keyPem,
  };
}
