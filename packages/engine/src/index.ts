export * from './engine.js';
export * from './snapshot.js';
