import { readFileSync } from 'node:fs';
import { StepFailure } from './failure.mjs';
import { findProgram, run, tail } from './program.mjs';

/** Program → Debian package that has it. */
const debianPackages = {
  nft: 'nftables',
  ip: 'iproute2',
  ping: 'iputils-ping',
  iperf3: 'iperf3',
  openssl: 'openssl',
  openvpn: 'openvpn',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  cc: 'build-essential',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  initdb: 'postgresql',
  'chromium-headless-shell': 'chromium-headless-shell',
};

/** @typedef {keyof typeof debianPackages} Program */

/** Names of the packages elsewhere, where they differ from Debian's. */
const otherNames = {
  dnf: {
    postgresql: 'postgresql-server',
    iproute2: 'iproute',
    'iputils-ping': 'iputils',
    'build-essential': 'gcc',
  },
  pacman: { 'iputils-ping': 'iputils', 'build-essential': 'gcc' },
  apk: { 'build-essential': 'build-base' },
};

/**
 * Sees to it that the programs are there: installs their packages as root on Debian or Ubuntu
 * (and says so), otherwise names the one command that does.
 * @param {import('./progress.mjs').Progress} progress
 * @param {readonly Program[]} programs
 * @param {'required' | 'wanted'} need `wanted` only says what is missing when it cannot be installed
 */
export async function preparePrograms(progress, programs, need) {
  const missing = programs.filter((name) => findProgram(name) === null);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => debianPackages[name]))];
  if (process.getuid?.() === 0 && isDebian()) {
    await progress.step(`Debian packages ${packages.join(' ')}`, (say) => install(packages, say));
    return;
  }
  const reason = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed`;
  const fix = installCommand(packages);
  if (need === 'required') throw new StepFailure('System packages', reason, fix);
  progress.note(
    `! ${reason}. The server needs ${missing.length === 1 ? 'it' : 'them'} to carry traffic: ${fix}`,
  );
}

/** @param {readonly string[]} packages @param {(line: string) => void} say */
async function install(packages, say) {
  const options = { onLine: say, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const arguments_ = ['install', '-y', '--no-install-recommends', ...packages];
  let outcome = await run('apt-get', arguments_, options);
  if (outcome.code !== 0) {
    // The usual reason is a machine whose package lists were never fetched.
    say('apt-get update');
    await run('apt-get', ['update'], options);
    outcome = await run('apt-get', arguments_, options);
  }
  if (outcome.code === 0) return;
  throw new StepFailure(
    'System packages',
    `apt-get install ended with code ${outcome.code}:\n       ${tail(outcome.output)}`,
    `install by hand: ${installCommand(packages)}`,
  );
}

/** @param {readonly string[]} packages */
function installCommand(packages) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  /** @param {Record<string, string>} names */
  const named = (names) => packages.map((name) => names[name] ?? name).join(' ');
  if (findProgram('apt-get') !== null) return `${sudo}apt-get install -y ${packages.join(' ')}`;
  if (findProgram('dnf') !== null) return `${sudo}dnf install -y ${named(otherNames.dnf)}`;
  if (findProgram('pacman') !== null) return `${sudo}pacman -S --needed ${named(otherNames.pacman)}`;
  if (findProgram('apk') !== null) return `${sudo}apk add ${named(otherNames.apk)}`;
  return `install ${packages.join(', ')} (Debian's names) with your package manager`;
}

function isDebian() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release) && findProgram('apt-get') !== null;
  } catch {
    return false;
  }
}
