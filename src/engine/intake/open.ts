import { canonicalPicture, type IntakeOptions } from './canonical.ts';
import { type ChildSettings, type ChildStatistics, openDecoder } from './child/index.ts';
import type { CanonicalPicture, PictureLimits } from './picture.ts';

/** The settings `intake`. */
export interface IntakeSettings extends PictureLimits {
  readonly child: ChildSettings;
}

export interface Intake {
  /**
   * Turns a stranger's bytes into a canonical picture, in the child process. Of unusual pictures
   * the first frame is used, as 8-bit sRGB, whatever the setting is; `remarks` says so.
   *
   * @throws LikewiseError `PICTURE_…`, `INTAKE_BUSY`, `INTAKE_UNUSABLE`
   */
  read(
    bytes: Uint8Array,
    options: Pick<IntakeOptions, 'size' | 'name' | 'signal'>,
  ): Promise<CanonicalPicture>;
  statistics(): ChildStatistics;
  /** Ends the child; what runs or waits is rejected. */
  close(): Promise<void>;
}

/**
 * Opens the way in for pictures of strangers: `openIntake(config.intake)`.
 *
 * @throws LikewiseError `INTAKE_UNUSABLE` where no child process can be started
 */
export async function openIntake(settings: IntakeSettings): Promise<Intake> {
  const { child, ...asked } = settings;
  const limits: PictureLimits = { ...asked, unusual: 'convert' };
  const { decode, statistics, close } = await openDecoder(child);
  return {
    read: (bytes, options) => canonicalPicture(bytes, { ...options, limits, decoder: decode }),
    statistics,
    close,
  };
}
