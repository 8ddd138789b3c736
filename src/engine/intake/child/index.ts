/** A decoder in a process of its own, which a picture may take down. */
export {
  type ChildDecoder,
  type ChildSettings,
  type ChildStatistics,
  openDecoder,
} from './decoder.ts';
