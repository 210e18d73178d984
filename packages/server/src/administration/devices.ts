import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { ClientFailure } from '../clients/clientFailure.js';
import type { Clients, IssuedEnrolment } from '../clients/clients.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { CredentialFailure } from '../enrolments/enrolmentFailure.js';
import type { Enrolments } from '../enrolments/enrolments.js';
import type { Groups } from '../policy/groups.js';
import type { Clock } from '../process/clock.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import type { ClientRecord } from '../store/clients.js';
import type { GroupRepository } from '../store/groups.js';
import type { Person } from './principal.js';
import { sha256Of } from './secret.js';
import { Turnstile } from './turnstile.js';

export interface DevicesOptions {
  readonly clients: Pick<Clients, 'create' | 'remove'>;
  readonly enrolments: Pick<Enrolments, 'create'>;
  readonly directory: Pick<ClientDirectory, 'all' | 'findBySlug'>;
  readonly groups: Pick<Groups, 'addMember' | 'removeMember'>;
  readonly groupsStore: Pick<GroupRepository, 'list' | 'groupsOf'>;
  readonly settings: Pick<RuntimeSettings, 'values'>;
  readonly limits: DeviceLimits;
  readonly clock: Clock;
}

/** What one person may have. */
export interface DeviceLimits {
  readonly devicesPerPerson: number;
  /** Null: until somebody removes it. */
  readonly deviceLifetimeMs: number | null;
}

export const deviceErrorCodes = ['DEVICE_NOT_FOUND', 'DEVICE_TOO_MANY', 'DEVICE_NOT_PERMITTED'] as const;
export type DeviceErrorCode = (typeof deviceErrorCodes)[number];

/** Why something of one's own devices was not done. */
export type DeviceFailure =
  { readonly code: DeviceErrorCode; readonly message: string } | ClientFailure | CredentialFailure;

const hour = 3_600_000;

/** Devices that people enrol themselves. Every method throws `StoreError` when the store is lost. */
export class Devices {
  readonly #options: DevicesOptions;
  /** One at a time, so that nobody gets more by asking twice at once. */
  readonly #turnstile = new Turnstile(1, 64);

  constructor(options: DevicesOptions) {
    this.#options = options;
  }

