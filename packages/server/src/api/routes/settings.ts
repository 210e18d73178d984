import { ok } from '@masque-vpn/protocol';
import { ConfigurationModel } from '../models/configuration.js';
import { SettingsChangeModel, SettingsModel } from '../models/settings.js';
import { route, type Route } from '../route.js';

const path = '/api/v1/settings';

/** GET /api/v1/settings */
const getSettings = route({
  method: 'GET',
  path,
  permission: 'settings:read',
  operationId: 'getSettings',
  summary: 'What can be changed while the server runs.',
  response: SettingsModel,
  handle: ({ services: { settings } }) => ok({ ...settings.values, version: settings.version }),
});

/** PATCH /api/v1/settings */
const changeSettings = route({
  method: 'PATCH',
  path,
  permission: 'settings:write',
  operationId: 'changeSettings',
  summary: 'Changes settings; on every server of this database.',
  body: SettingsChangeModel,
  response: SettingsModel,
  handle: async ({ body, actor, request, services: { settings } }) => {
    const named = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    const changed = await settings.change(named, { actor, version: request.ifMatch });
    return changed.ok ? ok({ ...changed.value, version: settings.version }) : changed;
  },
});

/** GET /api/v1/server/configuration */
const getConfiguration = route({
  method: 'GET',
  path: '/api/v1/server/configuration',
  permission: 'server:read',
  operationId: 'getConfiguration',
  summary: 'The settings of server.toml as this server runs with them; secrets are masked.',
  response: ConfigurationModel,
  handle: ({ services }) => ok(services.configuration()),
});

/** Every route of settings. */
export const settingRoutes: readonly Route[] = [getSettings, changeSettings, getConfiguration];
