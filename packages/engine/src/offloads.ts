/** Ways to move many packets at once that a host may lack. The snapshot says which are in use. */
export const offloads = [
  /** Many UDP datagrams in one send call (UDP_SEGMENT). */
  'udpSegmentation',
  /** Many UDP datagrams in one receive call (UDP_GRO). */
  'udpCoalescing',
  /** Each worker gets the UDP datagrams that belong to it (SO_ATTACH_REUSEPORT_CBPF); only with several workers. */
  'udpSteering',
  /** TCP super-packets from and to the TUN (IFF_VNET_HDR, TSO). */
  'tunTcp',
  /** UDP super-packets from and to the TUN (USO, Linux 6.2); never without `tunTcp`. */
  'tunUdp',
  /** A queue of the TUN for each worker (IFF_MULTI_QUEUE); only with several workers. */
  'tunQueues',
  /** The kernel puts each packet in the queue of the worker whose session has the destination (TUNSETSTEERINGEBPF, CAP_BPF); never without `tunQueues`. */
  'tunSteering',
] as const;
export type Offload = (typeof offloads)[number];
