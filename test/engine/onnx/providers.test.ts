import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  chooseProvider,
  type Host,
  type Provider,
  thisHost,
} from '../../../src/engine/onnx/providers.ts';
import {
  canLoad,
  cudaNeeds,
  cudaProviderFiles,
  type Machine,
  missingFor,
  runtimeFolder,
} from '../../../src/engine/onnx/providers-present.ts';
import { cudaSource } from '../../../src/engine/onnx/providers-source.ts';
import { tryProvider } from '../../../src/engine/onnx/providers-trial.ts';
import { gpuDrivers } from '../../../src/engine/onnx/providers-vulkan.ts';
import { cudaLinks, elfOf } from './elf-file.ts';
import { noSoftwareGpu, softwareGpu } from './software-gpu.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-providers-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** A machine on which those of `works` work and those of `lacking` lack something. */
function machine(platform: string, works: Provider[], lacking: Provider[] = []) {
  const asked: Provider[] = [];
  const host: Host = {
    platform,
    arch: 'x64',
    env: {},
    missing: (provider) => (lacking.includes(provider) ? 'lacking' : undefined),
    async attempt(provider) {
      asked.push(provider);
      return works.includes(provider) ? undefined : 'broken';
    },
  };
  return { host, asked };
}

describe('the choice', () => {
  test('a provider that is named is taken, and nothing is tried', async () => {
    const { host, asked } = machine('linux', ['cuda']);
    expect(await chooseProvider('dml', host)).toEqual({ provider: 'dml', tried: [] });
    expect(await chooseProvider()).toEqual({ provider: 'cpu', tried: [] });
    expect(asked).toEqual([]);
  });

  test('auto takes the first that works, in the order of the platform', async () => {
    const take = async (platform: string, works: Provider[]) =>
      (await chooseProvider('auto', machine(platform, works).host)).provider;
    expect(await take('linux', ['cuda', 'webgpu'])).toBe('cuda');
    expect(await take('win32', ['dml', 'webgpu'])).toBe('dml');
    expect(await take('darwin', ['webgpu', 'coreml'])).toBe('webgpu');
    expect(await take('darwin', ['coreml'])).toBe('cpu');
    expect(await take('aix', ['webgpu'])).toBe('cpu');
  });

  test('auto says why it did not take the others, and tries none that lacks something', async () => {
    const { host, asked } = machine('win32', ['webgpu'], ['cuda']);
    expect(await chooseProvider('auto', host)).toEqual({
      provider: 'cpu',
      tried: [
        { provider: 'cuda', why: 'lacking' },
        { provider: 'dml', why: 'broken' },
        { provider: 'webgpu', why: expect.stringContaining('software') },
      ],
    });
    expect(asked).toEqual(['dml']);
    const mac = machine('darwin', ['coreml']);
    expect(await chooseProvider('auto', mac.host)).toEqual({
      provider: 'cpu',
      tried: [
        { provider: 'webgpu', why: 'broken' },
        {
          provider: 'coreml',
          why: expect.stringContaining('only where LIKEWISE_PROVIDER names it'),
        },
      ],
    });
    expect(mac.asked).toEqual(['webgpu']);
  });

  test.skipIf(
    process.platform !== 'linux' || existsSync(join(runtimeFolder(), cudaProviderFiles[1])),
  )('without a GPU, auto ends at the CPU, and nothing is written to stderr', async () => {
    const program = `
        import { chooseProvider } from './src/engine/onnx/index.ts';
        process.stdout.write(JSON.stringify(await chooseProvider('auto')));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: { PATH: process.env.PATH, VK_DRIVER_FILES: join(dir, 'none.json') },
    });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(err).toBe('');
    const choice = JSON.parse(out) as { tried: { provider: string }[] };
    expect(choice).toMatchObject({ provider: 'cpu' });
    expect(choice.tried.map(({ provider }) => provider)).toEqual(['cuda', 'webgpu']);
  });
});

describe('an attempt', () => {
  test('runs a tiny graph in a process of its own', async () => {
    const { attempt, env } = thisHost();
    expect(await attempt('cpu', env)).toBeUndefined();
    expect(await attempt('coreml', env)).toMatch(
      process.platform === 'darwin' ? /./ : /macOS only/,
    );
  });

  test('that crashes says so, and harms nobody', async () => {
    const env = { ...process.env, NODE_OPTIONS: `--require ${join(dir, 'none.cjs')}` };
    expect(await thisHost().attempt('cpu', env)).toBe('the trial ended with status 1');
  });

  test.skipIf(noSoftwareGpu !== undefined)(
    `computes on WebGPU, and nowhere else ${noSoftwareGpu ?? ''}`,
    async () => {
      expect(await thisHost().attempt('webgpu', softwareGpu(join(dir, 'vulkan')))).toBeUndefined();
      const nowhere = {
        ...softwareGpu(join(dir, 'vulkan')),
        VK_DRIVER_FILES: join(dir, 'none.json'),
      };
      expect(await thisHost().attempt('webgpu', nowhere)).toMatch(/adapter/i);
    },
  );

  test('ONNX Runtime leaves out what it does not know: here it is refused', async () => {
    expect(await tryProvider('cpu')).toBeUndefined();
    expect(await tryProvider('nonsense' as Provider)).toMatch(/ONNX Runtime has cpu, .* only/);
  });
});

describe('what is missing', () => {
  let count = 0;
  /** A folder with a CUDA provider that is linked to these. */
  function linkedTo(libraries: readonly string[]) {
    const folder = join(dir, `runtime-${count++}`);
    mkdirSync(folder);
    const [shared, provider] = cudaProviderFiles;
    writeFileSync(join(folder, shared), elfOf([]));
    writeFileSync(join(folder, provider), elfOf(libraries));
    return folder;
  }
  const [folder, newer] = [linkedTo(cudaLinks(12)), linkedTo(cudaLinks(13))];
  const all: Machine = { platform: 'linux', arch: 'x64', folder, canLoad: () => true };

  test.each<[Provider, Partial<Machine>, RegExp | undefined]>([
    ['cpu', {}, undefined],
    ['cuda', {}, undefined],
    ['cuda', { folder: dir }, /npm run setup:cuda/],
    ['cuda', { arch: 'arm64' }, /linux\/x64 only.*linux\/arm64/],
    ['cuda', { platform: 'win32' }, /win32\/x64/],
    ['cuda', { canLoad: (name) => name !== 'libcuda.so.1' }, /driver of NVIDIA.*libcuda/],
    [
      'cuda',
      { canLoad: (name) => !/cudnn|curand/.test(name) },
      /^CUDA 12 .*libcurand\.so\.10, libcudnn\.so\.9 cannot be loaded: see docs/,
    ],
    ['cuda', { folder: newer, canLoad: (name) => !/\.so\.12/.test(name) }, undefined],
    [
      'cuda',
      { folder: newer, canLoad: (name) => !/\.so\.13/.test(name) },
      /^CUDA 13 .*libcudart\.so\.13.*libnvrtc\.so\.13 cannot be loaded; for CUDA 12, .* --cuda 12$/,
    ],
    ['cuda', { canLoad: (name) => /cuda\.so|cudnn/.test(name) }, /^CUDA 12 .*: see docs/],
    ['tensorrt', {}, /not installed/],
    ['dml', {}, /Windows only/],
    ['dml', { platform: 'win32' }, undefined],
    ['coreml', { platform: 'darwin' }, undefined],
    ['webgpu', {}, undefined],
    ['webgpu', { canLoad: () => false }, /apt install libvulkan1/],
    ['webgpu', { platform: 'darwin', canLoad: () => false }, undefined],
  ])('%s with %o', (provider, changed, expected) => {
    const found = missingFor(provider, { ...all, ...changed });
    if (expected) expect(found).toMatch(expected);
    else expect(found).toBeUndefined();
  });

  test.skipIf(process.platform !== 'linux')('the dynamic linker is asked', () => {
    expect(canLoad('libc.so.6')).toBe(true);
    expect(canLoad('libnone.so.1')).toBe(false);
  });

  test('what CUDA needs is read from the provider', () => {
    const libraries = cudaLinks(13).filter((name) => /^lib(?:cu|nv)/.test(name));
    const besides = libraries.filter((name) => name !== 'libcuda.so.1');
    expect(cudaNeeds(newer)).toEqual({ version: 13, libraries: [...besides, 'libcudnn.so.9'] });
    expect(cudaNeeds(linkedTo(['libcudnn.so.9', 'libcublas.so.14']))).toEqual({
      version: 14,
      libraries: ['libcudnn.so.9', 'libcublas.so.14'],
    });
  });

  test.each(cudaProviderFiles)('%s, where it is damaged, is named', (file) => {
    const damaged = linkedTo(cudaLinks(12));
    truncateSync(join(damaged, file), 100);
    const found = missingFor('cuda', { ...all, folder: damaged });
    expect(found).toMatch(new RegExp(`^${file} is damaged: .*; npm run setup:cuda replaces it$`));
  });

  test('a provider that is linked to no CUDA is none', () => {
    expect(cudaNeeds(linkedTo(['libc.so.6', 'libcublasLt.so.12']))).toMatch(/linked to no CUDA/);
  });

  test('CUDA comes in the version of the installed package, for one platform', () => {
    const source = cudaSource('linux', 'x64', 13);
    expect(source?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(source?.archive).toBe(`onnxruntime-linux-x64-gpu_cuda13-${source?.version}.tgz`);
    expect(source?.release).toMatch(new RegExp(`/tags/v${source?.version}$`));
    expect(cudaSource('linux', 'x64', 12)?.archive).toContain('gpu_cuda12-');
    expect(cudaSource('linux', 'arm64', 12)).toBeUndefined();
    expect(cudaSource('win32', 'x64', 12)).toBeUndefined();
  });
});

describe('drivers of Vulkan', () => {
  let count = 0;
  function system(files: Record<string, string>) {
    const root = join(dir, `root-${count++}`);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return { root, dev: join(root, 'dev') };
  }
  const manifest = (library: string) => JSON.stringify({ ICD: { library_path: library } });
  const radeon = {
    'usr/share/vulkan/icd.d/radeon_icd.x86_64.json': manifest('libvulkan_radeon.so'),
  };
  const lavapipe = { 'usr/share/vulkan/icd.d/lvp_icd.x86_64.json': manifest('libvulkan_lvp.so') };
  const renderNode = { 'dev/dri/renderD128': '' };

  test('of a GPU are found beside software, which is left out', () => {
    const at = system({ ...radeon, ...lavapipe, ...renderNode });
    expect(gpuDrivers({}, at)).toEqual([join(at.root, Object.keys(radeon)[0] ?? '')]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['none', { ...renderNode }, /no Vulkan driver is installed/],
    ['software alone', { ...lavapipe, ...renderNode }, /only a software driver.*lvp_icd/],
    [
      'software under another name',
      { 'etc/vulkan/icd.d/gpu.json': manifest('./libvk_swiftshader.so'), ...renderNode },
      /only a software driver/,
    ],
    ['one that cannot be read', { 'etc/vulkan/icd.d/gpu.json': '{', ...renderNode }, /only/],
    ['one of a GPU, and no GPU', { ...radeon, ...lavapipe }, /no GPU is to be seen/],
  ])('%s: there is no GPU', (_, files, why) => {
    expect(gpuDrivers({}, system(files))).toMatch(why);
  });

  test('are those that the environment names, where it names some', () => {
    const at = system({
      ...radeon,
      'dev/nvidia0': '',
      'own/nvidia.json': manifest('libGLX_nvidia.so'),
    });
    const own = join(at.root, 'own/nvidia.json');
    expect(gpuDrivers({ VK_DRIVER_FILES: own }, at)).toEqual([own]);
    expect(gpuDrivers({ VK_ICD_FILENAMES: join(at.root, 'own') }, at)).toEqual([own]);
    expect(gpuDrivers({ VK_ADD_DRIVER_FILES: own }, at)).toHaveLength(2);
  });
});
