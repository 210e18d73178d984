import { inject, provide, reactive, type InjectionKey } from 'vue';

export interface Announcement {
  readonly id: number;
  readonly text: string;
  /** What takes it back, where that is honest. */
  readonly undo: (() => unknown) | null;
}

const shownMs = 8_000;

/** Short news of what was done, at the edge of the page. */
export class Announcements {
  readonly shown: Announcement[] = reactive([]);
  #latest = 0;

  say(text: string, undo: (() => unknown) | null = null): void {
    this.#latest += 1;
    const id = this.#latest;
    this.shown.push({ id, text, undo });
    setTimeout(() => this.dismiss(id), shownMs);
  }

  dismiss(id: number): void {
    const index = this.shown.findIndex((announcement) => announcement.id === id);
    if (index >= 0) this.shown.splice(index, 1);
  }
}

const key: InjectionKey<Announcements> = Symbol('announcements');

export function provideAnnouncements(): void {
  provide(key, new Announcements());
}

/** Where to say what was done. */
export function useAnnouncements(): Announcements {
  const announcements = inject(key);
  if (announcements === undefined) throw new Error('nobody listens to announcements here');
  return announcements;
}
