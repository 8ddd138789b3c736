import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openAnswers } from '../../../../src/bots/discord/store.ts';
import { openStage } from '../discord-platform.ts';
import { analogy, buttonFor, eventually, long, overOf, resultOf, textIn } from '../members.ts';
import { steppedEngine } from '../stepped-engine.ts';
import type { SlashPlace } from '../twin/shapes.ts';

async function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-discord-'));
  const store = join(folder, 'discord.sqlite');
  const stage = await openStage({ engine: steppedEngine(), store });
  const { discord } = stage;
  onTestFinished(async () => {
    const wrong = discord.violations();
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
    expect(wrong).toEqual([]);
  });
  const { alice } = discord.users;
  const made = async (place: SlashPlace = {}) => {
    const act = analogy(discord, alice, {}, place);
    const result = await resultOf(act);
    await eventually(() => kept().includes(result.id));
    return { ...result, token: act.token };
  };
  const kept = () =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join();
  return {
    ...stage,
    alice,
    made,
    kept,
    async forget() {
      const question = await overOf(discord.slash(alice, 'forget-me'));
      const yes = discord.press(alice, question, buttonFor(question, 'forgetyes'));
      await yes.until((message) => /Forgotten: /.test(textIn(message)), long);
    },
    /** What a process leaves that ended before it deleted anything. */
    doom(tenant: string) {
      const answers = openAnswers(store);
      answers.doom(tenant, alice.id);
      answers.close();
    },
  };
}

it('posts of somebody who is forgotten go after the next start, where Discord did not let them before', async () => {
  const { discord, made, kept, forget, restart, logged } = await opened();
  const stuck = await made();
  const other = await made();
  discord.fail({ method: 'DELETE', path: new RegExp(stuck.token), status: 400, code: 50035 });
  await forget();
  await eventually(() => !discord.message(other.id) && !kept().includes(other.id));
  expect(discord.message(stuck.id)).toBeDefined();
  expect(kept()).toContain(stuck.id);
  expect(logged.map(([message]) => message)).toEqual(['a forgotten result is still posted']);
  await restart();
  await eventually(() => !discord.message(stuck.id) && !kept().includes(stuck.id));
  expect(kept()).not.toContain(stuck.token);
});

it('posts go after the next start, where the process ended before; one that is gone is no trouble', async () => {
  const { discord, made, kept, doom, restart, logged } = await opened();
  const results = [await made(), await made()];
  doom(`discord:${discord.guildId}`);
  if (results[0]) discord.deleteMessage(results[0]);
  await restart();
  await eventually(() => results.every(({ id }) => !discord.message(id) && !kept().includes(id)));
  expect(logged).toEqual([]);
});

it('posts out of reach are given up, and whoever they were for is told', async () => {
  const { discord, alice, made, kept, doom, restart, later, logged } = await opened();
  const result = await made({ userInstalled: true });
  doom(`discord:u${alice.id}`);
  later(15 * 60_000);
  await restart();
  const told = await eventually(() => discord.dms(alice)[0]);
  expect(textIn(told)).toMatch(/^Still posted: 1 of your results/);
  expect(discord.message(result.id)).toBeDefined();
  expect(kept()).not.toContain(result.id);
  expect(logged).toEqual([]);
  await restart();
  expect(discord.dms(alice)).toHaveLength(1);
});
