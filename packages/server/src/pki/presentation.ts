/** What the server presents in TLS. */
export interface PresentedCertificate {
  /** Leaf first, without a root: for the tunnel, where each byte of a handshake counts. */
  readonly chainPem: string;
  /** The same with the authority's certificate: whoever enrols compares its fingerprint. */
  readonly fullChainPem: string;
  readonly keyPem: string;
  /** UTC milliseconds. */
  readonly notAfter: number;
}

/** What is presented at some ports, now and from now on. */
export class Presentation implements Disposable {
  readonly #listeners = new Set<(certificate: PresentedCertificate) => void>();
  #certificate: PresentedCertificate;

  constructor(certificate: PresentedCertificate) {
    this.#certificate = certificate;
  }

  get certificate(): PresentedCertificate {
    return this.#certificate;
  }

  /** Calls back with each new certificate until disposed. */
  subscribe(listener: (certificate: PresentedCertificate) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Whether it is another than before; then whoever listens is told. */
  replace(certificate: PresentedCertificate): boolean {
    const isNew = certificate.fullChainPem !== this.#certificate.fullChainPem;
    this.#certificate = certificate;
    if (isNew) for (const listener of this.#listeners) listener(certificate);
    return isNew;
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
  }
}
