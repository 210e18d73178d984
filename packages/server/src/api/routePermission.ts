import type { Permission } from '../administration/permissions.js';

/**
 * Who may call: a permission, anybody who is signed in at all, `everybody` over TLS or on this machine, `whoever`: the
 * same, and their credentials are looked at, or `monitoring`: everybody who reaches the port, without TLS as well.
 */
export type RoutePermission = Permission | 'signedIn' | 'everybody' | 'whoever' | 'monitoring';

/** Whether somebody without any credentials may call. */
export function isOpen(permission: RoutePermission): permission is 'everybody' | 'whoever' | 'monitoring' {
  return permission === 'everybody' || permission === 'whoever' || permission === 'monitoring';
}
