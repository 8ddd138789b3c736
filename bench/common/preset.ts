import { type Preset, presets } from '../../src/engine/inversion/index.ts';
import { wrong } from './arguments.ts';

/**
 * A preset with some of its options changed, by path: `{'tokens.iterations': 40}`.
 * @throws LikewiseError `USAGE` for a path that the preset has not
 */
export function presetWith(
  name: Preset['name'],
  overrides: Readonly<Record<string, unknown>>,
): Preset {
  const copy = structuredClone(presets[name]) as Preset;
  for (const [path, value] of Object.entries(overrides)) {
    const names = path.split('.');
    const last = names.pop() as string;
    let place: unknown = copy;
    for (const part of names) place = (place as Record<string, unknown> | null)?.[part];
    if (typeof place !== 'object' || place === null || !(last in place)) {
      throw wrong(`the preset "${name}" has no option "${path}"`);
    }
    (place as Record<string, unknown>)[last] = value;
  }
  return copy;
}
