import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { ProblemCollector } from './problemCollector.js';

/** `[acme]` as it is written. */
export const acmeSection = {
  domains: z
    .array(z.string())
    .max(100)
    .default([])
    .describe(
      'DNS names for the certificate, "vpn.example.org". Whoever fills this in agrees to the terms of service of the ' +
        'authority. Empty: no ACME.',
    ),
  email: z.string().default('').describe('Where the authority may write to. Empty: nowhere.'),
  directory: z
    .string()
    .default('https://acme-v02.api.letsencrypt.org/directory')
    .describe('Directory of the authority, an https URL.'),
  ca_file: z
    .string()
    .default('')
    .describe(
      'File with certificates, PEM, that the https of the directory may lead to, for an authority of your own. ' +
        'Public ones are trusted anyway.',
    ),
};

/** The section after defaults. */
export type AcmeToml = { readonly [Key in keyof typeof acmeSection]: z.output<(typeof acmeSection)[Key]> };

/** `[acme]`, checked. */
export interface AcmeSettings {
  /** Lower case; at least one. */
  readonly domains: readonly string[];
  /** Null: the authority has no address to write to. */
  readonly email: string | null;
  readonly directory: string;
  /** Null: public authorities only. */
  readonly caFile: string | null;
}

/** What of other sections decides whether ACME is possible. */
export interface AcmeSurroundings {
  /** `server.host`, checked; null: not set. */
  readonly host: string | null;
  readonly hasOwnCertificate: boolean;
  readonly hasFront: boolean;
}

/** The settings; null without domains, or when something is wrong and reported. */
export function resolveAcme(
  toml: AcmeToml,
  { host, hasOwnCertificate, hasFront }: AcmeSurroundings,
  collector: ProblemCollector,
): AcmeSettings | null {
  if (toml.domains.length === 0) return null;
  const report = (key: keyof typeof acmeSection, message: string, suggestion: string): null => {
    collector.report({ code: 'CONFIG_BAD_VALUE', path: ['acme', key], message, suggestion });
    return null;
  };
  const domains = [...new Set(toml.domains.map((each) => each.toLowerCase()))];
  const wrong = domains.find((each) => !domainName.test(each));
  if (wrong !== undefined) {
    const message = `"${wrong}" is no DNS name of a server`;
    return report('domains', message, 'Write names such as "vpn.example.org": no "*", no address, no port.');
  }
  if (host !== null && !domains.includes(host)) {
    const message = `server.host is ${host}, and the certificate would not be valid for it`;
    return report('domains', message, `Add "${host}", or write one of the names in server.host.`);
  }
  if (hasOwnCertificate) {
    const message = 'server.certificate brings a certificate already';
    return report('domains', message, 'Leave server.certificate and server.key out, or [acme].');
  }
  if (!hasFront) {
    const message = 'the authority asks at the public TCP port, and front.enabled is false';
    return report('domains', message, 'Write enabled = true below [front].');
  }
  if (!URL.canParse(toml.directory) || new URL(toml.directory).protocol !== 'https:') {
    const message = `"${toml.directory}" is no https URL`;
    return report('directory', message, 'Leave it out for Let’s Encrypt.');
  }
  if (toml.email !== '' && !/^[^\s@,?&]+@[^\s@,?&]+$/.test(toml.email)) {
    return report(
      'email',
      `"${toml.email}" is no e-mail address`,
      'Write "admin@example.org", or leave it out.',
    );
  }
  if (toml.ca_file !== '' && !isAbsolute(toml.ca_file)) {
    const message = `"${toml.ca_file}" depends on where the server is started`;
    return report('ca_file', message, 'Write a path that begins with a slash.');
  }
  return {
    domains,
    email: toml.email === '' ? null : toml.email,
    directory: toml.directory,
    caFile: toml.ca_file === '' ? null : toml.ca_file,
  };
}

/** At least two labels; the last is no number. */
const domainName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{1,63}$/;
