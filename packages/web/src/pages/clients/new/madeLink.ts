/** An enrolment link as it is known only when it is made. */
export interface MadeLink {
  /** Of the enrolment. */
  readonly id: string;
  readonly client: string;
  readonly link: string;
  /** UTC milliseconds. */
  readonly expiresAtMs: number;
}
