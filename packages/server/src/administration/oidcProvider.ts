import { fail, ok, type Result } from '@masque-vpn/protocol';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { personOf, type VouchedPerson } from './vouchedPerson.js';

/** What the provider knows this server by. */
export interface OidcClient {
  readonly issuer: URL;
  readonly clientId: string;
  /** Null: a public client. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** Registered at the provider. */
  readonly redirectUri: string;
  readonly groupsClaim: string;
}

/** A login that the browser takes to the provider. */
export interface StartedLogin {
  /** Where the browser goes. */
  readonly url: URL;
  /** Comes back with the browser; whoever has it finishes this login and no other. */
  readonly state: string;
  /** Stay here. */
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What went wrong; `detail` is for the log. */
export interface OidcFailure {
  readonly kind: 'unreachable' | 'refused';
  readonly detail: string;
}

/** Time for each answer of the provider, seconds. */
const patienceSeconds = 10;

/** An OpenID Connect provider: authorization code flow with PKCE, state and nonce (OpenID Connect Core §3.1). */
export class OidcProvider {
  readonly #client: OidcClient;
  #configuration: Promise<Configuration> | null = null;

  constructor(client: OidcClient) {
    this.#client = client;
  }

  /** Begins a login. */
  async start(): Promise<Result<StartedLogin, OidcFailure>> {
    const configuration = await this.#discover();
    if (!configuration.ok) return configuration;
    const [state, nonce, codeVerifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const url = buildAuthorizationUrl(configuration.value, {
      redirect_uri: this.#client.redirectUri,
      scope: this.#client.scopes.join(' '),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    return ok({ url, state, nonce, codeVerifier });
  }

  /** Who came back. `query` is that of the URL with which the browser came back. */
  async finish(
    query: URLSearchParams,
    started: Pick<StartedLogin, 'state' | 'nonce' | 'codeVerifier'>,
  ): Promise<Result<VouchedPerson, OidcFailure>> {
    const configuration = await this.#discover();
    if (!configuration.ok) return configuration;
    const url = new URL(this.#client.redirectUri);
    url.search = query.toString();
    try {
      const tokens = await authorizationCodeGrant(configuration.value, url, {
        expectedState: started.state,
        expectedNonce: started.nonce,
        pkceCodeVerifier: started.codeVerifier,
        idTokenExpected: true,
      });
      const idToken: Record<string, unknown> = { ...tokens.claims() };
      const claims = await this.#complete(configuration.value, idToken, tokens.access_token);
      const person = personOf(claims, this.#client.groupsClaim);
      if (person !== null) return ok(person);
      return fail({ kind: 'refused', detail: 'the subject is no text of 1–255 printable characters' });
    } catch (error) {
      return fail({ kind: isUnreachable(error) ? 'unreachable' : 'refused', detail: textOf(error) });
    }
  }

  /** Some providers tell groups and names only when asked (OpenID Connect Core §5.3). */
  async #complete(
    configuration: Configuration,
    idToken: Readonly<Record<string, unknown>>,
    accessToken: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { sub } = idToken;
    const isWhole = this.#client.groupsClaim in idToken && 'preferred_username' in idToken;
    if (isWhole || typeof sub !== 'string') return idToken;
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return idToken;
    return { ...(await fetchUserInfo(configuration, accessToken, sub)), ...idToken };
  }

  /** Once, when it succeeds: a provider that was away is asked again. */
  async #discover(): Promise<Result<Configuration, OidcFailure>> {
    const { issuer, clientId, clientSecret } = this.#client;
    // Only this machine itself is reached without TLS: the configuration saw to it.
    const insecure = issuer.protocol === 'http:' ? [allowInsecureRequests] : [];
    this.#configuration ??= discovery(
      issuer,
      clientId,
      undefined,
      clientSecret === null ? None() : ClientSecretPost(clientSecret),
      { execute: [enableNonRepudiationChecks, ...insecure], timeout: patienceSeconds },
    );
    try {
      return ok(await this.#configuration);
    } catch (error) {
      this.#configuration = null;
      return fail({ kind: 'unreachable', detail: textOf(error) });
    }
  }
}

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return error.name === 'TimeoutError' || code === 'OAUTH_TIMEOUT' || error.message === 'fetch failed';
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
