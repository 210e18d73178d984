import type { Permission } from '../../app/session.js';

/** A resource with the permissions that there are for it, of those that somebody has. */
export interface PermissionRow {
  readonly resource: string;
  readonly read: Permission | null;
  readonly write: Permission | null;
}

/** The permissions of somebody, by resource and in their order. */
export function permissionRows(permissions: readonly Permission[]): readonly PermissionRow[] {
  const resources = [...new Set(permissions.map((permission) => permission.split(':')[0] ?? ''))];
  const find = (name: string): Permission | null => permissions.find((known) => known === name) ?? null;
  return resources.map((resource) => ({
    resource,
    read: find(`${resource}:read`),
    write: find(`${resource}:write`),
  }));
}
