import { expect, test } from 'vitest';
import { ApiProblem } from '../../api/problem.js';
import { refusalOf } from './refusal.js';

const problem = (code: string): ApiProblem =>
  new ApiProblem({ code, status: 422, detail: '', retryAfterSeconds: null });

test('a refusal stands at the field that it is about', () => {
  expect(refusalOf(problem('LOGIN_REFUSED'))).toBe('password');
  expect(refusalOf(problem('TOTP_CODE_WRONG'))).toBe('code');
});

test('what is about no field is told for the whole form', () => {
  expect(refusalOf(problem('LOGIN_OVERLOADED'))).toBeNull();
  expect(refusalOf(new TypeError('a mistake of the page'))).toBeNull();
  expect(refusalOf(null)).toBeNull();
});
