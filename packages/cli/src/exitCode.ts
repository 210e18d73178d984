/** What the exit code of `masque-vpn` tells a script. */
export const exitCodes = {
  /** Done, or ended because somebody asked for it. */
  clean: 0,
  /** Failed for a reason that has no code of its own. */
  failure: 1,
  /** The command line, a configuration file or a profile is wrong: trying again does not help. */
  usage: 2,
  /** The server answered, and refused. */
  refused: 3,
  /** This user may not do that: root or CAP_NET_ADMIN is needed. */
  permission: 4,
  /** Nobody answers: the server or client in question does not run here. */
  notRunning: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
