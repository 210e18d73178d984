import { CreatedAdministratorModel } from '@masque-vpn/server/models';
import { Administrator, firstOwnerSecret } from '../lab/administrator.js';
import { Lab } from '../lab/lab.js';
import type { ServerSettings } from '../lab/serverSettings.js';
import { SharedDatabase } from '../lab/sharedDatabase.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import type { AdministratorPage } from './administratorPage.js';
import { Browser, type Look } from './browser.js';

export interface AdministeredServerOptions {
  readonly settings?: ServerSettings;
  /** On a PostgreSQL that can be stopped, instead of SQLite. */
  readonly sharedDatabase?: boolean;
}

/** A server without clients, its first owner `olga`, and a browser on its machine. */
export class AdministeredServer implements AsyncDisposable {
  private constructor(
    private readonly cleanup: Cleanup,
    readonly server: VpnServer,
    readonly owner: Administrator,
    private readonly browser: Browser,
    private readonly shared: SharedDatabase | null,
  ) {}

  static async start({
    settings = {},
    sharedDatabase = false,
  }: AdministeredServerOptions = {}): Promise<AdministeredServer> {
    await using cleanup = new Cleanup();
    const lab = cleanup.use(await Lab.create());
    const shared = sharedDatabase ? cleanup.use(await SharedDatabase.start(lab)) : null;
    const all = { ...shared?.settings, ...settings };
    const server = cleanup.use(await VpnServer.start(lab, { settings: all }));
    const owner = await Administrator.setUp(server, 'olga', await firstOwnerSecret(server));
    const browser = cleanup.use(await Browser.launch(lab.server.namespace));
    return new AdministeredServer(cleanup.move(), server, owner, browser, shared);
  }

  /** The PostgreSQL. Throws when it is SQLite. */
  get database(): SharedDatabase {
    if (this.shared === null) throw new Error('this server has a SQLite of its own');
    return this.shared;
  }

  /** A window in which nobody is signed in. */
  async window(look?: Look): Promise<AdministratorPage> {
    const window = await this.browser.open('http://localhost:8080', look);
    this.cleanup.defer(() => window.close());
    return window;
  }

  /** A window of somebody with a password of `passwordOf`. */
  async windowOf(name: string, look?: Look): Promise<AdministratorPage> {
    const window = await this.window(look);
    await window.signIn(name, passwordOf(name));
    return window;
  }

  /** Makes another administrator. */
  async invite(name: string, role: 'owner' | 'operator' | 'reader'): Promise<void> {
    const body = { name, role, password: passwordOf(name) };
    CreatedAdministratorModel.parse(await this.owner.api('POST', '/api/v1/administrators', body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }
}

/** The password of every administrator of these tests. */
export const passwordOf = (name: string): string => `correct horse battery staple of ${name}`;
