export { FakeHost } from './host.js';
export { FakeHostNetwork } from './network.js';
