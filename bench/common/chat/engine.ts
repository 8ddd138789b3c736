/**
 * The engine's process: doors, queue, journal, intake, cache and library of the product, put together
 * as `openEngine` does, on the stand-in device.
 */
import { join } from 'node:path';
import { type Config, defaults } from '../../../config/index.ts';
import { cacheOptions, openCacheAt } from '../../../src/cache/index.ts';
import { openIntake } from '../../../src/engine/intake/index.ts';
import { presets } from '../../../src/engine/inversion/index.ts';
import { type Jobs, openJobs, openJournal } from '../../../src/engine/jobs/index.ts';
import { openLibrary } from '../../../src/engine/library/index.ts';
import { engineApp, listenEngine } from '../../../src/engine/server.ts';
import { createAllowance } from '../../../src/engine/service/allowance.ts';
import { createAnalogies } from '../../../src/engine/service/analogies.ts';
import { createDoors } from '../../../src/engine/service/doors.ts';
import { createExecutor } from '../../../src/engine/service/executor.ts';
import { createFiles } from '../../../src/engine/service/files.ts';
import { createNeeded } from '../../../src/engine/service/needed.ts';
import { createPictures } from '../../../src/engine/service/pictures.ts';
import { standInDevice } from './device.ts';
import { serve } from './processes.ts';

const [folder = '', token = ''] = process.argv.slice(2);

async function open(config: Config) {
  const needed = createNeeded();
  const library = openLibrary(join(folder, 'library.sqlite'), config.library);
  const cache = await openCacheAt(config.cache, {
    ...cacheOptions(config),
    durable: true,
    needed: (key) => needed.has(key),
  });
  const journal = openJournal(join(folder, 'journal.sqlite'));
  const intake = await openIntake(config.intake);
  const device = standInDevice();
  const files = createFiles(cache);
  const allowance = createAllowance({
    cache,
    files,
    admitBytes: (...asked) => jobs.admitBytes(...asked),
  });
  const pictures = createPictures({
    cache,
    intake,
    size: device.model.image,
    megabytes: config.intake.megabytes,
    within: allowance.within,
    isForgotten: (owner, since) => journal.isForgotten(owner, since),
  });
  const options = {
    device,
    cache,
    pictures,
    files,
    analogies: createAnalogies(cache, library),
    preset: presets.fast,
    seed: 0,
    needed,
    mode: config.render.mode,
    lost: () => undefined,
  };
  const jobs: Jobs = await openJobs({
    journal,
    executor: createExecutor(options),
    settings: config.jobs,
    onTaken: ({ id }) => needed.open(id),
    onLeft: (job) => needed.release(job),
    onForget: async (owner) => {
      files.forget(owner);
      library.forget(owner.tenant, owner.user);
      await cache.forget(owner.tenant, owner.user);
    },
    onWarning: (what, error) => process.stderr.write(`engine: ${what}: ${error}\n`),
  });
  return createDoors({
    ...options,
    config,
    jobs,
    library,
    allowance,
    forgotten: () => ({ pictures: 0, records: 0, analogies: 0 }),
    isAccepting: () => true,
    async close() {
      await jobs.close();
      await intake.close();
      await cache.close();
      journal.close();
      library.close();
    },
  });
}

const engine = await open({
  ...defaults,
  cache: join(folder, 'cache'),
  engine: { ...defaults.engine, folder },
});
const server = await listenEngine({
  app: engineApp({ engine, token, isReady: () => true }),
  host: '127.0.0.1',
  port: 0,
});
serve({
  ready: server.address,
  async close() {
    await server.close();
    await engine.close();
  },
});
