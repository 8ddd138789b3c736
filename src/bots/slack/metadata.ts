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

/** At most 3000 characters, which a name and a few ids never are. */
export function metadataOf(metadata: Metadata): string {
  return JSON.stringify(metadata);
}

export function readMetadata(text: string): Metadata {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
