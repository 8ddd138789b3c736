import { ZodError, type z } from 'zod';
import { refuse } from './refuse.ts';
import type { Texts } from './texts/index.ts';

type Issue = z.core.$ZodIssue;

/** Of a check that failed, the first thing that is wrong; any other error as it is. */
export function plain(error: unknown, texts: Texts): unknown {
  if (!(error instanceof ZodError)) return error;
  const issue: Issue | undefined = error.issues[0];
  const isExtra = issue?.code === 'unrecognized_keys';
  const field = String((isExtra ? issue.keys[0] : issue?.path[0]) ?? texts.input).slice(0, 40);
  return refuse('INPUT_INVALID', { field, reason: reasonOf(issue, texts) });
}

/** In the member's words, where there are such; else as the schema says it. */
function reasonOf(issue: Issue | undefined, { reasons }: Texts): string {
  switch (issue?.code) {
    case 'unrecognized_keys':
      return reasons.unknownField;
    case 'invalid_type':
      if (issue.expected === 'number') return reasons.notNumber;
      if (issue.expected === 'boolean') return reasons.notFlag;
      break;
    case 'invalid_value':
      return reasons.notChoice(issue.values.join(', '));
    case 'invalid_format':
      return reasons.notId;
    case 'too_small': {
      const least = String(issue.minimum);
      if (issue.origin === 'string') return reasons.tooShort(least);
      return issue.origin === 'array' ? reasons.tooFew(least) : reasons.tooSmall(least);
    }
    case 'too_big': {
      const most = String(issue.maximum);
      if (issue.origin === 'string') return reasons.tooLong(most);
      return issue.origin === 'array' ? reasons.tooMany(most) : reasons.tooBig(most);
    }
    case 'custom':
      return issue.params?.missing ? reasons.missing : reasons.notFile;
  }
  const message = issue?.message ?? 'it does not fit';
  return message.charAt(0).toLowerCase() + message.slice(1);
}
