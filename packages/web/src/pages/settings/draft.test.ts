import { expect, test } from 'vitest';
import { changeOf, differences, draftOf, follow } from './draft.js';

const settings = {
  defaultGroups: ['default', 'staff'],
  enrolmentLifetimeHours: 24,
  auditDays: 365,
  expiryNoticeDays: 7,
  version: 3,
};
const base = draftOf(settings);

test('only what was changed is sent', () => {
  expect(changeOf(base, base)).toEqual({});
  expect(changeOf({ ...base, auditDays: '30', defaultGroups: ['staff', 'default'] }, base)).toEqual({
    auditDays: 30,
  });
  expect(changeOf({ ...base, defaultGroups: [] }, base)).toEqual({ defaultGroups: [] });
});

test('what somebody else changed comes into the form, and what was typed stays', () => {
  const typed = { ...base, auditDays: '30' };
  const now = { ...base, auditDays: '90', expiryNoticeDays: '14' };
  const followed = follow(typed, base, now);
  expect(followed).toEqual({ ...base, auditDays: '30', expiryNoticeDays: '14' });
  expect(differences(followed, now)).toEqual(['auditDays']);
});
