import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OldestFirst } from './oldestFirst.js';

describe('OldestFirst', () => {
  it('has the members of a list, oldest first', () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constantFrom('add' as const, 'delete' as const), member: fc.nat(9) }),
      fc.record({ kind: fc.constant('peek' as const), member: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const set = new OldestFirst<number>();
        let list: number[] = [];
        for (const { kind, member } of commands) {
          if (kind === 'add' && !list.includes(member)) {
            set.add(member);
            list.push(member);
          }
          if (kind === 'delete') {
            set.delete(member);
            list = list.filter((other) => other !== member);
          }
          if (kind === 'peek') expect(set.oldest()).toBe(list[0]);
          expect(set.size).toBe(list.length);
        }
        for (const member of list) {
          expect(set.oldest()).toBe(member);
          set.delete(member);
        }
        expect(set.oldest()).toBeUndefined();
      }),
    );
  });
});
