import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextIndex } from './textIndex.js';

test('finds what a look at each text finds, while texts come, change and go', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'B', 'ä', '\n', '\u0000', '🦊'), maxLength: 6 });
  const step = fc.record({ name: fc.constantFrom('one', 'two', 'three', 'four'), text: fc.option(letters) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), letters, (steps, needle) => {
      const index = new TextIndex();
      const texts = new Map<string, string>();
      for (const { name, text } of steps) {
        if (text === null) {
          index.delete(name);
          texts.delete(name);
        } else {
          index.put(name, text);
          texts.set(name, text);
        }
        const plain = (each: string): string => each.toLowerCase().replaceAll('\u0000', ' ');
        const expected = [...texts].filter(([, each]) => plain(each).includes(plain(needle)));
        expect([...index.find(needle)].sort()).toEqual(expected.map(([each]) => each).sort());
      }
    }),
  );
});
