import { z } from 'zod';
import { isUnprintable } from '../text/printable.js';

/** Whom a provider vouches for. */
export interface VouchedPerson {
  readonly issuer: string;
  readonly subject: string;
  /** Name at the provider, else mail address, else subject. */
  readonly name: string;
  readonly groups: readonly string[];
}

/** As long as a subject may be (OpenID Connect Core §2); characters. */
const mostCharacters = 255;
/** Of one person; more are left out. */
const mostGroups = 1_000;

const text = z
  .string()
  .min(1)
  .max(mostCharacters)
  .refine((value) => !isUnprintable(value));
const perhaps = text.optional().catch(undefined);

const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: text,
  preferred_username: perhaps,
  email: perhaps,
});

/**
 * Whom claims are about; null without a subject that can be kept. Other texts that cannot, as those with control
 * characters, count as absent: a provider may let people choose them.
 *
 * @param groupsClaim the claim that lists groups, or is one
 */
export function personOf(claims: unknown, groupsClaim: string): VouchedPerson | null {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) return null;
  const {
    iss: issuer,
    sub: subject,
    preferred_username: userName,
    email,
    [groupsClaim]: groups,
  } = parsed.data;
  return { issuer, subject, name: userName ?? email ?? subject, groups: textsOf(groups) };
}

function textsOf(claim: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values.flatMap((value) => text.safeParse(value).data ?? []).slice(0, mostGroups);
}
