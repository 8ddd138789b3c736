import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { zeroPng } from '../../../../bench/intake/png.ts';
import { defaults } from '../../../../config/index.ts';
import { type Intake, openIntake, remarks } from '../../../../src/engine/intake/index.ts';
import { animatedGif, quarters } from '../samples.ts';

const size = { width: 64, height: 64 };
const open: Intake[] = [];
afterEach(async () => {
  for (const intake of open.splice(0)) await intake.close();
});

async function intakeWith(child: Partial<typeof defaults.intake.child> = {}, more = {}) {
  const settings = { ...defaults.intake, ...more, child: { ...defaults.intake.child, ...child } };
  const intake = await openIntake(settings);
  open.push(intake);
  return intake;
}

describe('intake for strangers', () => {
  it('uses the first frame of an animation, and remarks on it', async () => {
    const intake = await intakeWith();
    const picture = await intake.read(await animatedGif(), { size });
    expect(picture).toMatchObject(size);
    expect(remarks(picture.origin)).toEqual(['It is animated: its first frame is used.']);
  });

  it('keeps a child for so many pictures', async () => {
    const intake = await intakeWith({ pictures: 2 });
    const bytes = await quarters(64, 64).png().toBuffer();
    const pids = [];
    for (let i = 0; i < 5; i++) {
      pids.push(intake.statistics().pid);
      await intake.read(bytes, { size });
    }
    expect(pids[1]).toBe(pids[0]);
    expect(pids[2]).not.toBe(pids[1]);
    expect(new Set(pids).size).toBe(3);
    expect(intake.statistics()).toMatchObject({ started: 3, crashed: 0 });
  });

  it('goes on when the child is killed between pictures', async () => {
    const intake = await intakeWith();
    process.kill(intake.statistics().pid as number, 'SIGKILL');
    const bytes = await quarters(64, 64).png().toBuffer();
    expect(await intake.read(bytes, { size })).toMatchObject(size);
  });

  it.skipIf(!existsSync('/proc'))('stops a bomb that passes the limits', async () => {
    const intake = await intakeWith({ megabytes: 128 }, { interlacedMegabytes: 200 });
    const bomb = zeroPng({ width: 5000, height: 5000, interlaced: true });
    expect(bomb.length).toBeLessThan(400_000);
    const error = await intake.read(bomb, { size, name: 'B' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'PICTURE_MEMORY' });
    expect(intake.statistics().memory).toBe(1);
    expect(await intake.read(await animatedGif(), { size })).toMatchObject(size);
  });
});

describe.skipIf(!existsSync('/proc'))('the child', () => {
  it('inherits nothing: no environment, no folder, no files', async () => {
    process.env.LIKEWISE_CANARY = 'secret-canary';
    const intake = await intakeWith().finally(() => {
      delete process.env.LIKEWISE_CANARY;
    });
    const proc = `/proc/${intake.statistics().pid}`;
    const names = readFileSync(`${proc}/environ`, 'latin1')
      .split('\0')
      .map((variable) => variable.split('=')[0])
      .filter((name) => name !== '');
    expect(names.filter((name) => name !== 'PWD')).toEqual(['MALLOC_ARENA_MAX']);
    expect(readlinkSync(`${proc}/cwd`)).toBe('/');
    const limits = readFileSync(`${proc}/limits`, 'utf8');
    expect(limits).toMatch(/^Max core file size\s+0\s+0/m);
    const data = Number(/^Max data size\s+(\d+)/m.exec(limits)?.[1]);
    expect(Math.abs(data - (512 + 1024) * 1e6)).toBeLessThan(1024);
  });

  it('ends when its parent is killed', async () => {
    const door = new URL('../../../../src/engine/intake/index.ts', import.meta.url);
    const settings = JSON.stringify(defaults.intake);
    const script = `import { openIntake } from ${JSON.stringify(door.href)};
      const intake = await openIntake(${settings});
      console.log(intake.statistics().pid);`;
    const args = ['--input-type=module-typescript', '-e', script];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    parent.kill('SIGKILL');
    for (let i = 0; i < 200 && alive(pid); i++) await sleep(20);
    expect(alive(pid)).toBe(false);
  });
});

/** A process that has ended and that nobody has asked about yet is there still, as a zombie. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
