import { at, ids, list, long, select, within } from './rules-components.ts';
import type { JsonObject } from './shapes.ts';

const IN_LABEL = [3, 4, 5, 6, 7, 8, 19, 21, 22, 23];

function between(value: unknown, least: number, most: number): boolean {
  return value === undefined || value === null || (Number(value) >= least && Number(value) <= most);
}

function textInput(component: JsonObject): string[] {
  const out: string[] = [];
  const name = at(component);
  const {
    min_length: least,
    max_length: most,
    value,
    style,
  } = component as Record<string, unknown>;
  if (!between(least, 0, 4000)) out.push(`${name}: min_length ${String(least)}`);
  if (!between(most, 1, 4000)) out.push(`${name}: max_length ${String(most)}`);
  if (Number(least ?? 0) > Number(most ?? 4000)) out.push(`${name}: min_length over max_length`);
  if (style !== 1 && style !== 2) out.push(`${name}: style ${String(style)}`);
  if (long(component.placeholder) > 100) out.push(`${name}: placeholder over 100 characters`);
  if (long(value) > Number(most ?? 4000)) out.push(`${name}: value over max_length`);
  if (long(value) > 0 && long(value) < Number(least ?? 0)) out.push(`${name}: value too short`);
  return out;
}

function fileUpload(component: JsonObject): string[] {
  const { min_values: least, max_values: most } = component as Record<string, unknown>;
  const bad =
    !between(least, 0, 10) || !between(most, 1, 10) || Number(least ?? 1) > Number(most ?? 1);
  return bad ? [`${at(component)}: ${String(least)} to ${String(most)} files`] : [];
}

function label(component: JsonObject): string[] {
  const out: string[] = [];
  const inner = component.component as JsonObject | undefined;
  const name = String(component.label);
  if (long(component.label) < 1 || long(component.label) > 45) {
    out.push(`label of ${long(component.label)} characters: ${name}`);
  }
  if (long(component.description) > 100) out.push(`${name}: description over 100 characters`);
  if (inner === undefined || !IN_LABEL.includes(Number(inner.type))) {
    return [...out, `${name}: a label cannot hold type ${String(inner?.type)}`];
  }
  if (inner.disabled === true) out.push(`${name}: nothing in a modal is disabled`);
  if (inner.type === 4 && inner.label) out.push(`${name}: the input has a label of its own`);
  return out;
}

/** What holds for a modal's data. */
export function modalRules(data: JsonObject): string[] {
  const out: string[] = [];
  const top = list(data.components);
  const all = top.flatMap(within);
  if (top.length < 1 || top.length > 5) out.push(`a modal of ${top.length} components`);
  if (long(data.title) < 1 || long(data.title) > 45) {
    out.push(`a title of ${long(data.title)} characters`);
  }
  out.push(...ids([data]), ...ids(all));
  for (const component of top) {
    if (![1, 10, 18].includes(Number(component.type))) {
      out.push(`a modal takes no type ${String(component.type)}`);
    }
    const inner = list(component.components);
    if (component.type === 1 && (inner.length !== 1 || inner[0]?.type !== 4)) {
      out.push('a row of a modal has exactly one text input');
    }
  }
  for (const component of all) {
    if (component.type === 18) out.push(...label(component));
    if (component.type === 4) out.push(...textInput(component));
    if (component.type === 19) out.push(...fileUpload(component));
    if (component.type === 3) out.push(...select(component));
  }
  return out;
}

/** What holds for the choices of an autocomplete. */
export function choiceRules(data: JsonObject | undefined): string[] {
  const choices = list(data?.choices);
  const out = choices.length > 25 ? [`${choices.length} choices`] : [];
  for (const { name, value } of choices) {
    if (long(name) < 1 || long(name) > 100) out.push(`a choice of ${long(name)} characters`);
    if (long(value) > 100) out.push(`the choice ${String(name)}: value over 100 characters`);
  }
  return out;
}
