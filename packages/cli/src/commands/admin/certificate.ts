import type { Command } from 'commander';
import type { CertificateFlags, ImportFlags } from '../../admin/certificates.js';
import { parseFuture } from '../../input/moment.js';
import { argument } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin certificate …` */
export function certificateCommand(context: CommandContext): Command {
  return branch('certificate', 'Certificates of clients.', [
    leaf<CertificateFlags>(context, {
      name: 'list',
      description: 'List certificates.',
      define: (command) =>
        command
          .option('--client <name>', 'only of this client')
          .option('--usable', 'only those that are neither expired nor revoked'),
      run: async (tools, flags) => {
        const { listCertificates } = await import('../../admin/certificates.js');
        return listCertificates(flags, tools);
      },
    }),
    leaf<{ readonly reason?: string }, [string]>(context, {
      name: 'revoke',
      description: 'Refuse a certificate from now on, and end the sessions that use it.',
      confirms: true,
      define: (command) => command.argument('<sha256>').option('--reason <text>', 'for the audit log'),
      run: async (tools, flags, sha256) => {
        const { revokeCertificate } = await import('../../admin/certificates.js');
        return revokeCertificate(sha256, flags, tools);
      },
    }),
    leaf<ImportFlags, [string, string]>(context, {
      name: 'import',
      description: 'Let a client in with a certificate of another authority.',
      define: (command) =>
        command
          .argument('<client>')
          .argument('<certificate>', 'PEM file, or the SHA-256 of the certificate')
          .option(
            '--until <time>',
            'with a SHA-256: how long it is trusted, 90d or 2026-12-31',
            argument(parseFuture),
          ),
      examples: ['sudo masque-vpn admin certificate import alice alice.pem'],
      run: async (tools, flags, client, source) => {
        const { importCertificate } = await import('../../admin/certificates.js');
        return importCertificate(client, source, flags, tools);
      },
    }),
  ]);
}
