import { enterPrivateNetwork } from './network/privateNetwork.js';

/** Once for all end-to-end suites, before the first. */
export async function setup(): Promise<void> {
  await enterPrivateNetwork();
}
