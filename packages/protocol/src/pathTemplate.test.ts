import { describe, expect, it } from 'vitest';
import { matchPath, parsePathTemplate } from './pathTemplate.js';
import { DEFAULT_PATH } from './template.js';
import { must } from './testing/parse.js';

const NONE = { kind: 'none' };
const match = (target: string | null, ipproto: string | null) => ({ kind: 'match', target, ipproto });

function matching(template: string, path: string): unknown {
  return matchPath(must(parsePathTemplate(template)), path);
}

describe('matchPath (CIP-307): raw, segment by segment, nothing normalised', () => {
  const prefix = '/.well-known/masque/ip';

  it.each([
    [`${prefix}/*/*/`, match('*', '*')],
    [`${prefix}/%2A/%2a/`, match('%2A', '%2a')],
    [`${prefix}/192.0.2.0%2F24/17/`, match('192.0.2.0%2F24', '17')],
    [`${prefix}/192.0.2.0/24/17/`, NONE],
    [`${prefix}/*/*`, NONE],
    [`${prefix}/*/*//`, NONE],
    [`${prefix}//*/*/`, NONE],
    [`${prefix}/%2e%2e/17/`, match('%2e%2e', '17')],
    [`${prefix}/../17/`, match('..', '17')],
    [`/x/..${prefix}/*/*/`, NONE],
    [`/.${prefix}/*/*/`, NONE],
    ['/%2ewell-known/masque/ip/*/*/', match('*', '*')],
    ['/%zz/masque/ip/*/*/', NONE],
    ['/.WELL-KNOWN/masque/ip/*/*/', NONE],
    ['/.well-known%2Fmasque/ip/*/*/', NONE],
    [`${prefix}//17/`, match('', '17')],
    [`${prefix}/*/*/?user=bob`, match('*', '*')],
    [`x${prefix}/*/*/`, NONE],
    ['*', NONE],
    ['', NONE],
  ])('%s', (path, expected) => {
    expect(matching(DEFAULT_PATH, path)).toEqual(expected);
  });
});

describe('variables in the query, or none (CIP-206)', () => {
  it.each([
    ['/vpn', '/vpn', match(null, null)],
    ['/vpn', '/vpn?user=bob&x', match(null, null)],
    ['/vpn', '/vpn/', NONE],
    ['/', '/', match(null, null)],
    ['/vpn{?target,ipproto}', '/vpn', match(null, null)],
    ['/vpn{?target,ipproto}', '/vpn?ipproto=6&target=*', match('*', '6')],
    ['/vpn{?target,ipproto}', '/vpn?x=1&%74arget=a%2Fb&ipproto=', match('a%2Fb', '')],
    ['/vpn{?target}', '/vpn?target', match('', null)],
    ['/vpn{?target}', '/vpn?target=a=b', match('a=b', null)],
    ['/vpn{?target}', '/vpn?target=*&target=*', { kind: 'malformed' }],
    ['/vpn?t={target}&v=1', '/vpn?t=192.0.2.1', match('192.0.2.1', null)],
    ['/vpn?v=1{&target}', '/vpn?v=1&target=*', match('*', null)],
    ['/{target}/vpn{?ipproto}', '/*/vpn?ipproto=17', match('*', '17')],
    ['/{user}/{target}', '/bob/*', match('*', null)],
  ])('%s matches %s', (template, path, expected) => {
    expect(matching(template, path)).toEqual(expected);
  });
});

describe('parsePathTemplate', () => {
  it.each([
    ['vpn', 'TEMPLATE_PATH_MISSING'],
    ['https://h/vpn', 'TEMPLATE_PATH_MISSING'],
    ['/a{target}', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['/{target,ipproto}', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['/{target}/{target}', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['/{target}{?target}', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['/vpn?t=a{target}', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['/vpn{&target}', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['/vpn{?target}x', 'TEMPLATE_VARIABLE_MISPLACED'],
    ['/{+target}', 'TEMPLATE_EXPRESSION_INVALID'],
    ['/vpn#{target}', 'TEMPLATE_CHARACTER_INVALID'],
    ['/v\u00e9', 'TEMPLATE_CHARACTER_INVALID'],
  ])('refuses %s with %s', (text, code) => {
    expect(parsePathTemplate(text)).toMatchObject({ ok: false, error: { code } });
  });
});
