/** Shorter ones would be found in ordinary words all over the log. */
export const leastCharacters = 4;

/**
 * Finds known secrets in the forms in which they get into a text: as they are, URL-encoded, with JSON's
 * or another language's backslashes (any mixture of the three, once or several times over), in base64
 * of either alphabet at any offset, and in hex. Secrets of fewer than `leastCharacters` are left out.
 *
 * @returns undefined where there is nothing to look for
 */
export function secretPattern(secrets: readonly string[]): RegExp | undefined {
  const known = [...new Set(secrets.filter((secret) => secret.length >= leastCharacters))];
  // Where one secret begins with another, the longer one goes first.
  known.sort((a, b) => b.length - a.length);
  const forms = known.flatMap((secret) => [spelt(secret), ...base64Forms(secret), hexForm(secret)]);
  return forms.length === 0 ? undefined : new RegExp(forms.join('|'), 'g');
}

function spelt(secret: string): string {
  return [...secret].map(characterForms).join('');
}

/** Every way to write a character. A backslash-escape may itself have been escaped. */
function characterForms(character: string): string {
  const bytes = [...Buffer.from(character)];
  const percent = bytes.map((byte) => `%(?:25)*${anyCase(hex(byte))}`).join('');
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  const unicode = units
    .map((unit) => `\\\\+u${anyCase(unit.toString(16).padStart(4, '0'))}`)
    .join('');
  const short = shortEscapes[character];
  const forms = [literal(character), percent, unicode];
  if (/["'\\/]/.test(character)) forms.push(`\\\\+${literal(character)}`);
  if (units.length === 1 && units[0]! < 256) forms.push(`\\\\+x${anyCase(hex(units[0]!))}`);
  if (short) forms.push(`\\\\+${short}`);
  if (character === ' ') forms.push('\\+');
  return `(?:${forms.join('|')})`;
}

const shortEscapes: Record<string, string> = {
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\b': 'b',
  '\f': 'f',
};

/**
 * Within a longer text in base64 a secret begins at one of three offsets. The characters at its ends
 * depend on what is beside it as well: those in between are looked for, and the ends go with them.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = [...encoded.slice(from, to)]
      .map((c) => (c === '+' ? '(?:[+-]|%2[Bb])' : c === '/' ? '(?:\\\\*\\/|_|%2[Ff])' : c))
      .join('');
    return `[\\w+/-]{0,2}${core}[\\w+/-]{0,2}={0,2}`;
  });
}

function hexForm(secret: string): string {
  return [...Buffer.from(secret)].map((byte) => anyCase(hex(byte))).join('');
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
