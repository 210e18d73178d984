/** Ways to move many packets at once that a host may lack. The snapshot says which are in use. */
export const offloads = [
  /** Many UDP datagrams in one send call (UDP_SEGMENT). */
  'udpSegmentation',
  /** Many UDP datagrams in one receive call (UDP_GRO). */
  'udpCoalescing',
  /** TCP super-packets from and to the TUN (IFF_VNET_HDR, TSO). */
  'tunTcp',
  /** UDP super-packets from and to the TUN (USO, Linux 6.2); never without `tunTcp`. */
  'tunUdp',
] as const;
export type Offload = (typeof offloads)[number];
