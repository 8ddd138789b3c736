import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Views } from '../../commands/port.ts';
import { LikewiseError } from '../../errors.ts';
import type { WebEnv } from './sessions.ts';

/**
 * Hands the files of a request on to views.
 * @param drop lets go of the files: called once the views have read them, or are over
 * @returns the same views
 */
export type HandOn = (views: Views, drop: () => void) => Views;

export interface UploadLimits {
  /** Most bytes of one request, all its files together. */
  readonly bytes: number;
  /** Most requests with files that are held at once. */
  readonly requests: number;
}

/** Most bytes of a request without files: words, and the small pictures of an answer. */
const mostWords = 1_000_000;

/**
 * Few requests with files at once: what is sent is held in memory until the engine has read it, which
 * may be long after it was sent. Those without files always get in.
 *
 * Beyond that a request is refused as `TOO_MANY`, before it is read; one that is too heavy as `TOO_LARGE`.
 */
export function limitUploads({ bytes, requests }: UploadLimits): MiddlewareHandler<WebEnv> {
  const [heavy, light] = [atMost(bytes), atMost(Math.min(bytes, mostWords))];
  let held = 0;
  return async (c, next) => {
    if (!hasFiles(c)) {
      c.set('handOn', (views) => views);
      return light(c, next);
    }
    if (held >= requests) {
      throw new LikewiseError('TOO_MANY', { what: 'pictures of others', retrySeconds: 5 });
    }
    held++;
    let isHandedOn = false;
    c.set('handOn', (views, drop) => {
      isHandedOn = true;
      return untilRead(views, () => {
        held--;
        drop();
      });
    });
    try {
      return await heavy(c, next);
    } finally {
      if (!isHandedOn) held--;
    }
  };
}

/** Whether it is a form, as the page sends files. */
export function hasFiles(c: Context): boolean {
  return c.req.header('content-type')?.startsWith('multipart/form-data') ?? false;
}

/** For requests without files. @throws LikewiseError `TOO_LARGE` beyond so many bytes, said or not said */
export function atMost(bytes: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new LikewiseError('TOO_LARGE', { limit: bytes / 1e6 });
    },
  });
}

/** While pictures are read, the view is a progress without a job: the job has them. */
async function* untilRead(views: Views, read: () => void): Views {
  let isRead = false;
  const once = () => {
    if (!isRead) read();
    isRead = true;
  };
  try {
    for await (const view of views) {
      if (view.kind !== 'progress' || view.job !== undefined) once();
      yield view;
    }
  } finally {
    once();
  }
}
