import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Drivers that compute on the processor, and one (dzn) that may. WebGPU would take such an adapter where
 * there is no other, and be a hundred times slower than the CPU provider.
 */
const software = /lvp|lavapipe|llvmpipe|swiftshader|mock|dzn/i;

/** Where GPUs appear to programs: render nodes, NVIDIA's devices, Windows' under WSL. */
const devices = /^(?:nvidia\d+|dxg)$/;

/**
 * Manifests of the Vulkan drivers that are not software, as the loader would find them.
 * @param roots `/dev` and the root of the file system
 * @returns their paths; a text: why there is no GPU to be had by them
 */
export function gpuDrivers(
  env: Environment,
  { dev = '/dev', root = '/' }: { dev?: string; root?: string } = {},
): string[] | string {
  const all = manifests(env, root);
  if (all.length === 0) return 'no Vulkan driver is installed: install that of the GPU';
  const drivers = all.filter((path) => !isSoftware(path));
  if (drivers.length === 0) {
    const names = all.map((path) => basename(path)).join(', ');
    return `there is only a software driver of Vulkan (${names}): install that of the GPU`;
  }
  const nodes = entries(dev).filter((name) => devices.test(name));
  const rendering = entries(join(dev, 'dri')).filter((name) => name.startsWith('renderD'));
  if (nodes.length + rendering.length === 0) return `no GPU is to be seen under ${dev}`;
  return drivers;
}

function manifests(env: Environment, root: string): string[] {
  const list = (value: string | undefined) =>
    (value ?? '').split(':').filter((path) => path !== '');
  const named = list(env.VK_DRIVER_FILES || env.VK_ICD_FILENAMES);
  if (named.length > 0) return named.flatMap(manifestsAt);
  const home = env.HOME ?? '';
  const folders = [
    ...list(env.XDG_CONFIG_HOME || (home && join(home, '.config'))),
    ...list(env.XDG_CONFIG_DIRS || join(root, 'etc/xdg')),
    join(root, 'etc'),
    ...list(env.XDG_DATA_HOME || (home && join(home, '.local/share'))),
    ...list(env.XDG_DATA_DIRS || `${join(root, 'usr/local/share')}:${join(root, 'usr/share')}`),
  ].map((folder) => join(folder, 'vulkan/icd.d'));
  const found = [...list(env.VK_ADD_DRIVER_FILES), ...folders].flatMap(manifestsAt);
  return [...new Set(found)];
}

/** A manifest, or those of a folder. */
function manifestsAt(path: string): string[] {
  if (path.endsWith('.json')) return [path];
  return entries(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(path, name));
}

function isSoftware(path: string): boolean {
  if (software.test(basename(path))) return true;
  try {
    const { ICD } = JSON.parse(readFileSync(path, 'utf8')) as { ICD?: { library_path?: string } };
    return software.test(basename(ICD?.library_path ?? ''));
  } catch {
    // What cannot be read drives nothing.
    return true;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
