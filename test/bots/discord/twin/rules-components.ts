import type { JsonObject } from './shapes.ts';

export const list = (value: unknown) => (Array.isArray(value) ? (value as JsonObject[]) : []);
export const long = (value: unknown) => (typeof value === 'string' ? value.length : 0);
export const at = (component: JsonObject) =>
  String(component.custom_id ?? component.label ?? `type ${component.type}`);

/** A component and all that is in it. */
export function within(component: JsonObject): JsonObject[] {
  const inner = [...list(component.components)];
  for (const key of ['accessory', 'component']) {
    const one = component[key];
    if (one !== null && typeof one === 'object') inner.push(one as JsonObject);
  }
  return [component, ...inner.flatMap(within)];
}

/** The ids that occur more than once, and those that are too long. */
export function ids(components: readonly JsonObject[]): string[] {
  const out: string[] = [];
  const seen = new Set<string>();
  for (const component of components) {
    const id = component.custom_id;
    if (typeof id !== 'string') continue;
    if (id.length < 1 || id.length > 100) out.push(`custom_id of ${id.length} characters: ${id}`);
    if (seen.has(id)) out.push(`custom_id occurs twice: ${id}`);
    seen.add(id);
  }
  return out;
}

export function select(component: JsonObject): string[] {
  const out: string[] = [];
  const options = list(component.options);
  const values = options.map((one) => String(one.value));
  const name = at(component);
  if (options.length < 1 || options.length > 25) out.push(`${name}: ${options.length} options`);
  if (new Set(values).size < values.length) out.push(`${name}: a value occurs twice`);
  for (const option of options) {
    for (const key of ['label', 'value', 'description']) {
      if (long(option[key]) > 100) out.push(`${name}: ${key} over 100 characters`);
    }
    if (long(option.label) < 1 || long(option.value) < 1) out.push(`${name}: empty option`);
  }
  if (long(component.placeholder) > 150) out.push(`${name}: placeholder over 150 characters`);
  const least = Number(component.min_values ?? 1);
  const most = Number(component.max_values ?? 1);
  if (least < 0 || most < 1 || most > 25 || least > most || most > options.length) {
    out.push(`${name}: min_values ${least}, max_values ${most} of ${options.length}`);
  }
  const chosen = options.filter((one) => one.default === true).length;
  if (chosen > most) out.push(`${name}: ${chosen} options are the default`);
  return out;
}

function button(component: JsonObject): string[] {
  const out: string[] = [];
  const { style, label, url, custom_id: id, emoji } = component as Record<string, unknown>;
  if (long(label) > 80) out.push(`${at(component)}: label over 80 characters`);
  if (long(label) < 1 && !emoji) out.push(`${at(component)}: neither label nor emoji`);
  if (style === 5 ? long(url) < 1 || id !== undefined : long(id) < 1 || url !== undefined) {
    out.push(`${at(component)}: a link has an url, other buttons have a custom_id`);
  }
  if (long(url) > 512) out.push(`${at(component)}: url over 512 characters`);
  return out;
}

function row(component: JsonObject): string[] {
  const inner = list(component.components);
  const buttons = inner.filter((one) => one.type === 2).length;
  if (inner.length > 0 && buttons === inner.length && buttons <= 5) return [];
  if (inner.length === 1 && [3, 5, 6, 7, 8].includes(Number(inner[0]?.type))) return [];
  return ['a row has 1 to 5 buttons or exactly one select'];
}

function gallery(component: JsonObject): string[] {
  const items = list(component.items);
  const out = items.some((one) => long(one.description) > 1024)
    ? ['an alt text is over 1024 characters']
    : [];
  if (items.length < 1 || items.length > 10) out.push(`a gallery of ${items.length} items`);
  return out;
}

/** Rules of one component of a message. */
export function componentRules(component: JsonObject): string[] {
  switch (component.type) {
    case 1:
      return row(component);
    case 2:
      return button(component);
    case 3:
      return select(component);
    case 9: {
      const texts = list(component.components).length;
      return texts >= 1 && texts <= 3 ? [] : [`a section of ${texts} texts`];
    }
    case 10:
      return long(component.content) > 0 ? [] : ['a text is empty'];
    case 11:
      return long(component.description) > 1024 ? ['an alt text is over 1024 characters'] : [];
    case 12:
      return gallery(component);
    case 17: {
      const inner = list(component.components);
      const wrong = inner.find((one) => one.type === 17);
      if (inner.length === 0) return ['a container is empty'];
      return wrong === undefined ? [] : ['a container in a container'];
    }
    default:
      return [];
  }
}
