import { expect, test } from 'vitest';
import { PolicyBook, type PolicySource } from './book.js';
import { MemoryPolicy } from './testing/memoryPolicy.js';

const clients = Array.from({ length: 1_200 }, (_, index) => `client-${index}`);
const everybody = { members: Object.fromEntries(clients.map((client) => [client, ['default', 'staff']])) };

/** Calls back before each page of memberships. */
class PagedPolicy extends MemoryPolicy {
  pages = 0;
  beforePage: (page: number) => void = () => undefined;

  override get groups(): PolicySource['groups'] {
    const groups = super.groups;
    return {
      ...groups,
      memberships: (page) => {
        this.pages += 1;
        this.beforePage(this.pages);
        return groups.memberships(page);
      },
    };
  }
}

test('many memberships are read in parts, and all of them', async () => {
  const source = new PagedPolicy(everybody);
  const book = await PolicyBook.load(source);
  expect(source.pages).toBeGreaterThan(2);
  expect(book.membersOf('staff').size).toBe(clients.length);
  expect(book.groupsOf('client-7').map(({ slug }) => slug)).toEqual(['default', 'staff']);
  expect(book.groupsOf('client-7')).toBe(book.groupsOf('client-1100'));
});

test('while they are read again everybody is in the groups of before', async () => {
  const source = new PagedPolicy(everybody);
  const book = await PolicyBook.load(source);
  const sizes: number[] = [];
  source.beforePage = () => sizes.push(book.membersOf('staff').size);
  source.hold({ members: { 'client-3': ['staff'] } });
  await book.readGroups();
  expect(new Set(sizes)).toEqual(new Set([clients.length]));
  expect([...book.membersOf('staff')]).toEqual(['client-3']);
});

test('a client that is removed while they are read is in none afterwards', async () => {
  const source = new PagedPolicy(everybody);
  const book = await PolicyBook.load(source);
  source.pages = 0;
  source.beforePage = (page) => {
    if (page === 2) book.forgetClient('client-0');
  };
  await book.readGroups();
  expect([book.groupsOf('client-0'), book.membersOf('staff').size]).toEqual([[], clients.length - 1]);
});
