import { readFileSync } from 'node:fs';

/** Bits of capability sets (linux/capability.h). */
const capSysAdmin = 21n;
const capBpf = 39n;

/** Whether the kernel takes programs and tables from us: CAP_BPF, or what it was part of, and no user namespace of our own. */
export function takesKernelPrograms(): boolean {
  const isFirstNamespace = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const has = (capability: bigint) => ((BigInt(`0x${effective}`) >> capability) & 1n) === 1n;
  return isFirstNamespace && (has(capBpf) || has(capSysAdmin));
}
