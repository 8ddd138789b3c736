/** Analogies that have a name: kept, found again, exchanged as files, and combined. */
export { type AnalogyModel, requireModel, type StoredAnalogy } from './analogy.ts';
export { averageDirections, sumDirections, type WeightedDirection } from './direction.ts';
export { type AnalogyFile, exportAnalogy, importAnalogy } from './exchange.ts';
export { openLibrary } from './library.ts';
export { checkDescription, checkName, foldName } from './names.ts';
export type * from './port.ts';
export { type FileLimits, fileLimits } from './safetensors.ts';
