import { type EnrolmentLink, parseEnrolmentLink } from '@masque-vpn/protocol';
import { commandFailed, type CommandResult } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import type { World } from '../world.js';

/** Longest text that is read in search of a link, bytes. */
const longestLink = 4096;

/** Whether an argument is an enrolment link, or says that one comes on standard input. */
export function isLink(argument: string): boolean {
  return argument === '-' || /^masque-vpn:/i.test(argument.trim());
}

/**
 * The link of an argument: the argument itself, standard input for `-`, and for none at all what somebody at a terminal
 * answers. Fails with CLI_INVALID_ARGUMENT or ENROLMENT_LINK_INVALID; no message repeats the secret.
 */
export async function readLink(argument: string | null, world: World): Promise<CommandResult<EnrolmentLink>> {
  const text = await linkText(argument, world);
  if (!text.ok) return text;
  const link = parseEnrolmentLink(text.value);
  if (link.ok) return link;
  return { ok: false, error: { ...link.error, exit: exitCodes.usage } };
}

async function linkText(argument: string | null, world: World): Promise<CommandResult<string>> {
  const { input } = world;
  if (argument === '-') {
    const text = await input.readAll(longestLink);
    return text === null ? wrong('What comes on standard input is too long for a link.') : given(text);
  }
  if (argument !== null) {
    world.hideArguments();
    return given(argument);
  }
  if (!input.isTerminal)
    return wrong('There is no link. Give it as an argument, or on standard input with "-".');
  const typed = await input.ask('Enrolment link (it is not shown): ', { secret: true });
  return typed === null ? wrong('There is no link.') : given(typed);
}

function given(text: string): CommandResult<string> {
  return { ok: true, value: text.trim() };
}

function wrong(message: string): CommandResult<string> {
  return commandFailed('CLI_INVALID_ARGUMENT', message, exitCodes.usage);
}
