/** What the API is divided into; each can be read and written. */
export const resources = [
  'clients',
  'enrolments',
  'certificates',
  'groups',
  'rules',
  'sessions',
  'pools',
  'usage',
  'flows',
  'audit',
  'settings',
  'administrators',
  'tokens',
  'webhooks',
  'logs',
  'server',
] as const;
export type Resource = (typeof resources)[number];

export const actions = ['read', 'write'] as const;
export type Action = (typeof actions)[number];

/** A right to look at or to change one resource: `clients:read`. */
export type Permission = `${Resource}:${Action}`;

/** Every permission there is, in the order of the resources. */
export const permissions: readonly Permission[] = resources.flatMap((resource) =>
  actions.map((action): Permission => `${resource}:${action}`),
);

export const roles = ['owner', 'operator', 'reader'] as const;
/** What an administrator is: `owner` may do all, `operator` runs the VPN, `reader` looks. */
export type Role = (typeof roles)[number];

/** Only owners: who administers, what the server itself is, and where its events go. */
const ownersOnly: ReadonlySet<Permission> = new Set<Permission>([
  'administrators:read',
  'administrators:write',
  'settings:write',
  'webhooks:write',
  'server:write',
]);

/** What readers do not see: log lines and the addresses of webhooks may hold what they should not know. */
const notForReaders: ReadonlySet<Permission> = new Set<Permission>(['logs:read', 'webhooks:read']);

const byRole: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  operator: new Set(permissions.filter((permission) => !ownersOnly.has(permission))),
  reader: new Set(
    permissions.filter(
      (permission) =>
        permission.endsWith(':read') && !ownersOnly.has(permission) && !notForReaders.has(permission),
    ),
  ),
};

/** What the holder of a role may do. */
export function permissionsOf(role: Role): ReadonlySet<Permission> {
  return byRole[role];
}

/** Everything: the Unix socket, which only root opens. */
export const allPermissions: ReadonlySet<Permission> = new Set(permissions);

/** No permission at all: a caller who is not signed in, or signed in for their own devices only. */
export const noPermissions: ReadonlySet<Permission> = new Set();
