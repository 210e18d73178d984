import { randomBytes } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { ok, type Result } from '@masque-vpn/protocol';
import { refused, type AdministrationFailure } from './failure.js';
import { Turnstile } from './turnstile.js';

/** What a hash costs whoever guesses. */
export interface PasswordCost {
  /** KiB. */
  readonly memoryCost: number;
  /** Passes. */
  readonly timeCost: number;
  /** Lanes. */
  readonly parallelism: number;
}

/** argon2id as OWASP's Password Storage Cheat Sheet recommends it: 19 MiB, two passes, one lane. */
export const recommendedCost: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes at a time: half of libuv's threads, so that files and names are still served in a flood of logins. */
const atATime = 2;

/** Hashes that wait for their turn: about a second's worth. */
const waiting = 24;

const shortest = 12;
/** Longer ones only cost time. */
const longest = 256;

/** What a check of a password came to. */
export interface PasswordCheck {
  readonly right: boolean;
  /** Made with other parameters than today's: store a new one. */
  readonly outdated: boolean;
}

/** Hashes and checks passwords, a few at a time. */
export class Passwords {
  readonly #turnstile = new Turnstile(atATime, waiting);
  readonly #cost: PasswordCost;
  #decoy: Promise<string> | null = null;

  constructor(cost: PasswordCost) {
    this.#cost = cost;
  }

  /** argon2id in PHC form. Codes: PASSWORD_TOO_WEAK, LOGIN_OVERLOADED. */
  async hash(password: string, name: string): Promise<Result<string, AdministrationFailure>> {
    const weakness = weaknessOf(password, name);
    if (weakness !== null) return refused('PASSWORD_TOO_WEAK', weakness);
    const hashed = await this.#turnstile.pass(() => hash(normalised(password), this.#cost));
    return hashed.ok ? hashed : overloaded();
  }

  /**
   * Whether the password is the one of the hash. Null takes as long as any hash, so that nobody learns from the
   * time which accounts exist. Code: LOGIN_OVERLOADED.
   */
  async check(
    password: string,
    hashed: string | null,
  ): Promise<Result<PasswordCheck, AdministrationFailure>> {
    const checked = await this.#turnstile.pass(async () => {
      const decoy = await (this.#decoy ??= hash(randomBytes(32), this.#cost));
      const right = await verify(hashed ?? decoy, normalised(password.slice(0, longest)));
      return hashed !== null && right && password.length <= longest;
    });
    if (!checked.ok) return overloaded();
    return ok({ right: checked.value, outdated: hashed !== null && this.#isOutdated(hashed) });
  }

  #isOutdated(hashed: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(hashed);
    const cost = this.#cost;
    return memoryCost !== cost.memoryCost || timeCost !== cost.timeCost || parallelism !== cost.parallelism;
  }
}

/** Why a password is not accepted; null when it is. NIST SP 800-63B: length counts, not kinds of characters. */
function weaknessOf(password: string, name: string): string | null {
  if (Array.from(password).length < shortest) return `a password has at least ${shortest} characters`;
  if (password.length > longest) return `a password has at most ${longest} characters`;
  const lower = password.toLowerCase();
  if (new Set(lower).size < 5) return 'a password has at least five different characters';
  if (name.length >= 4 && lower.replaceAll(name.toLowerCase(), '').length < shortest / 2) {
    return 'a password is not made of the name';
  }
  return null;
}

/** The same text from every keyboard (NIST SP 800-63B §5.1.1.2). */
function normalised(password: string): string {
  return password.normalize('NFKC');
}

function overloaded(): ReturnType<typeof refused> {
  return refused('LOGIN_OVERLOADED', 'too many people sign in at the moment; try again in a few seconds', 5);
}
