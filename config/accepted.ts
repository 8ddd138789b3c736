import { z } from 'zod';
import { schema } from './schema.ts';

/** What is used here of the JSON Schema that zod makes of a setting. */
interface Shape {
  type?: string;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  minItems?: number;
  items?: Shape;
  properties?: Record<string, Shape>;
}

/** What a setting takes, in words: `a whole number from 1 to 100`. @param path as zod reports it */
export function accepted(path: readonly PropertyKey[]): string {
  let shape: Shape | undefined = z.toJSONSchema(schema, { io: 'input' }) as Shape;
  for (const name of path) {
    shape = typeof name === 'number' ? shape?.items : shape?.properties?.[String(name)];
  }
  return shape ? inWords(shape) : 'something else';
}

/** Names of the settings under a path. */
export function namesUnder(path: readonly PropertyKey[]): string[] {
  let shape: Shape | undefined = z.toJSONSchema(schema, { io: 'input' }) as Shape;
  for (const name of path) shape = shape?.properties?.[String(name)];
  return Object.keys(shape?.properties ?? {});
}

function inWords(shape: Shape): string {
  if (shape.enum) return `one of ${shape.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  switch (shape.type) {
    case 'integer':
      return `a whole number${range(shape)}`;
    case 'number':
      return `a number${range(shape)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list of ${shape.minItems ? `${shape.minItems} or more, each ` : ''}${inWords(shape.items ?? {})}`;
    case 'object':
      return `a group of settings: ${Object.keys(shape.properties ?? {}).join(', ')}`;
    default:
      return shape.minLength ? 'text that is not empty' : 'text';
  }
}

function range({ minimum, maximum, exclusiveMinimum }: Shape): string {
  // Of whole numbers zod notes the largest that a double can hold: nobody set that limit.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (exclusiveMinimum !== undefined) {
    return most === undefined
      ? ` above ${exclusiveMinimum}`
      : ` above ${exclusiveMinimum}, at most ${most}`;
  }
  if (minimum === undefined || minimum === Number.MIN_SAFE_INTEGER) {
    return most === undefined ? '' : `, at most ${most}`;
  }
  return most === undefined ? `, ${minimum} or more` : ` from ${minimum} to ${most}`;
}
