/** The engine as one thing: pictures in, jobs, results, the library, forgetting. */
export { type EngineHooks, type OpenEngine, openEngine } from './engine.ts';
