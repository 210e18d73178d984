import { renderUnicodeCompact } from 'uqr';
import { instant } from '../output/units.js';
import type { World } from '../world.js';

/** An enrolment link with its end, as the API shows it once. */
export interface ShownLink {
  readonly link: string;
  /** UTC milliseconds. */
  readonly expiresAtMs: number;
}

/** A link for people: with a QR code where somebody watches, and what to do with it. */
export function linkText(
  client: string,
  { link, expiresAtMs }: ShownLink,
  { qr, world }: { readonly qr: boolean; readonly world: World },
): string {
  const code = qr && world.out.isTerminal ? `${renderUnicodeCompact(link, { border: 2 })}\n\n` : '';
  return [
    `${code}${link}`,
    '',
    `This link lets one machine become ${client}, once, until ${instant(expiresAtMs)}. It is not shown again:`,
    'send it over a way that only the right person reads. On that machine:',
    '  masque-vpn enroll',
    `  sudo masque-vpn connect ${client}.toml`,
    '',
  ].join('\n');
}
