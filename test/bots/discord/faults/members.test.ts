import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../discord-platform.ts';
import {
  analogy,
  buttonFor,
  codeOf,
  eventually,
  galleryIn,
  isEphemeral,
  isSpoiler,
  long,
  overOf,
  picture,
  resultOf,
  textIn,
} from '../members.ts';
import { steppedEngine } from '../stepped-engine.ts';
import type { Act, Discord, Options, Upload } from '../twin/shapes.ts';

/** What members may, and who sees what. */
describe('members of a server with the Discord bot', () => {
  const engine = steppedEngine();
  let stage: Stage;
  let discord: Discord;
  let users: Discord['users'];

  beforeEach(async () => {
    stage = await openStage({ engine });
    discord = stage.discord;
    users = discord.users;
  });
  afterEach(async () => {
    const wrong = discord.violations();
    await stage.close();
    expect(wrong).toEqual([]);
    expect(stage.logged).toEqual([]);
  });

  const set = async (options: Options) => {
    const said = await overOf(discord.slash(users.admin, 'settings', options));
    expect(textIn(said)).not.toContain('Code: ');
  };
  const isPrivate = async (act: Act) => isEphemeral(await overOf(act));

  it('two press at once: each has an answer of their own', async () => {
    const { alice, bob } = users;
    const result = await resultOf(analogy(discord, alice));
    const acts = [alice, bob].map((user) =>
      discord.press(user, result, buttonFor(result, 'stronger')),
    );
    const [one, other] = await Promise.all(acts.map(resultOf));
    expect(one?.id).not.toBe(other?.id);
    expect(discord.messages()).toHaveLength(3);
  });

  it('what is hidden stays hidden when it is refined, or applied from the menu', async () => {
    const { alice, bob } = users;
    const result = await resultOf(analogy(discord, alice, { spoiler: true }));
    expect(isSpoiler(result)).toBe(true);
    const refined = discord.press(bob, result, buttonFor(result, 'stronger'));
    expect(isSpoiler(await resultOf(refined))).toBe(true);
    const menu = discord.messageCommand(bob, 'Apply this analogy', result);
    const id = String((await menu.answered(50_000)).data.custom_id);
    const applied = discord.submit(bob, id, {}, { picture: [picture('c')] });
    expect(isSpoiler(await resultOf(applied))).toBe(true);
    expect(isSpoiler(await resultOf(analogy(discord, alice)))).toBe(false);
  });

  it('a server that hides results hides previews and downloads, too', async () => {
    const { alice } = users;
    await set({ spoilers: true });
    engine.pause();
    const act = analogy(discord, alice);
    expect(isSpoiler(await act.until((message) => galleryIn(message).length > 0, long))).toBe(true);
    engine.proceed();
    const result = await resultOf(act);
    const download = await overOf(discord.press(alice, result, buttonFor(result, 'original')));
    const shown = JSON.stringify(download.components);
    expect(shown.match(/"spoiler":true/g)).toHaveLength(download.attachments.length);
    expect(download.attachments.length).toBeGreaterThan(1);
  });

  it('what is private is so from the start, where the engine takes its time', async () => {
    const { alice } = users;
    const { job, jobs } = engine;
    const slow = async <Value>(value: Promise<Value>) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return value;
    };
    const result = await resultOf(analogy(discord, alice));
    const ask = (options: Options) => discord.slash(alice, 'show', options);
    engine.jobs = (owner) => slow(jobs(owner));
    engine.job = (owner, id) => slow(job(owner, id));
    expect(isEphemeral(await resultOf(ask({ private: true })))).toBe(true);
    expect(isEphemeral(await resultOf(ask({})))).toBe(false);
    await set({ privatereplies: true });
    expect(isEphemeral(await resultOf(ask({})))).toBe(true);
    expect(isEphemeral(await resultOf(ask({ private: false })))).toBe(false);
    const press = discord.press(alice, result, buttonFor(result, 'weaker'));
    expect(isEphemeral(await resultOf(press))).toBe(true);
    Object.assign(engine, { job, jobs });
  });

  it('what only one sees stays theirs: refined, looked at again, downloaded', async () => {
    const { alice } = users;
    const result = await resultOf(analogy(discord, alice, { private: true }));
    expect(isEphemeral(result)).toBe(true);
    for (const action of ['stronger', 'pick', 'original']) {
      const act = discord.press(alice, result, buttonFor(result, action));
      expect([action, await isPrivate(act)]).toEqual([action, true]);
    }
    const queue = await overOf(discord.slash(alice, 'queue'));
    const [, job] = buttonFor(result, 'name').split('~');
    const select = JSON.stringify(queue.components).match(/"custom_id":"(select[^"]*)"/)?.[1];
    const show = discord.select(alice, queue, String(select), [`show~${job}`]);
    expect(isEphemeral(await resultOf(show))).toBe(true);
    expect(discord.messages()).toEqual([]);
  });

  it('settings: private replies, hidden pictures, roles and quotas', async () => {
    const { alice, moderator } = users;
    await set({ privatereplies: true, spoilers: true });
    const result = await resultOf(analogy(discord, alice));
    expect([isEphemeral(result), isSpoiler(result)]).toEqual([true, true]);
    await set({ privatereplies: false, roles: `<@&${discord.roles.moderators}>` });
    const refused = analogy(discord, alice);
    expect(await codeOf(refused)).toBe('ROLE_MISSING');
    expect(await isPrivate(refused)).toBe(true);
    await set({ perday: 1 });
    await resultOf(analogy(discord, moderator));
    const used = analogy(discord, moderator);
    expect(await codeOf(used)).toBe('QUOTA_USED');
    expect(textIn(await overOf(used))).toMatch(/<t:\d+:R>/);
    expect(await isPrivate(used)).toBe(true);
    expect(() => discord.slash(alice, 'settings')).toThrow(/hidden/);
  });

  it('settings: where adults alone are let in', async () => {
    const { alice } = users;
    await set({ agerestricted: true });
    const refused = analogy(discord, alice);
    expect(await codeOf(refused)).toBe('AGE_RESTRICTED');
    expect(await isPrivate(refused)).toBe(true);
    const place = { channelId: discord.adultChannelId };
    const result = await resultOf(analogy(discord, alice, {}, place));
    await resultOf(discord.press(alice, result, buttonFor(result, 'stronger'), place));
  });

  it('who added it for themselves is no moderator of what others made elsewhere', async () => {
    const { alice, bob, moderator } = users;
    const place = { userInstalled: true };
    const result = await resultOf(analogy(discord, alice, {}, place));
    const remove = (user: typeof alice) =>
      discord.press(user, result, buttonFor(result, 'd.remove'), place);
    const refused = await overOf(remove(bob));
    expect(textIn(refused)).toMatch(/Only whoever asked for it, or a moderator/);
    expect(discord.message(result.id)).toBeDefined();
    await remove(moderator).answered(long);
    await eventually(() => discord.message(result.id) === undefined);
  });

  it('what only one sees stays so, and hidden, when it is applied or used from the menu', async () => {
    const { alice } = users;
    const result = await resultOf(analogy(discord, alice, { private: true, spoiler: true }));
    const { putPicture } = engine;
    // What this engine draws is none that it takes.
    engine.putPicture = (owner, _, signal) => putPicture(owner, picture('x').bytes, signal);
    const from = async (name: string, files: Record<string, Upload[]>) => {
      const menu = discord.messageCommand(alice, name, result);
      const id = String((await menu.answered(long)).data.custom_id);
      return resultOf(discord.submit(alice, id, {}, files));
    };
    for (const made of [
      await from('Apply this analogy', { picture: [picture('c')] }),
      await from('Use as B', { a: [picture('a')], a2: [picture('a2')] }),
    ]) {
      expect([isEphemeral(made), isSpoiler(made)]).toEqual([true, true]);
    }
    expect(discord.messages()).toEqual([]);
    engine.putPicture = putPicture;
  });

  it('another language', async () => {
    const { alice } = users;
    const result = await resultOf(analogy(discord, alice, {}, { locale: 'de' }));
    expect(JSON.stringify(result.components)).toContain('Löschen');
  });
});
