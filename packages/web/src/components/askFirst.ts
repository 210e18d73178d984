import type { UseMutationReturnType } from '@tanstack/vue-query';
import { ref, shallowRef, type ShallowRef } from 'vue';
import { useAnnouncements } from './announcements.js';

/** What a ConfirmDialog shows and does about one thing of several; its properties are reactive. */
export interface AskFirst<Thing> {
  open: boolean;
  /** What it is about; stays while the dialog closes. */
  readonly about: Thing | null;
  readonly busy: boolean;
  readonly error: Error | null;
  ask(about: Thing): void;
  confirm(): void;
}

type Change<Input, Answer> = Pick<
  UseMutationReturnType<Answer, Error, Input, unknown>,
  'mutate' | 'reset' | 'isPending' | 'error'
>;

/**
 * Asks before `change` is made to a thing, and says when it is done.
 *
 * @param inputOf what the change wants to know of the thing
 * @param said what is announced then
 */
export function useAskFirst<Thing, Input, Answer>(
  change: Change<Input, Answer>,
  inputOf: (about: Thing) => Input,
  said: (about: Thing, answer: Answer) => string,
): AskFirst<Thing> {
  const announcements = useAnnouncements();
  const about: ShallowRef<Thing | null> = shallowRef(null);
  const open = ref(false);
  return {
    get open() {
      return open.value;
    },
    set open(wanted) {
      open.value = wanted;
    },
    get about() {
      return about.value;
    },
    get busy() {
      return change.isPending.value;
    },
    get error() {
      return change.error.value;
    },
    ask(thing) {
      about.value = thing;
      change.reset();
      open.value = true;
    },
    confirm() {
      const thing = about.value;
      if (thing === null) return;
      change.mutate(inputOf(thing), {
        onSuccess: (answer) => {
          open.value = false;
          announcements.say(said(thing, answer));
        },
      });
    },
  };
}
