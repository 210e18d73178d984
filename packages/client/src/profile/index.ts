/** What writes profiles needs, without the clients' machinery. */
export { ProfileDraft, readProfile } from './file.js';
export { interfaceName, type Profile, type TunnelPreferences } from './profile.js';
export { formatProfile, parseProfile } from './text.js';
