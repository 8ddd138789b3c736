import { z } from 'zod';

/** What a dialog has to know when it is sent: Slack keeps it, and members never see it. */
const schema = z.object({
  /** Where it was opened, and so where it is answered. */
  channel: z.string().optional(),
  thread: z.string().optional(),
  /** The message whose button opened it. */
  message: z.string().optional(),
  /** A saved analogy, by its name, or the job with a result. */
  analogy: z.string().optional(),
  job: z.string().optional(),
  /** Ids of a message's files. */
  files: z.array(z.string()).optional(),
});
export type Metadata = z.output<typeof schema>;

/** Characters of what may be a name: none is longer. */
const longestName = 200;

/** At most 3000 characters, whatever somebody wrote for a name. */
export function metadataOf({ analogy, ...rest }: Metadata): string {
  return JSON.stringify({ ...rest, analogy: analogy?.slice(0, longestName) });
}

export function readMetadata(text: string): Metadata {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
