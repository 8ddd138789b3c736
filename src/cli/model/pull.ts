import { join, resolve } from 'node:path';
import { loadConfig } from '../../../config/index.ts';
import { type PullProgress, pull, stagingOf } from '../../engine/hub/index.ts';
import { isLikewiseError, LikewiseError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { downloadBar } from '../download-bar.ts';
import { reasonOf } from '../folders.ts';
import { inMegabytes, readOptions, wrongUse } from './words.ts';

/** `model pull OWNER/NAME`: a model of a hub, in a folder of its own. */
export async function pullModel(args: readonly string[], terminal: Terminal): Promise<void> {
  const { env, stdout, stderr, signal } = terminal;
  const { values, words } = readOptions(args, ['revision', 'hub', 'out']);
  const repo = repository(words);
  const config = loadConfig(env);
  const hub = address(values.hub ?? config.hub.url);
  const out = values.out ?? join('models', repo.replace('/', '--'));
  const revision = values.revision ?? 'main';
  const view = pullView(stderr);
  let last: PullProgress = { done: 0, total: 0, file: '' };
  try {
    const { record, kept } = await pull({
      ...{ hub, repo, revision, out: resolve(out), signal, token: config.hub.token },
      onProgress(progress) {
        last = progress;
        view.show(progress);
      },
    });
    view.stop();
    const size = record.files.reduce((sum, file) => sum + file.size, 0);
    const how = kept ? 'was here already, whole' : `${record.files.length} files, checked`;
    stdout.write(
      `${out}: ${repo} at ${record.commit.slice(0, 12)}, ${inMegabytes(size)} (${how}).\n` +
        `Next: npm run model -- check ${out}\nThen: LIKEWISE_MODEL=${out} npm start\n`,
    );
  } catch (error) {
    view.stop();
    if (signal.aborted) {
      const path = stagingOf(out).folder;
      const megabytes = (bytes: number) => Math.round(bytes / 1e6);
      const details = { done: megabytes(last.done), total: megabytes(last.total), path };
      // Said here: of an interrupt in general, nothing would be left to go on with.
      stderr.write(`${new LikewiseError('HUB_STOPPED', details).message}\n`);
      return;
    }
    if (isLikewiseError(error) || !(error as NodeJS.ErrnoException).syscall) throw error;
    const reason = reasonOf(error);
    throw new LikewiseError('OUTPUT_UNWRITABLE', { path: out, reason }, { cause: error });
  } finally {
    view.stop();
  }
}

function repository(words: readonly string[]): string {
  const [repo, extra] = words;
  if (repo === undefined) throw wrongUse('A repository is needed: OWNER/NAME');
  if (extra !== undefined) throw wrongUse(`"${extra}" is one too many: one repository at a time`);
  // Two names, of which neither leads out of the folder of models.
  if (!/^[A-Za-z\d][\w.-]*\/[A-Za-z\d][\w.-]*$/.test(repo)) {
    throw wrongUse(`"${repo}" is no repository: it is OWNER/NAME`);
  }
  return repo;
}

function address(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  throw wrongUse(`"${text}" is no address of a hub: it begins with https://`);
}

interface PullView {
  show(progress: PullProgress): void;
  stop(): void;
}

/** The bar, with the rate of this connection and the file that arrives. */
function pullView(stream: NodeJS.WriteStream): PullView {
  const bar = downloadBar(stream, ', {rate}/s  {file}');
  let first: { done: number; at: number } | undefined;
  return {
    show({ done, total, file }) {
      first ??= { done, at: performance.now() };
      // What an earlier run fetched says nothing of this connection.
      const seconds = Math.max(0.1, (performance.now() - first.at) / 1000);
      bar.show(done, total, { rate: inMegabytes(Math.max(0, done - first.done) / seconds), file });
    },
    stop: bar.stop,
  };
}
