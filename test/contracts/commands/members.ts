import { expect, it } from 'vitest';
import type { Button, View } from '../../../src/commands/port.ts';
import { listIn, problemIn, resultIn, type Stage, until } from './platform.ts';

/** Several people in one place. */
export function membersContract(stage: Stage): void {
  it('cancel is for whoever began it, and moderators', async () => {
    stage.engine.held = true;
    const running = stage.platform.run('analogy', stage.three());
    const job = await until(async () => listIn(await stage.platform.run('status')).items[0]?.ref);
    const other = problemIn(await stage.platform.run('cancel', { job }, { user: 'bob' }));
    expect(other.code).toBe('JOB_NOT_YOURS');
    const who = { user: 'bob', moderator: true };
    expect((await stage.platform.run('cancel', { job }, who)).at(-1)?.kind).toBe('text');
    expect((await running).at(-1)?.kind).toBe('cancelled');
  });

  it('what somebody saved is theirs', async () => {
    await stage.make();
    await stage.platform.run('name', { name: 'glasses' });
    const rename = { analogy: 'glasses', name: 'x' };
    const other = problemIn(await stage.platform.run('rename', rename, { user: 'bob' }));
    expect(other.code).toBe('ANALOGY_NOT_YOURS');
    const views = await stage.platform.run('rename', rename, { user: 'bob', moderator: true });
    expect(views.at(-1)?.kind).toBe('text');
  });

  it('nobody forgets for another', async () => {
    const question = (await stage.platform.run('forget')).at(-1) as View;
    const yes = question.buttons.flat()[0] as Button;
    expect(problemIn(await stage.platform.press(yes.id, {}, { user: 'bob' })).code).toBe(
      'JOB_NOT_YOURS',
    );
  });

  it('settings: only admins, and they hold', async () => {
    expect(problemIn(await stage.platform.run('settings')).code).toBe('ADMINS_ONLY');
    const admin = { admin: true };
    const roleOf = (role: '7' | '8') => stage.platform.roleOf?.(role) ?? role;
    const [seven, eight] = [roleOf('7'), roleOf('8')];
    const set = async (input: Record<string, unknown>) =>
      (await stage.platform.run('settings', input, admin)).at(-1)?.kind;
    expect(await set({ roles: `${seven}, ${eight}`, spoilers: 'true', privatereplies: true })).toBe(
      'text',
    );
    expect(problemIn(await stage.platform.run('analogy', stage.three())).code).toBe('ROLE_MISSING');
    const member = { roles: [eight] };
    const result = resultIn(await stage.platform.run('analogy', stage.three(), member));
    expect(result).toMatchObject({ spoiler: true, private: true });
    await set({ roles: 'everyone', perday: 1 });
    const quota = problemIn(await stage.platform.run('analogy', stage.three()));
    expect(quota).toMatchObject({ code: 'QUOTA_USED' });
    expect(quota.retrySeconds).toBeGreaterThan(0);
    await set({ roleperday: `${eight}=2` });
    resultIn(await stage.platform.run('analogy', stage.three(), member));
    expect(problemIn(await stage.platform.run('analogy', stage.three(), member)).code).toBe(
      'QUOTA_USED',
    );
    await set({ blocked: stage.platform.idOf?.('ada') ?? 'ada' });
    expect(problemIn(await stage.platform.run('library')).code).toBe('ROLE_MISSING');
    await set({ enabled: false });
    expect(problemIn(await stage.platform.run('library')).code).toBe('COMMANDS_OFF');
    expect((await stage.platform.run('forget')).at(-1)?.kind).toBe('confirm');
    expect(problemIn(await stage.platform.run('settings', { roleperday: 'x' }, admin)).code).toBe(
      'INPUT_INVALID',
    );
  });
}
