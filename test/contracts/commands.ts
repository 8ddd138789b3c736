import { afterEach, beforeEach, describe } from 'vitest';
import type { LazyFile } from '../../src/commands/port.ts';
import type { JobRequest } from '../../src/engine/protocol.ts';
import { type fakeEngine as FakeEngine, fakeEngine } from '../commands/fake-engine.ts';
import { buttonsContract } from './commands/buttons.ts';
import { jobsContract } from './commands/jobs.ts';
import { libraryContract } from './commands/library.ts';
import { makingContract } from './commands/making.ts';
import { membersContract } from './commands/members.ts';
import { type Platform, resultIn, type Stage } from './commands/platform.ts';
import { problemsContract } from './commands/problems.ts';
import { refiningContract } from './commands/refining.ts';

export type { Platform, Who } from './commands/platform.ts';

export interface PlatformTraits {
  /**
   * Whether a user other than the first can act in the same tenant, and has roles; otherwise why not,
   * in a few words: the cases of it are skipped with them. @default true
   */
  readonly several?: true | string;
}

/** What every platform must be able to do with the commands: each of them, each button, each error. */
export function commandsContract(
  name: string,
  open: (engine: ReturnType<typeof FakeEngine>) => Promise<Platform>,
  picture: (text: string) => LazyFile,
  { several = true }: PlatformTraits = {},
): void {
  describe(`${name} offers the commands`, () => {
    let engine: ReturnType<typeof FakeEngine>;
    let platform: Platform;
    const stage: Stage = {
      get engine() {
        return engine;
      },
      get platform() {
        return platform;
      },
      picture,
      three: () => ({
        before: picture('picture a'),
        after: picture('picture a2'),
        picture: picture('picture b'),
      }),
      make: async () => resultIn(await platform.run('analogy', stage.three())),
      asked: () => engine.requests.at(-1) as JobRequest,
    };
    beforeEach(async () => {
      engine = fakeEngine();
      platform = await open(engine);
    });
    afterEach(() => platform.close());

    makingContract(stage);
    refiningContract(stage);
    buttonsContract(stage);
    libraryContract(stage);
    jobsContract(stage);
    problemsContract(stage);

    const alone = several === true ? '' : ` (skipped: ${several})`;
    describe.runIf(several === true)(`with several users${alone}`, () => membersContract(stage));
  });
}
