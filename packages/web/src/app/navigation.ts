import type { Permission } from './session.js';

export interface NavigationEntry {
  /** Name of the route. */
  readonly to: string;
  /** Key of the label among the messages. */
  readonly label: string;
  readonly icon: string;
  /** Who sees it; `person`: somebody with devices of their own. */
  readonly needs: Permission | 'signedIn' | 'person';
}

export interface NavigationSection {
  readonly label: string | null;
  readonly entries: readonly NavigationEntry[];
}

/** The pages in the navigation; those that are not here are reached from these. */
export const navigation: readonly NavigationSection[] = [
  {
    label: null,
    entries: [
      { to: 'overview', label: 'overview.title', icon: 'gauge', needs: 'server:read' },
      { to: 'clients', label: 'clients.title', icon: 'devices', needs: 'clients:read' },
      { to: 'sessions', label: 'sessions.title', icon: 'pulse', needs: 'sessions:read' },
      { to: 'devices', label: 'devices.title', icon: 'devices', needs: 'person' },
    ],
  },
  {
    label: 'navigation.access',
    entries: [
      { to: 'groups', label: 'groups.title', icon: 'people', needs: 'groups:read' },
      { to: 'rules', label: 'rules.title', icon: 'shield', needs: 'rules:read' },
      { to: 'flows', label: 'flows.title', icon: 'flow', needs: 'flows:read' },
      { to: 'forwards', label: 'forwards.title', icon: 'forward', needs: 'rules:read' },
    ],
  },
  {
    label: 'navigation.records',
    entries: [
      { to: 'audit', label: 'audit.title', icon: 'list', needs: 'audit:read' },
      { to: 'usage', label: 'usage.title', icon: 'chart', needs: 'usage:read' },
      { to: 'logs', label: 'logs.title', icon: 'text', needs: 'logs:read' },
    ],
  },
  {
    label: 'navigation.server',
    entries: [
      { to: 'pools', label: 'pools.title', icon: 'pool', needs: 'pools:read' },
      { to: 'certificates', label: 'certificates.title', icon: 'certificate', needs: 'certificates:read' },
      { to: 'webhooks', label: 'webhooks.title', icon: 'hook', needs: 'webhooks:read' },
      { to: 'tokens', label: 'tokens.title', icon: 'key', needs: 'tokens:read' },
      { to: 'administrators', label: 'administrators.title', icon: 'person', needs: 'administrators:read' },
      { to: 'settings', label: 'settings.title', icon: 'gear', needs: 'settings:read' },
    ],
  },
];
