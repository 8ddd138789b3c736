/** Settings as they are read, before they are checked. */
export type Settings = { [name: string]: unknown };

export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every setting's path and value. */
export function leaves(
  settings: Settings,
  path: string[] = [],
): [path: string[], value: unknown][] {
  return Object.entries(settings).flatMap(([name, value]) =>
    isSettings(value) ? leaves(value, [...path, name]) : [[[...path, name], value]],
  );
}
