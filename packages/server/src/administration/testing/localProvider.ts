import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Provider } from 'oidc-provider';

/** Somebody the provider knows. */
export interface Account {
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

/** What this server is to the provider. */
export const client = { id: 'masque-vpn', secret: 'a secret of the client' };

/** A real OpenID Connect provider on this machine, where signing in takes no password. */
export class LocalProvider implements AsyncDisposable {
  /** By subject; tests change what people belong to. */
  readonly accounts = new Map<string, Account>();
  readonly issuer: string;
  readonly #server: Server;

  private constructor(server: Server, issuer: string) {
    this.#server = server;
    this.issuer = issuer;
  }

  /** Starts one; claims are in the ID token, or only for who asks for them with the access token. */
  static async start(redirectUri: string, claimsIn: 'idToken' | 'userinfo'): Promise<LocalProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const self = new LocalProvider(server, issuer);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          redirect_uris: [redirectUri],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      pkce: { required: () => true },
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
      conformIdTokenClaims: claimsIn === 'userinfo',
      cookies: { keys: ['only for tests'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_context, id) => {
        const account = self.accounts.get(id);
        if (account === undefined) return undefined;
        const { name, email, groups } = account;
        return {
          accountId: id,
          claims: () => ({ sub: id, preferred_username: name, email, groups: [...groups] }),
        };
      },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => {
      const subject = /^\/interaction\/.*[?&]as=([^&]+)/.exec(request.url ?? '')?.[1];
      if (subject === undefined) return void answer(request, response);
      void finishInteraction(provider, request, response, subject);
    });
    return self;
  }

  /** What a browser does: follows the way to the provider, signs in there, and comes back. */
  async signIn(url: string, subject: string): Promise<URL> {
    const cookies = new Map<string, string>();
    let next = new URL(url);
    for (let hop = 0; hop < 12; hop += 1) {
      if (next.origin !== this.issuer) return next;
      if (next.pathname.startsWith('/interaction/')) next.searchParams.set('as', subject);
      const response = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null)
        throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
      next = new URL(location, next);
    }
    throw new Error('the provider sends the browser round in circles');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

type Callback = Parameters<ReturnType<Provider['callback']>>;

/** Signs in, then consents to everything. */
async function finishInteraction(
  provider: Provider,
  request: Callback[0],
  response: Callback[1],
  subject: string,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: subject } });
    return;
  }
  const grant = new provider.Grant({
    ...(session === undefined ? {} : { accountId: session.accountId }),
    clientId: String(params['client_id']),
  });
  grant.addOIDCScope('openid profile email');
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}
