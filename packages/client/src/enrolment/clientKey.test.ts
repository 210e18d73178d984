import 'reflect-metadata';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { expect, it } from 'vitest';
import { makeClientKey } from './clientKey.js';

it('makes a fresh P-256 key and a request for it, signed, with the client’s name', async () => {
  const { privateKeyPem, csrPem } = await makeClientKey('alice');
  const request = new Pkcs10CertificateRequest(csrPem);
  expect(request.subject).toBe('CN=alice');
  expect(await request.verify()).toBe(true);
  const key = createPrivateKey(privateKeyPem);
  expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  expect(Buffer.from(request.publicKey.rawData)).toEqual(spki);
  expect((await makeClientKey('alice')).privateKeyPem).not.toBe(privateKeyPem);
});
