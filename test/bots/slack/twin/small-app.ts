import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, LogLevel } from '@slack/bolt';
import { onTestFinished } from 'vitest';
import { openSlack, type Slack, type SlackOptions } from './driver.ts';

export type SmallApp = App;
export type Transport = 'http' | 'socket';

const input = (name: string, label: string, element: object, optional = false) => ({
  type: 'input',
  block_id: name,
  label: { type: 'plain_text', text: label },
  element: { action_id: name, ...element },
  optional,
});
const pictures = (name: string, label: string) =>
  input(name, label, { type: 'file_input', max_files: 1, filetypes: ['png'] });

export const png = (name: string) => ({
  name: `${name}.png`,
  bytes: new TextEncoder().encode(name),
});

/** Three pictures and a number. */
export const modal = (metadata: string) => ({
  type: 'modal' as const,
  callback_id: 'analogy',
  private_metadata: metadata,
  title: { type: 'plain_text' as const, text: 'Analogy' },
  submit: { type: 'plain_text' as const, text: 'Go' },
  blocks: [
    pictures('a', 'A'),
    pictures('b', 'B'),
    pictures('c', 'C'),
    input(
      'strength',
      'Strength',
      { type: 'number_input', is_decimal_allowed: true, min_value: '0' },
      true,
    ),
  ],
});

export const image = (id: string) => ({
  type: 'image',
  alt_text: 'the result',
  slack_file: { id },
});
export const buttons = (...names: string[]) => ({
  type: 'actions',
  block_id: 'actions',
  elements: names.map((name) => ({
    type: 'button',
    action_id: name,
    value: '7',
    text: { type: 'plain_text', text: name },
  })),
});

/** Open until the test ends. Nothing depends on how fast the machine is: triggers live long. */
export async function open(options: SlackOptions = {}): Promise<Slack> {
  const slack = await openSlack({ triggerLife: 60_000, ...options });
  onTestFinished(slack.close);
  return slack;
}

/** An app with the test's own listeners, connected to the Slack of the test. */
export async function connect(
  slack: Slack,
  transport: Transport,
  listen: (app: SmallApp) => void,
  more: ConstructorParameters<typeof App>[0] = { token: slack.botToken },
): Promise<{ app: SmallApp; errors: unknown[]; url: string }> {
  const logger = { ...console, getLevel: () => LogLevel.ERROR, setLevel() {}, setName() {} };
  const quiet = Object.assign(logger, { debug() {}, info() {}, warn() {}, error() {} });
  const app = new App({
    ...more,
    logger: quiet,
    clientOptions: { slackApiUrl: slack.slackApiUrl, retryConfig: { retries: 0 } },
    ...(transport === 'http'
      ? { signingSecret: slack.signingSecret }
      : { socketMode: true, appToken: slack.appToken }),
  });
  const errors: unknown[] = [];
  app.error(async (error) => void errors.push(error));
  listen(app);
  onTestFinished(async () => {
    await app.stop().catch(() => undefined);
  });
  const server = (await app.start({ host: '127.0.0.1', port: 0 } as never)) as unknown as Server;
  if (transport === 'socket') {
    await slack.useSocket();
    return { app, errors, url: '' };
  }
  onTestFinished(() => server.closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  slack.useHttp(`${url}/slack/events`);
  return { app, errors, url };
}
