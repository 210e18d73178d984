import { fail, ok, type Result } from './result.js';
import type { TemplateError, TemplateErrorCode } from './templateError.js';

/** A piece of a URI template (RFC 6570 §2). */
export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'expression';
      /** Simple, form query or form continuation expansion; RFC 9484 §3 allows no other. */
      readonly operator: '' | '?' | '&';
      readonly names: readonly string[];
    };

const VARIABLE_NAME = /^(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*$/;

/** RFC 6570 §2.1, without `#`, which would start a fragment. */
const LITERAL = /^(?:[!$&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]|%[0-9A-Fa-f]{2})*$/;

/**
 * Splits path and query of a template into literals and expressions (CIP-201).
 * Fails with TEMPLATE_CHARACTER_INVALID or TEMPLATE_EXPRESSION_INVALID.
 */
export function parseTemplateParts(text: string): Result<TemplatePart[], TemplateError> {
  const parts: TemplatePart[] = [];
  for (const piece of text.split(/(\{[^{}]*\})/)) {
    if (piece === '') continue;
    const part = piece.startsWith('{') ? parseExpression(piece) : parseLiteral(piece);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return ok(parts);
}

/** Makes a template error result. */
export function templateError(
  code: TemplateErrorCode,
  message: string,
): { readonly ok: false; readonly error: TemplateError } {
  return fail({ code, message });
}

function parseLiteral(text: string): Result<TemplatePart, TemplateError> {
  if (LITERAL.test(text)) return ok({ kind: 'literal', text });
  return templateError(
    'TEMPLATE_CHARACTER_INVALID',
    `"${text}" has characters that a URI cannot have, or a fragment`,
  );
}

function parseExpression(piece: string): Result<TemplatePart, TemplateError> {
  const inner = piece.slice(1, -1);
  const operator = inner.startsWith('?') ? '?' : inner.startsWith('&') ? '&' : '';
  const names = inner.slice(operator.length).split(',');
  if (!names.every((name) => VARIABLE_NAME.test(name))) {
    const message = `${piece} is not allowed: only {name}, {?name,…} and {&name,…} are, without modifiers`;
    return templateError('TEMPLATE_EXPRESSION_INVALID', message);
  }
  return ok({ kind: 'expression', operator, names });
}
