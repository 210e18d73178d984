import { expect, test } from 'vitest';
import { personOf } from './vouchedPerson.js';

const claims = { iss: 'https://id.example', sub: '1', preferred_username: 'ann', groups: ['staff', 'vpn'] };
const person = { issuer: 'https://id.example', subject: '1', name: 'ann', groups: ['staff', 'vpn'] };

test('a person has a name and groups; a claim may be one group', () => {
  expect(personOf(claims, 'groups')).toEqual(person);
  expect(personOf({ ...claims, roles: 'staff' }, 'roles')).toEqual({ ...person, groups: ['staff'] });
  expect(personOf(claims, 'roles')).toEqual({ ...person, groups: [] });
});

test.each(['a\u0000', 'a\u001bb', '\ud800', '', 'x'.repeat(256), 7])(
  'a subject that cannot be kept is nobody: %j',
  (sub) => {
    expect(personOf({ ...claims, sub }, 'groups')).toBeNull();
  },
);

test.each(['a\u0000', 'a\u007f', '\udfff', 'x'.repeat(256), null])(
  'a name or group that cannot be kept counts as absent: %j',
  (bad) => {
    const found = personOf(
      { ...claims, preferred_username: bad, email: 'ann@id.example', groups: ['staff', bad] },
      'groups',
    );
    expect(found).toEqual({ ...person, name: 'ann@id.example', groups: ['staff'] });
    expect(personOf({ ...claims, preferred_username: bad, email: bad }, 'groups')?.name).toBe('1');
  },
);
