export const TEMPLATE_ERROR_CODES = [
  'TEMPLATE_NOT_ABSOLUTE',
  'TEMPLATE_SCHEME_UNSUPPORTED',
  'TEMPLATE_AUTHORITY_INVALID',
  'TEMPLATE_PATH_MISSING',
  'TEMPLATE_CHARACTER_INVALID',
  'TEMPLATE_EXPRESSION_INVALID',
  'TEMPLATE_VARIABLE_MISPLACED',
] as const;

/** Why a URI template cannot be used (CIP-201); the list is `TEMPLATE_ERROR_CODES`. */
export type TemplateErrorCode = (typeof TEMPLATE_ERROR_CODES)[number];

/** A configuration error; it is found before any packet leaves (CIP-202). */
export interface TemplateError {
  readonly code: TemplateErrorCode;
  readonly message: string;
}
