/**
 * Untrusted files and bytes to canonical pictures. The ways in: `readPicture` for one's own files,
 * `openIntake` for what strangers send.
 */
export { canonicalPicture, type IntakeOptions, readPicture } from './canonical.ts';
export {
  type ChildDecoder,
  type ChildSettings,
  type ChildStatistics,
  openDecoder,
} from './child/index.ts';
export { decode } from './decode.ts';
export { crop, letterbox } from './letterbox.ts';
export { type Intake, type IntakeSettings, openIntake } from './open.ts';
export type * from './picture.ts';
export { fromModelPixels, toModelPixels } from './pixels.ts';
export { remarks } from './remarks.ts';
