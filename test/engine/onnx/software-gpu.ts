import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { canLoad } from '../../../src/engine/onnx/providers-present.ts';

const chromium = '/usr/lib/chromium';
const driver = join(chromium, 'vk_swiftshader_icd.json');
const loader = join(chromium, 'libvulkan.so.1');

/** Why there is no software Vulkan here; undefined: there is. Debian's Chromium brings one along. */
export const noSoftwareGpu: string | undefined = !existsSync(driver)
  ? `there is no ${driver}: install chromium`
  : !existsSync(loader) && !canLoad('libvulkan.so.1')
    ? 'there is no libvulkan.so.1: install libvulkan1'
    : undefined;

/**
 * The environment of a process whose WebGPU computes in software.
 * @param folder where it may put something, for as long as the process runs
 */
export function softwareGpu(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  // The loader alone: other libraries of that folder are the browser's own.
  const own = join(folder, 'libvulkan.so.1');
  if (existsSync(loader) && !existsSync(own)) symlinkSync(loader, own);
  return {
    PATH: process.env.PATH ?? '',
    LD_LIBRARY_PATH: folder,
    VK_DRIVER_FILES: driver,
    XDG_RUNTIME_DIR: folder,
  };
}
