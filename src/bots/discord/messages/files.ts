const longestName = 100;

/**
 * A name that Discord leaves as it is, so that a component finds the file by it: letters of ASCII,
 * digits and `. _ -`.
 * @param taken names of the message so far; the answer is added
 */
export function fileName(name: string, taken: Set<string>): string {
  const clean = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_');
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 ? clean.slice(dot).slice(0, 20) : '';
  // A name that begins with a dot is hidden, and one of underscores says nothing.
  const base = (dot > 0 ? clean.slice(0, dot) : clean).replace(/^[._-]+|[._-]+$/g, '') || 'file';
  for (let count = 1; ; count++) {
    const mark = count === 1 ? '' : `-${count}`;
    const unique = base.slice(0, longestName - extension.length - mark.length) + mark + extension;
    if (taken.has(unique.toLowerCase())) continue;
    taken.add(unique.toLowerCase());
    return unique;
  }
}
