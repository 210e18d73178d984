import { ApiProblem } from '../../api/problem.js';

/** Which field of a form about one's own account a refusal is about; null: none of them. */
export function refusalOf(error: Error | null): 'password' | 'code' | null {
  if (!(error instanceof ApiProblem)) return null;
  // Here the name is known and no code is asked for with it: only the password can be wrong.
  if (error.code === 'LOGIN_REFUSED') return 'password';
  return error.code === 'TOTP_CODE_WRONG' ? 'code' : null;
}
