import { describeEngineContract } from '../contract/index.js';
import { FakeEngine, FakeNetwork } from './index.js';

describeEngineContract('the fake engine', () => {
  const network = new FakeNetwork();
  return { open: (options) => new FakeEngine({ ...options, network }) };
});
