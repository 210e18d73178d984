import { permissionsOf, permissions, roles, type Role } from '../administration/permissions.js';
import type { Route } from './route.js';
import { isOpen } from './routePermission.js';

/** What somebody without a role is to a route. */
type Caller = Role | 'nobody' | 'person';

const callers: readonly Caller[] = ['owner', 'operator', 'reader', 'person', 'nobody'];

/** Whether the holder of a role, a person who signed in for their own devices, or nobody at all may call a route. */
export function mayCall(caller: Caller, { permission }: Route): boolean {
  if (isOpen(permission)) return true;
  if (caller === 'nobody') return false;
  if (permission === 'signedIn') return true;
  return caller !== 'person' && permissionsOf(caller).has(permission);
}

const introduction = `<!-- Generated from packages/server/src/api by "npm run docs:generate"; do not edit. -->

# Who may do what

Administrators have one of three roles. A token has the permissions it was made with, and never more than its maker
has at the moment. Somebody who signs in by OIDC without a role (_person_) has their own devices and nothing else.
\`root\` on the server, over the administration socket, may do everything.
`;

/** `docs/authorization.md`. */
export function authorizationDocument(routes: readonly Route[]): string {
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const tick = (yes: boolean): string => (yes ? '✓' : '');
  const byRole = permissions.map((permission) => [
    `\`${permission}\``,
    ...roles.map((role) => tick(permissionsOf(role).has(permission))),
  ]);
  const byRoute = routes.map((route) => [
    `\`${route.method} ${route.path}\``,
    `\`${route.permission}\``,
    ...callers.map((caller) => tick(mayCall(caller, route))),
  ]);
  return [
    introduction,
    '## Permissions of the roles\n',
    `${table(['permission', ...roles], byRole)}\n`,
    '## Routes\n',
    '`monitoring` is for everybody who reaches the port, `everybody` and `whoever` for those who come over TLS or from',
    'the server itself, `signedIn` for every administrator, token and person.\n',
    `${table(['route', 'permission', ...callers], byRoute)}\n`,
  ].join('\n');
}
