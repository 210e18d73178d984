import { type AddressRange, type ClientPolicy, parsePrefix, prefixRange } from '@masque-vpn/protocol';
import type { TunnelPreferences } from '../profile/profile.js';

/** What the profile lets the server route into the tunnel (CIP-808). */
export function clientPolicy({ routes, exclude }: TunnelPreferences): Partial<ClientPolicy> {
  return { allow: routes === null ? null : ranges(routes), exclude: ranges(exclude) };
}

/** Throws on what the profile's schema does not let pass: leaving an exclusion out would lead packets astray. */
function ranges(prefixes: readonly string[]): AddressRange[] {
  return prefixes.map((text) => {
    const parsed = parsePrefix(text);
    if (!parsed.ok) throw new RangeError(parsed.error.message);
    return prefixRange(parsed.value);
  });
}
