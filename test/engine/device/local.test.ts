import { expect, it } from 'vitest';
import { localDevice } from '../../../src/engine/device/index.ts';
import { deviceContract } from '../../contracts/device.ts';
import { createToyModel } from '../toy-model.ts';

deviceContract('a device on this thread', async () => localDevice(createToyModel()));
deviceContract('a device whose model guesses tokens', async () =>
  localDevice(createToyModel({ withTokenEncoder: true })),
);

it('closes its model', async () => {
  const model = createToyModel();
  await localDevice(model).close();
  expect(model.closed).toBe(true);
});
