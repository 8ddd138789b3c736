export { loadConfig } from './load.ts';
export { type Config, defaults } from './schema.ts';
export { secretsOf } from './secrets.ts';
