import type { FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { isUnprintable } from './models/text.js';

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

/** `items.0.note`; null where there is none. Without recursion: bodies may be nested as deeply as they are long. */
function placeOfUnprintable(data: unknown): string | null {
  const pending: { readonly value: unknown; readonly place: string }[] = [{ value: data, place: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, place } = next;
    if (typeof value === 'string' && isUnprintable(value)) return place;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      // A name is shown in what is said about it.
      if (isUnprintable(name)) return place;
      pending.push({ value: part, place: place === '' ? name : `${place}.${name}` });
    }
  }
  return null;
}
