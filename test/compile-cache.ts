import { join } from 'node:path';

/**
 * Where Node keeps what it made of TypeScript and of libraries: half of the time of a program that
 * starts. The programs that tests start with an environment of their own are told of it as well.
 */
export const compileCache = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/node-compile'),
};
