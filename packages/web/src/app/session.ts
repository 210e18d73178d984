import { computed, inject, readonly, shallowRef, type ComputedRef, type InjectionKey, type Ref } from 'vue';
import { answer, api, type Model } from '../api/client.js';

export type Principal = Model<'Principal'>;
export type Permission = Principal['permissions'][number];

/** What a page is for: `everybody`, without signing in; `signedIn`, without any permission. */
export type PageNeeds = Permission | 'everybody' | 'signedIn';

/**
 * Who is signed in. `lost`: somebody was, and the server has forgotten; the page stays as it is, with what was typed,
 * until they sign in again.
 */
export type SessionState = 'unknown' | 'anonymous' | 'signedIn' | 'lost';

export class Session {
  readonly #state = shallowRef<SessionState>('unknown');
  readonly #principal = shallowRef<Principal | null>(null);
  readonly state: Readonly<Ref<SessionState>> = readonly(this.#state);
  /** Stays while the sign-in is lost. */
  readonly principal: ComputedRef<Principal | null> = computed(() => this.#principal.value);

  /** Asks the server who this is. Throws `ApiProblem` when there is no answer. */
  async load(): Promise<void> {
    const { principal } = await answer(api.GET('/api/v1/session'));
    if (principal === null) {
      this.lose();
      return;
    }
    this.#principal.value = principal;
    this.#state.value = 'signedIn';
  }

  /** The server no longer knows who this is. */
  lose(): void {
    this.#state.value = this.#principal.value === null ? 'anonymous' : 'lost';
  }

  /** Signs out; the page forgets who it was. Throws `ApiProblem`. */
  async end(): Promise<void> {
    await api.DELETE('/api/v1/login');
    this.#principal.value = null;
    this.#state.value = 'anonymous';
  }

  /** Whether a page that needs this is for whoever is signed in. */
  mayOpen(needs: PageNeeds | undefined): boolean {
    return needs === undefined || needs === 'everybody' || needs === 'signedIn' || this.may(needs);
  }

  may(permission: Permission): boolean {
    return this.#principal.value?.permissions.includes(permission) === true;
  }
}

export const sessionKey: InjectionKey<Session> = Symbol('session');

/** Who is signed in on this page. */
export function useSession(): Session {
  const session = inject(sessionKey);
  if (session === undefined) throw new Error('the page was made without a session');
  return session;
}
