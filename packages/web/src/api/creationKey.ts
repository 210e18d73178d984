/**
 * Idempotency keys of one form. The same content sent again, because the answer was lost, is the same request and
 * creates nothing twice; other content is another request.
 */
export class CreationKey {
  #content: string | null = null;
  #key = '';

  /** The header that goes with `content`: the body of the request, and whatever of its path the form decides. */
  header(content: unknown): { 'idempotency-key': string } {
    const text = JSON.stringify(content);
    if (text !== this.#content) {
      this.#content = text;
      this.#key = crypto.randomUUID();
    }
    return { 'idempotency-key': this.#key };
  }

  /** What is sent from now on is another request, even if it says the same: the form was opened anew. */
  renew(): void {
    this.#content = null;
  }
}
