/** What the first bytes of a TLS connection are. */
export type FirstBytes =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'other' }
  | { readonly kind: 'challenge'; readonly name: string };

/** The protocol of ACME's challenge (RFC 8737 §6.2). */
export const challengeProtocol = 'acme-tls/1';

const handshakeRecord = 22;
const clientHello = 1;
const serverName = 0;
const hostName = 0;
const protocols = 16;

/**
 * Tells a ClientHello that asks for an ACME challenge from everything else: `acme-tls/1` is the only protocol it offers
 * (RFC 8737 §3), and it names a server. One that is spread over several records is no authority's.
 */
export function judgeFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes.length > 0 && bytes[0] !== handshakeRecord) return { kind: 'other' };
  if (bytes.length < 5) return { kind: 'incomplete' };
  const length = bytes.readUInt16BE(3);
  if (length > 16_384) return { kind: 'other' };
  if (bytes.length < 5 + length) return { kind: 'incomplete' };
  try {
    const name = challengedName(new Fields(bytes.subarray(5, 5 + length)));
    return name === null ? { kind: 'other' } : { kind: 'challenge', name };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'other' };
    throw error;
  }
}

/** RFC 8446 §4.1.2. Throws RangeError where the bytes end too early. */
function challengedName(record: Fields): string | null {
  if (record.number(1) !== clientHello) return null;
  const hello = record.vector(3);
  hello.bytes(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  const extensions = hello.vector(2);
  let name: string | null = null;
  let isChallenge = false;
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type === serverName) name = nameOf(content);
    if (type === protocols) {
      const offered = content.vector(2);
      isChallenge = offered.vector(1).text() === challengeProtocol && offered.left === 0;
    }
  }
  return isChallenge ? name : null;
}

/** RFC 6066 §3. */
function nameOf(content: Fields): string | null {
  const list = content.vector(2);
  return list.number(1) === hostName ? list.vector(2).text().toLowerCase() : null;
}

/** Reads fields of a TLS message one after the other; RangeError where there are not enough bytes. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new RangeError('too few bytes');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Of so many bytes, at most 3. */
  number(size: number): number {
    return this.bytes(size).readUIntBE(0, size);
  }

  /** What follows a length of so many bytes. */
  vector(size: number): Fields {
    return new Fields(this.bytes(this.number(size)));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}