  /** In order of creation. Code: DEVICE_NOT_PERMITTED. */
  list(person: Person | null): Result<readonly ClientRecord[], DeviceFailure> {
    return person === null ? notPermitted() : ok(this.#devicesOf(person));
  }

  /** A device and the link that enrols it. Codes: DEVICE_NOT_PERMITTED, DEVICE_TOO_MANY, CLIENT_EXISTS. */
  async create(
    person: Person | null,
    displayName: string,
    actor: Actor,
  ): Promise<Result<{ readonly device: ClientRecord; readonly enrolment: IssuedEnrolment }, DeviceFailure>> {
    if (person === null) return notPermitted();
    const made = await this.#turnstile.pass(() => this.#create(person, displayName, actor));
    return made.ok ? made.value : failed('DEVICE_TOO_MANY', 'too many devices are made at the moment');
  }

  /** A new link for one's own device. Codes: DEVICE_NOT_PERMITTED, DEVICE_NOT_FOUND. */
  async enrol(
    person: Person | null,
    slug: string,
    actor: Actor,
  ): Promise<Result<IssuedEnrolment, DeviceFailure>> {
    const device = this.#own(person, slug);
    if (!device.ok) return device;
    const lifetimeMs = this.#options.settings.values.enrolmentLifetimeHours * hour;
    return this.#options.enrolments.create(slug, { lifetimeMs, host: null }, actor);
  }

  /** Ends its sessions and forgets it. Codes: DEVICE_NOT_PERMITTED, DEVICE_NOT_FOUND. */
  async remove(person: Person | null, slug: string, actor: Actor): Promise<Result<null, DeviceFailure>> {
    const device = this.#own(person, slug);
    if (!device.ok) return device;
    const removed = await this.#options.clients.remove(slug, { actor, version: null });
    return removed.ok ? ok(null) : removed;
  }

  /** Puts a person's devices into the groups that the provider's claim gives now, and out of those it gave before. */
  async followGroups(person: Person, actor: Actor): Promise<void> {
    const { groups, groupsStore } = this.#options;
    const claimed = (await groupsStore.list()).filter(({ oidcClaim }) => oidcClaim !== null);
    if (claimed.length === 0) return;
    for (const device of this.#devicesOf(person)) {
      const present = new Set(await groupsStore.groupsOf(device.uuid));
      for (const { uuid, slug, oidcClaim } of claimed) {
        const belongs = oidcClaim !== null && person.groups.includes(oidcClaim);
        if (belongs && !present.has(uuid)) await groups.addMember(slug, device.slug, actor);
        if (!belongs && present.has(uuid)) await groups.removeMember(slug, device.slug, actor);
      }
    }
  }

  async #create(
    person: Person,
    displayName: string,
    actor: Actor,
  ): Promise<Result<{ readonly device: ClientRecord; readonly enrolment: IssuedEnrolment }, DeviceFailure>> {
    const { clients, groupsStore, limits, clock } = this.#options;
    const { devicesPerPerson, deviceLifetimeMs } = limits;
    if (this.#devicesOf(person).length >= devicesPerPerson) {
      return failed('DEVICE_TOO_MANY', `you have ${devicesPerPerson} devices already; remove one first`);
    }
    const claimed = (await groupsStore.list()).filter(
      ({ oidcClaim }) => oidcClaim !== null && person.groups.includes(oidcClaim),
    );
    const created = await clients.create(
      {
        slug: this.#freeSlug(person, displayName),
        displayName,
        owner: ownerOf(person),
        expiresAt: deviceLifetimeMs === null ? null : Math.trunc(clock.now()) + deviceLifetimeMs,
        groups: claimed.length === 0 ? null : claimed.map(({ slug }) => slug),
        credential: { kind: 'enrolment', lifetimeMs: null, host: null },
      },
      actor,
    );
    if (!created.ok) return created;
    const { client: device, enrolment } = created.value;
    if (enrolment === null) throw new Error('a client made with a link has none');
    return ok({ device, enrolment });
  }

  /** `ann-laptop`, or `ann-laptop-2` …: people see it in logs and graphs. */
  #freeSlug(person: Person, displayName: string): string {
    const [local = ''] = person.name.split('@');
    const base = [slugOf(local) || 'person', slugOf(displayName) || 'device'].join('-').slice(0, 50);
    for (let number = 1; number < 100; number += 1) {
      const slug = number === 1 ? base : `${base}-${number}`;
      if (this.#options.directory.findBySlug(slug) === null) return slug;
    }
    return `${base}-${sha256Of(`${ownerOf(person)} ${this.#options.clock.now()}`).slice(0, 8)}`;
  }

  #own(person: Person | null, slug: string): Result<ClientRecord, DeviceFailure> {
    if (person === null) return notPermitted();
    const device = this.#options.directory.findBySlug(slug);
    if (device?.owner === ownerOf(person)) return ok(device);
    return failed('DEVICE_NOT_FOUND', `you have no device "${slug}"`);
  }

  #devicesOf(person: Person): readonly ClientRecord[] {
    const owner = ownerOf(person);
    return [...this.#options.directory.all()]
      .filter((client) => client.owner === owner)
      .sort((one, other) => one.createdAt - other.createdAt);
  }
}

/** How the owner of a client is stored. */
function ownerOf({ issuer, subject }: Person): string {
  return `${issuer} ${subject}`;
}

function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 24);
}

function notPermitted(): { readonly ok: false; readonly error: DeviceFailure } {
  return failed(
    'DEVICE_NOT_PERMITTED',
    'only people who signed in by single sign-on have devices of their own',
  );
}

function failed(
  code: DeviceErrorCode,
  message: string,
): { readonly ok: false; readonly error: DeviceFailure } {
  return fail({ code, message });
}
