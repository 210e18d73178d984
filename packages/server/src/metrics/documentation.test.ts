import { expect, test } from 'vitest';
import { contract } from './contract.js';
import { metricsMarkdown } from './documentation.js';

test('is docs/metrics.md; "npm run docs:generate" writes it', async () => {
  await expect(metricsMarkdown()).toMatchFileSnapshot('../../../../docs/metrics.md');
});

test('explains each metric under a heading of its own, to which dashboard and alerts link', () => {
  const headings = [...metricsMarkdown().matchAll(/^### (masque_vpn_\S+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual(Object.values(contract).map(({ name }) => name));
});
