import {
  type AddressRange,
  type ClientPolicy,
  mergeRanges,
  parsePrefix,
  type Prefix,
  prefixRange,
  rangeToPrefixes,
} from '@masque-vpn/protocol';
import type { TunnelPreferences } from '../profile/profile.js';

/** What the profile lets the server route into the tunnel (CIP-808). */
export function clientPolicy({ routes, exclude }: TunnelPreferences): Partial<ClientPolicy> {
  return { allow: routes === null ? null : ranges(routes), exclude: ranges(exclude) };
}

/** Networks behind this machine that the profile offers the server, disjoint (CIP-717). */
export function networksBehind({ advertise }: TunnelPreferences): Prefix[] {
  return mergeRanges(ranges(advertise)).flatMap(rangeToPrefixes);
}

/** Throws on what the profile's schema does not let pass: leaving an exclusion out would lead packets astray. */
function ranges(prefixes: readonly string[]): AddressRange[] {
  return prefixes.map((text) => {
    const parsed = parsePrefix(text);
    if (!parsed.ok) throw new RangeError(parsed.error.message);
    return prefixRange(parsed.value);
  });
}
