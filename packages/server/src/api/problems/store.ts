import { storeErrorCodes, type StoreErrorCode } from '../../store/storeError.js';

const unavailable = [503, 'The database is not available'] as const;

/** Whatever is wrong with the database, it is the same for a caller: not now. */
export const storeProblems = Object.fromEntries(
  storeErrorCodes.map((code) => [code, unavailable]),
) as Readonly<Record<StoreErrorCode, typeof unavailable>>;
