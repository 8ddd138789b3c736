/** Models from a hub that speaks Hugging Face's protocol. The only folder that imports its library. */
export { type PullOptions, type PullProgress, type PullResult, pull } from './pull.ts';
export { isUnfinished, type PullRecord, readRecord, stagingOf } from './staging.ts';
