import type { ResponseError } from '@masque-vpn/protocol';
import type { ClientFailure, ClientFailureCode, Retry } from '../failure.js';

interface Meaning {
  readonly code: ClientFailureCode;
  readonly text: string;
  readonly retry: Retry;
}

/** What a response that opens no tunnel means for the person who connects. */
export function refusalFailure(error: ResponseError, server: string): ClientFailure {
  const { code, text, retry } = meaning(error);
  const said = error.proxyError === null ? '' : `, ${error.proxyError}`;
  const message = `${server} ${text} (HTTP status ${error.status}${said}).`;
  return {
    code,
    message,
    retry,
    ...(error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}

function meaning({ code, status, message }: ResponseError): Meaning {
  if (code === 'RESPONSE_MALFORMED' || code === 'RESPONSE_REDIRECT') {
    return {
      code: 'SERVER_RESPONSE_INVALID',
      text: `answered in a way that is no tunnel: ${message}`,
      retry: 'slowly',
    };
  }
  switch (status) {
    case 401:
      return {
        code: 'SERVER_REFUSED_IDENTITY',
        text: 'asks for another kind of identity than the certificate of this profile',
        retry: 'never',
      };
    case 403:
      return {
        code: 'SERVER_REFUSED_CLIENT',
        text: 'does not let this client in: it was disabled or removed there, or its certificate revoked',
        retry: 'slowly',
      };
    case 404:
    case 405:
    case 421:
      return {
        code: 'SERVER_PATH_UNKNOWN',
        text: 'has no tunnels at the url of the profile',
        retry: 'never',
      };
    case 429:
    case 503:
      return { code: 'SERVER_BUSY', text: 'has no room for another tunnel at the moment', retry: 'soon' };
    case 400:
    case 501:
      return { code: 'SERVER_INCOMPATIBLE', text: 'does not understand this client', retry: 'slowly' };
    default:
      return status >= 500
        ? { code: 'SERVER_FAULT', text: 'has a problem of its own', retry: 'soon' }
        : { code: 'SERVER_RESPONSE_INVALID', text: 'refused the tunnel', retry: 'slowly' };
  }
}
