import type { Finding } from '../findings/finding.js';

type FactModel = string | number | boolean | null | string[];

/** A finding as the API shows it. */
export function findingModel<Code extends string>({
  facts,
  ...finding
}: Finding<Code>): Omit<Finding<Code>, 'facts'> & { facts: Record<string, FactModel> } {
  const copied: Record<string, FactModel> = {};
  for (const [name, value] of Object.entries(facts)) {
    copied[name] = typeof value === 'object' && value !== null ? [...value] : value;
  }
  return { ...finding, facts: copied };
}
