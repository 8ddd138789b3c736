import { loadConfig } from '../../config/index.ts';
import { type SupervisorEvent, supervise } from '../engine/supervisor.ts';
import { type Command, runCommand } from './command.ts';

const usage = `npm run engine

Starts the engine alone: the process that owns the model and the queue, behind HTTP on the loopback
(LIKEWISE_ENGINE_HOST, LIKEWISE_ENGINE_PORT) or on a unix socket (LIKEWISE_ENGINE_SOCKET). When it
crashes it is started again, and goes on with what was accepted. The bearer token that callers have to
show is made at the first start, in the file \`token\` of LIKEWISE_ENGINE_FOLDER (.likewise).

config/schema.ts lists every setting.
`;

/** The engine's process, looked after: it is started again when it crashes. */
export const engine: Command = async (args, { env, stdout, stderr, signal }) => {
  if (args.includes('--help') || args.includes('-h')) {
    stdout.write(usage);
    return;
  }
  // What is wrong with the settings is said once, here, and not at each start.
  loadConfig(env);
  process.exitCode = await supervise({
    program: new URL('../engine/main.ts', import.meta.url),
    env,
    signal,
    onEvent: (event) => {
      const said = supervisorWords(event);
      if (said) stderr.write(`${said}\n`);
    },
  });
};

/** What whoever watches ought to know. */
export function supervisorWords(event: SupervisorEvent): string | undefined {
  if (event.kind === 'crashed') {
    const how = event.signal ?? `status ${event.status}`;
    return `The engine crashed (${how}) and is started again in ${event.againMs / 1000} s.`;
  }
  return event.kind === 'killed' ? 'The engine did not end in time and was killed.' : undefined;
}

if (import.meta.main) await runCommand(engine);
