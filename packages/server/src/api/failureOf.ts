import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { StoreError } from '../store/storeError.js';
import type { ApiFailure } from './problem.js';

/** Bytes of the largest body that is read. */
export const mostBodyBytes = 65_536;

/** Seconds after which it is worth trying again when the database is away. */
const storeRetrySeconds = 5;

/** What an exception on the way of a request is to its caller. Everything unexpected is API_INTERNAL_ERROR. */
export function failureOf(error: FastifyError | Error): ApiFailure {
  if (error instanceof StoreError) {
    return { code: error.code, message: error.message, retryAfterSeconds: storeRetrySeconds };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const message = error.validation
      .map(({ instancePath, message: text }) => `${fieldOf(instancePath)}: ${text ?? ''}`)
      .join('; ');
    return { code: 'API_REQUEST_INVALID', message };
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return { code: 'API_BODY_TOO_LARGE', message: '' };
  if (status === 415) return { code: 'API_UNSUPPORTED_MEDIA_TYPE', message: '' };
  if (status !== undefined && status >= 400 && status < 500) {
    return { code: 'API_REQUEST_INVALID', message: error.message };
  }
  return { code: 'API_INTERNAL_ERROR', message: 'the log of the server says why' };
}

/** `/rules/0/ports` as people write it: `rules.0.ports`. */
function fieldOf(instancePath: string): string {
  return instancePath.slice(1).replaceAll('/', '.');
}
