export { serveAgent, type AgentMethods } from './agent.js';
export { Agent, Namespace } from './namespace.js';
export { typescriptCommand } from './typescriptCommand.js';
