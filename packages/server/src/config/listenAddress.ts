import { formatAddress, parseAddress } from '@masque-vpn/protocol';
import type { ListenAddress } from './config.js';

/** What to listen on; or what is wrong with the text, and what to write. */
export type ListenAddressResult =
  | { readonly ok: true; readonly value: ListenAddress }
  | { readonly ok: false; readonly message: string; readonly suggestion: string };

/** Parses `192.0.2.1:443` or `[::]:443`; guesses what was meant by what is neither. */
export function parseListenAddress(text: string): ListenAddressResult {
  const { host, port } = split(text);
  if (port === null) {
    return { ok: false, message: `"${text}" is no address with a port`, suggestion: guess(text) };
  }
  if (!/^(0|[1-9][0-9]{0,4})$/.test(port) || Number(port) > 65_535) {
    return { ok: false, message: `"${port}" is no port`, suggestion: 'Write a port from 0 to 65535.' };
  }
  const address = parseAddress(host);
  if (!address.ok) {
    const message = host === '' ? `"${text}" has no address` : `"${host}" is no IP address`;
    return { ok: false, message, suggestion: `Write "[::]:${port}" for every address of this machine.` };
  }
  const canonical = formatAddress(address.value);
  return { ok: true, value: { address: canonical, port: Number(port), text: withPort(canonical, port) } };
}

function split(text: string): { readonly host: string; readonly port: string | null } {
  const bracketed = /^\[([^\]]*)\]:(.*)$/.exec(text);
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  const plain = /^([^:]*):([^:]*)$/.exec(text);
  return { host: plain?.[1] ?? text, port: plain?.[2] ?? null };
}

function guess(text: string): string {
  if (/^[0-9]{1,5}$/.test(text)) return `Write "[::]:${text}".`;
  // An IPv6 address without brackets, its last group more likely meant as the port.
  const [, host = '', port = ''] = /^(.*):([0-9]{1,5})$/.exec(text) ?? [];
  if (parseAddress(host).ok) return `Write "${withPort(host, port)}".`;
  return `Write "${parseAddress(text).ok ? withPort(text, '443') : '[::]:443'}".`;
}

function withPort(address: string, port: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
