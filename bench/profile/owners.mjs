/**
 * Whose a stack is: the first rule of which some frame is. System calls come before the code that makes them, and of the rest the innermost
 * frame decides.
 * @type {readonly (readonly [owner: string, frames: RegExp, where: 'any' | 'innermost'])[]}
 */
const rules = [
  [
    'kernel: UDP send',
    /^(__sys_sendmsg|___?sys_sendmsg|udp_sendmsg|udpv6_sendmsg|__x64_sys_sendmsg)$/,
    'any',
  ],
  [
    'kernel: UDP receive',
    /^(__sys_recvmsg|___sys_recvmsg|udp_recvmsg|udpv6_recvmsg|__x64_sys_recvmsg)$/,
    'any',
  ],
  ['kernel: TUN write', /^(tun_chr_write_iter|tun_get_user)$/, 'any'],
  ['kernel: TUN read', /^(tun_chr_read_iter|tun_do_read)$/, 'any'],
  [
    'kernel: waiting and the rest',
    /^(entry_SYSCALL_64.*|do_syscall_64|asm_.*|irqentry_.*|ret_from_fork.*)$/,
    'any',
  ],
  ['AES-GCM', /aes|gcm|AEAD|ghash|gmult|GCM/, 'innermost'],
  ['copying', /^(__?mem(move|cpy|set)|memmove|memcpy|memset|copy_nonoverlapping)/, 'innermost'],
  ['memory management', /malloc|free|calloc|realloc|^mi_|alloc::/, 'innermost'],
  ['ours: packets, sessions, worker', /^masque_/, 'innermost'],
  ['HTTP/3', /^h3wire/, 'innermost'],
  ['QUIC and TLS', /^(quinn|rustls|aws_lc|bytes)/, 'innermost'],
];

const rest = 'the rest';

/** In the order in which they are shown. */
export const owners = [...rules.map(([owner]) => owner), rest];

/**
 * Share of each owner in all samples.
 * @param {readonly import('./record.mjs').Stack[]} stacks
 * @returns {Record<string, number>} 0–1
 */
export function sharesOf(stacks) {
  const total = stacks.reduce((sum, { count }) => sum + count, 0);
  /** @type {Record<string, number>} */
  const shares = {};
  for (const { frames, count } of stacks) {
    const owner = ownerOf(frames);
    shares[owner] = (shares[owner] ?? 0) + count / total;
  }
  return shares;
}

/**
 * The functions with the largest shares of their own, without what they call.
 * @param {readonly import('./record.mjs').Stack[]} stacks
 * @param {number} most
 * @returns {Record<string, number>} 0–1
 */
export function hottest(stacks, most) {
  const total = stacks.reduce((sum, { count }) => sum + count, 0);
  /** @type {Map<string, number>} */
  const own = new Map();
  for (const { frames, count } of stacks) {
    const innermost = frames.at(-1) ?? '';
    own.set(innermost, (own.get(innermost) ?? 0) + count / total);
  }
  return Object.fromEntries([...own].sort(([, a], [, b]) => b - a).slice(0, most));
}

/** @param {readonly string[]} frames from the outermost to the innermost */
export function ownerOf(frames) {
  const innermost = frames.at(-1) ?? '';
  const found = rules.find(([, pattern, where]) =>
    where === 'any' ? frames.some((frame) => pattern.test(frame)) : pattern.test(innermost),
  );
  return found?.[0] ?? callerOf(frames);
}

/** What a function of a library does, it does for whoever called it. @param {readonly string[]} frames */
function callerOf(frames) {
  const caller = frames.findLast((frame) => /^(masque_|quinn|rustls|h3wire)/.test(frame));
  if (caller === undefined) return rest;
  return rules.find(([, pattern]) => pattern.test(caller))?.[0] ?? rest;
}
