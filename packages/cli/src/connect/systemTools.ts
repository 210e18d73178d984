import { type ClientTools, openClientNetwork, systemClock, systemResolve } from '@masque-vpn/client';
import { openEngine } from '@masque-vpn/engine';
import { linuxHost } from '@masque-vpn/host';

/** The machine this process runs on. */
export const systemTools: Omit<ClientTools, 'log'> = {
  openEngine,
  openNetwork: async (options) => openClientNetwork({ ...options, host: linuxHost() }),
  resolve: systemResolve,
  clock: systemClock,
  random: Math.random,
};
