import { execFile } from 'node:child_process';
import type { Logger } from 'pino';

/** Tells the service manager how the server is doing (sd_notify(3)). */
export interface ServiceManager {
  /** Requests are served now. */
  ready(status: string): void;
  status(status: string): void;
  stopping(): void;
}

/** Runs a program with arguments, never through a shell; rejects when it fails. */
export type Run = (program: string, args: readonly string[]) => Promise<void>;

/**
 * The service manager that started us, known by NOTIFY_SOCKET; without one, nothing is told to nobody.
 *
 * Node has no Unix datagram sockets, so the message goes through systemd's own `systemd-notify`. It comes from
 * another process than the main one: the unit needs `NotifyAccess=all`.
 */
export function serviceManager(
  environment: Readonly<Record<string, string | undefined>>,
  logger: Logger,
  run: Run = runProgram,
): ServiceManager {
  if (environment['NOTIFY_SOCKET'] === undefined) {
    return { ready: () => undefined, status: () => undefined, stopping: () => undefined };
  }
  let queue = Promise.resolve();
  // One after the other: READY must not overtake STOPPING.
  const notify = (...variables: readonly string[]): void => {
    queue = queue
      .then(() => run('systemd-notify', variables))
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'systemd was not notified: is systemd-notify installed?');
      });
  };
  return {
    ready: (status) => notify('READY=1', `STATUS=${status}`),
    status: (status) => notify(`STATUS=${status}`),
    stopping: () => notify('STOPPING=1', 'STATUS=ending the open sessions'),
  };
}

function runProgram(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { timeout: 5_000 }, (error) => {
      if (error === null) resolve();
      else reject(new Error(`${program}: ${error.message}`, { cause: error }));
    });
  });
}
