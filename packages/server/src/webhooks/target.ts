import { BlockList, isIP } from 'node:net';
import { fail, formatPrefix, ok, type Prefix, type Result } from '@masque-vpn/protocol';

export interface TargetFailure {
  readonly code: 'WEBHOOK_URL_REFUSED';
  readonly message: string;
}

/** Where nobody but somebody on the same network could reach: RFC 6890 and the registries of special addresses. */
const privateRanges = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // Unspecified, loopback, and IPv4 addresses in an old form.
  '::/96',
  // What is behind a translator may be any of the above.
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
];

/** No single machine. */
const neverRanges = ['224.0.0.0/4', '240.0.0.0/4', 'ff00::/8'];

/** Decides where webhooks may be sent, so that whoever makes one gets no further than they could from outside. */
export class Targets {
  readonly #allowPrivate: boolean;
  readonly #never = blockList(neverRanges);
  readonly #private: BlockList;

  /** @param own prefixes and addresses of this server and its clients */
  constructor(options: { readonly allowPrivate: boolean; readonly own: readonly (Prefix | string)[] }) {
    this.#allowPrivate = options.allowPrivate;
    const own = options.own.map((each) => (typeof each === 'string' ? hostPrefix(each) : formatPrefix(each)));
    this.#private = blockList([...privateRanges, ...own]);
  }

  /** Whether the URL can be one of a webhook, as far as it tells without a look at DNS. Code: WEBHOOK_URL_REFUSED. */
  judge(text: string): Result<URL, TargetFailure> {
    if (!URL.canParse(text)) return refused('it is no URL');
    const url = new URL(text);
    if (url.protocol !== 'https:' && !(this.#allowPrivate && url.protocol === 'http:')) {
      return refused('it must begin with https://');
    }
    if (url.username !== '' || url.password !== '') return refused('it must not hold a user or password');
    if (url.hash !== '') return refused('it must not hold a fragment');
    const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0 && !this.allows(literal)) return refused(`${literal} is ${reason}`);
    return ok(url);
  }

  /** Whether this address may be connected to. */
  allows(address: string): boolean {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
    const family = isIP(mapped) === 4 ? 'ipv4' : 'ipv6';
    if (isIP(mapped) === 0 || this.#never.check(mapped, family)) return false;
    return this.#allowPrivate || !this.#private.check(mapped, family);
  }
}

const reason = 'an address of this machine or of a private network; see [webhooks] allow_private';

function refused(why: string): Result<never, TargetFailure> {
  return fail({ code: 'WEBHOOK_URL_REFUSED', message: `this URL cannot be called: ${why}` });
}

function hostPrefix(address: string): string {
  return `${address}/${isIP(address) === 4 ? 32 : 128}`;
}

function blockList(prefixes: readonly string[]): BlockList {
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [address = '', length = ''] = prefix.split('/');
    list.addSubnet(address, Number(length), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
