import type { Check } from '../checks/check.js';
import { findingModel } from './findingModel.js';
import type { ChecksModel } from './models/check.js';

/** Checks as the API shows them. */
export function checksModel(checks: readonly Check[], now: number): ChecksModel {
  return {
    checkedAtMs: Math.trunc(now),
    checks: checks.map(({ id, state, findings }) => ({ id, state, findings: findings.map(findingModel) })),
  };
}
