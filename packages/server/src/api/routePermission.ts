import type { Permission } from '../administration/permissions.js';

/**
 * Who may call: a permission, anybody who is signed in at all, `everybody` over TLS or on this machine, or
 * `monitoring`: everybody who reaches the port, without TLS as well.
 */
export type RoutePermission = Permission | 'signedIn' | 'everybody' | 'monitoring';
