import { ENROLMENT_BODY_BYTES, fail, ok, type Result } from '@masque-vpn/protocol';
import { placeOfUnprintable } from '../text/printable.js';
import type { FrontFailure } from './problem.js';

/** Reads a body of JSON. Codes: FRONT_UNSUPPORTED_MEDIA_TYPE, FRONT_BODY_TOO_LARGE, ENROLMENT_MESSAGE_INVALID. */
export async function readJson(
  contentType: string | undefined,
  stream: AsyncIterable<unknown>,
): Promise<Result<unknown, FrontFailure>> {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? '')) {
    return fail({ code: 'FRONT_UNSUPPORTED_MEDIA_TYPE', message: 'Only application/json is understood.' });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) continue;
      length += chunk.length;
      if (length > ENROLMENT_BODY_BYTES) {
        const message = `A message has at most ${ENROLMENT_BODY_BYTES} bytes.`;
        return fail({ code: 'FRONT_BODY_TOO_LARGE', message });
      }
      chunks.push(Buffer.from(chunk));
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    const json: unknown = JSON.parse(text);
    if (placeOfUnprintable(json) === null) return ok(json);
    return fail({ code: 'ENROLMENT_MESSAGE_INVALID', message: 'A text must not hold control characters.' });
  } catch {
    return fail({ code: 'ENROLMENT_MESSAGE_INVALID', message: 'The body is not JSON, or ended early.' });
  }
}
