/** What reads and writes profiles needs, without the clients' machinery. */
export { checkCertificate, type ProfileCertificate } from './certificate.js';
export { ProfileDraft } from './draft.js';
export { readProfile } from './file.js';
export { defaultTunnel, interfaceName, type Profile, type TunnelPreferences } from './profile.js';
export { ProfileReplacement } from './replacement.js';
export { formatProfile, parseProfile } from './text.js';
