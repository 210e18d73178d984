import { type IpAddress, parseAddress } from '../address.js';
import { parsePrefix, type Prefix } from '../prefix.js';
import { type AddressRange, prefixRange } from '../range.js';
import type { Result } from '../result.js';
import type { Route } from '../route.js';

/** Short forms for tests: the value, or an exception that says what is wrong with the test. */
export function must<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

export function ip(text: string): IpAddress {
  return must(parseAddress(text));
}

export function net(text: string): Prefix {
  return must(parsePrefix(text));
}

/** `10.0.0.0/8` or `10.0.0.1-10.0.0.9`. */
export function span(text: string): AddressRange {
  const [start, end] = text.split('-');
  return start === undefined || end === undefined
    ? prefixRange(net(text))
    : { start: ip(start), end: ip(end) };
}

export function route(text: string, protocol = 0): Route {
  return { range: span(text), protocol };
}
