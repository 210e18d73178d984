/**
 * CONNECT-IP (RFC 9484) without I/O, for both roles.
 *
 * Addresses, prefixes, ranges and routes are plain values. Expected failures are `Result` values or outcomes with a
 * stable `code`. A server uses `judgeRequest`, `restrictRoutes`, the refusals and `ProxySession`;
 * a client `parseTemplate`, `buildRequest`, `judgeResponse` and `ClientSession`.
 */

// Results, codes and lists
export { exactly } from './exactly.js';
export { fail, ok, type Result } from './result.js';
export { PROTOCOL_ERROR_CODES } from './errorCodes.js';
export { HttpError } from './httpError.js';
export { DEFAULT_LIMITS, type SessionLimits } from './limits.js';

// Addresses, prefixes, ranges
export {
  addressBits,
  type AddressError,
  type AddressErrorCode,
  addressesEqual,
  addressFromBytes,
  addressToBytes,
  compareAddresses,
  formatAddress,
  type IpAddress,
  type IpFamily,
  parseAddress,
} from './address.js';
export { type AddressClass, classifyAddress, isAssignable } from './addressClass.js';
export {
  enclosingPrefix,
  formatPrefix,
  hostPrefix,
  lastAddress,
  parsePrefix,
  type Prefix,
  prefixContains,
  prefixesEqual,
  prefixesOverlap,
} from './prefix.js';
export {
  type AddressRange,
  addressRange,
  mergeRanges,
  prefixRange,
  rangeContains,
  rangeToPrefixes,
} from './range.js';

// Routes
export { type FormattedRoute, formatRoute, type Route } from './route.js';

// URI templates and scopes
export { parsePathTemplate, type PathSegment, type PathTemplate, type QueryKey } from './pathTemplate.js';
export {
  DEFAULT_PATH,
  defaultTemplate,
  expandTemplate,
  parseTemplate,
  type ProxyTemplate,
  type RequestUri,
} from './template.js';
export type { TemplateError, TemplateErrorCode } from './templateError.js';
export type { TemplatePart } from './templateExpression.js';
export {
  isExtensionHeaderScope,
  isWholeNetwork,
  restrictRoutes,
  type RouteRestriction,
  type Scope,
  type ScopeError,
  type ScopeErrorCode,
  scopeFamilies,
  type ScopeTarget,
  WHOLE_NETWORK,
} from './scope.js';

// Requests and responses
export { fieldValues, type HeaderField } from './headerField.js';
export {
  buildRequest,
  type ConnectIpRequest,
  INSTANCE_HEADER,
  judgeRequest,
  type RequestOutcome,
  type RequestPolicy,
  type RequestRefusalCode,
} from './request.js';
export {
  destinationProhibited,
  destinationUnroutable,
  dnsFailed,
  dnsTimedOut,
  forbidden,
  internalError,
  malformed,
  notFound,
  type ProxyErrorType,
  type Refusal,
  tooManyRequests,
  unauthorized,
  unavailable,
} from './refusal.js';
export {
  ACCEPT_HEADERS,
  judgeResponse,
  type ResponseError,
  type ResponseErrorCode,
  type ResponseOutcome,
} from './response.js';

// Capsules
export { type Capsule, type CapsuleError, type CapsuleErrorCode, CapsuleType } from './capsule.js';
export {
  type AssignedAddress,
  decodeAddressAssign,
  encodeAddressAssign,
  encodeAddressRequest,
  type RequestedAddress,
} from './addressCapsule.js';
export { decodeRouteAdvertisement, encodeRouteAdvertisement } from './routeCapsule.js';
export type { DnsConfiguration, Nameserver } from './dns.js';
export { decodeDnsAssign, encodeDnsAssign } from './dnsCapsule.js';
export { type ServiceParameter, SERVICE_KEYS } from './serviceParameters.js';
export { type ControlCapsule, decodeControlCapsule } from './controlCapsule.js';
export { type CapsuleBatch, CapsuleReader, encodeCapsule } from './capsuleStream.js';

// Sessions
export type { SessionAbort, SessionErrorCode } from './session/abort.js';
export {
  ClientSession,
  type ClientSessionOptions,
  type ClientSessionState,
  type ClientNotice,
  type ClientStep,
  type ClientTunnel,
} from './session/client.js';
export type { ClientPolicy, IgnoredReason } from './session/clientPolicy.js';
export {
  type ClientOffer,
  type ProxyForwarding,
  ProxySession,
  type ProxySessionOptions,
  type ProxyStep,
} from './session/proxy.js';

// Enrolment and renewal
export type { EnrolmentError, EnrolmentErrorCode } from './enrolment/error.js';
export {
  type Certified,
  ENROLMENT_BODY_BYTES,
  ENROLMENT_PATHS,
  type EnrolmentProblem,
  parseCertified,
  parseEnrolmentProblem,
  parseRedemption,
  parseRenewal,
  type Redemption,
  type Renewal,
  type ServerTrust,
} from './enrolment/exchange.js';
export {
  ENROLMENT_SECRET_BYTES,
  type EnrolmentLink,
  type EnrolmentTrust,
  formatEnrolmentLink,
  parseEnrolmentLink,
} from './enrolment/link.js';
