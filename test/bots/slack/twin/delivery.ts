import { createHmac } from 'node:crypto';
import type { Ack, JsonObject, Slack } from './shapes.ts';
import type { Sockets } from './socket.ts';
import type { ActState } from './world.ts';

export interface Retry {
  readonly num: number;
  readonly reason?: string;
}

const FORM = 'application/x-www-form-urlencoded';

const read = (text: string, type: string | null): unknown => {
  if (text === '') return undefined;
  return type?.startsWith('application/json') === true ? (JSON.parse(text) as unknown) : text;
};

/** How what members do comes to the bot: signed requests, or envelopes on a socket. */
export function createDelivery(signingSecret: string, sockets: Sockets) {
  let address: string | undefined;

  async function post(
    body: string,
    type: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Ack> {
    if (address === undefined) throw new Error('Neither useHttp nor useSocket was called');
    const sentAt = performance.now();
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': type, 'user-agent': 'Slackbot 1.0', ...headers },
      body,
    });
    const text = await response.text();
    return {
      status: response.status,
      body: read(text, response.headers.get('content-type')),
      after: performance.now() - sentAt,
    };
  }

  function signed(body: string, timestamp: number): string {
    const digest = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`);
    return `v0=${digest.digest('hex')}`;
  }

  const raw: Slack['raw'] = (body, options = {}) => {
    const timestamp = options.timestamp ?? Math.floor(Date.now() / 1000);
    return post(body, options.contentType ?? FORM, {
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': options.signature ?? signed(body, timestamp),
    });
  };

  function byHttp({ kind, payload }: ActState, retry: Retry | undefined): Promise<Ack> {
    const [body, type] =
      kind === 'events_api'
        ? [JSON.stringify(payload), 'application/json']
        : kind === 'slash_commands'
          ? [new URLSearchParams(payload as Record<string, string>).toString(), FORM]
          : [new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), FORM];
    const timestamp = Math.floor(Date.now() / 1000);
    return post(body, type, {
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': signed(body, timestamp),
      ...(retry === undefined
        ? {}
        : {
            'x-slack-retry-num': String(retry.num),
            'x-slack-retry-reason': retry.reason ?? 'http_timeout',
          }),
    });
  }

  async function bySocket({ kind, payload }: ActState, retry: Retry | undefined): Promise<Ack> {
    const sentAt = performance.now();
    const event: JsonObject =
      kind === 'events_api'
        ? { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' }
        : {};
    const body = await sockets.deliver({
      type: kind,
      payload,
      accepts_response_payload: kind !== 'events_api',
      ...event,
    });
    const empty =
      body === null || (typeof body === 'object' && Object.keys(body as object).length === 0);
    return { status: 200, body: empty ? undefined : body, after: performance.now() - sentAt };
  }

  return {
    useHttp(url: string): void {
      address = url;
    },
    useSocket(): void {
      address = undefined;
    },
    raw,
    send: (act: ActState, retry?: Retry) =>
      address === undefined ? bySocket(act, retry) : byHttp(act, retry),
  };
}

export type Delivery = ReturnType<typeof createDelivery>;
