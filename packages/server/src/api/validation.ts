import type { FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { placeOfUnprintable } from '../text/printable.js';

/** Checks what a request brings by its schema; whatever that says, texts in it are printable. */
export const compileValidator: FastifySchemaCompiler<z.ZodType> = (route) => {
  const validate = validatorCompiler(route);
  return (data) => {
    const place = placeOfUnprintable(data);
    return place === null ? validate(data) : { error: new UnprintableText(place) };
  };
};

/** A request brings text that nobody could have meant. */
class UnprintableText extends Error {
  override readonly name = 'UnprintableText';
  readonly statusCode = 400;

  constructor(place: string) {
    super(`${place === '' ? 'the body' : place}: must not hold control characters`);
  }
}
