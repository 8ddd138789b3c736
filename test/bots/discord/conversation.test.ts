import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIMessage } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './discord-platform.ts';
import {
  analogy,
  buttonFor,
  buttonsIn,
  choicesFor,
  eventually,
  galleryIn,
  isEphemeral,
  isRunning,
  labelsIn,
  long,
  overOf,
  picture,
  resultOf,
  runningOf,
  selectsIn,
  textIn,
} from './members.ts';
import { steppedEngine } from './stepped-engine.ts';
import type { Act, Discord, Person, Upload } from './twin/shapes.ts';

describe('a conversation with the Discord bot', () => {
  const engine = steppedEngine();
  const folder = mkdtempSync(join(tmpdir(), 'likewise-discord-'));
  let stage: Stage;
  let discord: Discord;
  let alice: Person;
  let bob: Person;
  /** What everything else is made from. */
  let first: APIMessage;
  /** What Bob asked for, about Alice's job. */
  let shownToBob: APIMessage;

  beforeAll(async () => {
    stage = await openStage({ engine, store: join(folder, 'discord.sqlite') });
    discord = stage.discord;
    ({ alice, bob } = discord.users);
  });
  afterAll(async () => {
    const wrong = discord.violations();
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
    expect(wrong).toEqual([]);
    expect(stage.logged).toEqual([]);
  });

  const linkTo = ({ channel_id: channel, id }: APIMessage) =>
    `https://discord.com/channels/${discord.guildId}/${channel}/${id}`;
  const press = (user: Person, message: APIMessage, action: string) =>
    discord.press(user, message, buttonFor(message, action));
  /** Presses, fills in what is asked, and waits for what comes of it. */
  const pressed = async (user: Person, message: APIMessage, id: string): Promise<Act> => {
    const act = discord.press(user, message, id);
    const { type, data } = await act.answered(long);
    if (type !== 9) return act;
    const asked = JSON.stringify(data);
    const fields = asked.includes('"name"') ? { name: `n${discord.requests.length}` } : {};
    const other = asked.includes('"analogy"') ? { analogy: 'glasses' } : {};
    const files: Record<string, Upload[]> = asked.includes('"picture"')
      ? { picture: [picture('d')] }
      : {};
    return discord.submit(user, String(data.custom_id), { ...fields, ...other }, files);
  };

  it('/analogy is acknowledged in time, tells how far it is, and ends in the grid', async () => {
    engine.held = true;
    engine.pause();
    const act = analogy(discord, alice);
    expect(await act.answered(long)).toMatchObject({ type: 5, data: {} });
    const waiting = await runningOf(act);
    expect(textIn(waiting)).toMatch(/1 job before|#2/);
    expect(textIn(waiting)).toMatch(/<t:\d+:R>/);
    expect(textIn(waiting)).toContain('▱▱▱ 0 %');
    expect(labelsIn(waiting)).toEqual(['Cancel']);
    engine.held = false;
    const drawn = await act.until((message) => galleryIn(message).length > 0, long);
    expect(textIn(drawn)).toContain('▰▰▰▰▰▰▰▱▱▱▱▱▱▱ 50 %');
    expect(drawn.attachments.map(({ filename }) => filename)).toEqual(['preview.png']);
    engine.proceed();
    first = await resultOf(act);
    // The preview went when the grid came.
    const [grid, ...others] = first.attachments;
    expect(others).toEqual([]);
    expect(grid).toMatchObject({ filename: 'likewise-grid.png' });
    expect(grid?.description).toMatch(/strengths?/i);
    expect(galleryIn(first)).toMatchObject([
      { media: { url: grid?.url }, description: grid?.description },
    ]);
    expect(new TextDecoder().decode(discord.file(String(grid?.url)))).toMatch(/\.grid$/);
    expect(labelsIn(first).slice(0, 5)).toEqual(['× 0', '× 0.5', '× 1', '× 1.5', '× 2']);
    expect(act.replies()).toHaveLength(1);
  });

  it('every button does something, and so does every button of what comes of it', async () => {
    const naming = await pressed(alice, first, buttonFor(first, 'name'));
    await overOf(naming);
    const saved = /Saved as (\w+)/.exec(textIn(naming.reply()))?.[1];
    await overOf(
      discord.slash(
        alice,
        'library',
        { analogy: String(saved), name: 'glasses' },
        { subcommand: 'rename' },
      ),
    );
    const seen = new Set<string>(['name', 'd.remove']);
    const all = [first];
    for (const message of all) {
      for (const id of buttonsIn(message)) {
        const action = String(id.split('~')[0]);
        // Each of the first message; of the others, what that one did not offer.
        if (message !== first && seen.has(action)) continue;
        if (action === 'd.remove' || action === 'name') continue;
        const act = await pressed(alice, message, id);
        const reply = await overOf(act);
        expect([action, textIn(reply)]).not.toEqual([action, expect.stringContaining('Code: ')]);
        expect(act.replies()).toHaveLength(1);
        if (!seen.has(action) && buttonsIn(reply).length > 0) all.push(reply);
        seen.add(action);
        const isRefined = /^(weaker|stronger|reverse|table|apply|combine|animate)$/.test(action);
        if (isRefined) expect(textIn(reply)).toContain(`[this result](${linkTo(message)})`);
      }
    }
    const wanted =
      'animate apply back combine finer less more original pick reverse stronger table';
    for (const action of [...wanted.split(' '), 'undo', 'weaker']) expect(seen).toContain(action);
  });

  it('whoever asked deletes a result, and nobody else but moderators', async () => {
    const { moderator } = discord.users;
    const result = await resultOf(press(alice, first, 'stronger'));
    const refused = press(bob, result, 'd.remove');
    expect(textIn(await overOf(refused))).toMatch(/Only whoever asked for it, or a moderator/);
    expect(isEphemeral(refused.reply() as APIMessage)).toBe(true);
    expect(discord.message(result.id)).toBeDefined();
    await press(alice, result, 'd.remove').answered(long);
    await eventually(() => discord.message(result.id) === undefined);
    const other = await resultOf(press(alice, first, 'stronger'));
    await press(moderator, other, 'd.remove').answered(long);
    await eventually(() => discord.message(other.id) === undefined);
  });

  it('Apply this analogy: by another member, and in another channel', async () => {
    const apply = async (user: Person, message: APIMessage) => {
      const act = discord.messageCommand(user, 'Apply this analogy', message);
      const { type, data } = await act.answered(long);
      expect([type, data.title]).toEqual([9, 'Apply this analogy']);
      const files = { picture: [picture('c')] };
      return resultOf(discord.submit(user, String(data.custom_id), {}, files));
    };
    const here = await apply(bob, first);
    expect(here.channel_id).toBe(discord.channelId);
    expect(textIn(here)).toContain(linkTo(first));
    const place = { channelId: discord.otherChannelId };
    shownToBob = await resultOf(
      discord.slash(bob, 'show', { job: buttonFor(first, 'name').split('~')[1] ?? '' }, place),
    );
    const there = await apply(alice, shownToBob);
    expect(there.channel_id).toBe(discord.otherChannelId);
    const none = discord.messageCommand(bob, 'Apply this analogy', discord.post(alice, 'hello'));
    expect(textIn(await overOf(none))).toBe('This message shows no result of mine.');
    expect(isEphemeral(none.reply() as APIMessage)).toBe(true);
  });

  it("Use as B, and as A and A', on a message with pictures", async () => {
    const one = discord.post(bob, 'my cat', [picture('e')]);
    const two = discord.post(bob, 'look', [picture('f', 'f.png'), picture('f2', 'f2.png')]);
    const none = discord.post(bob, 'no picture', [{ name: 'a.txt', bytes: new Uint8Array(3) }]);
    const useB = discord.messageCommand(alice, 'Use as B', one);
    const { data: named } = await useB.answered(long);
    expect(JSON.stringify(named)).toContain('glasses');
    const byName = discord.submit(alice, String(named.custom_id), { analogy: ['glasses'] });
    expect(textIn(await resultOf(byName))).toMatch(/strength/i);
    const { data: pair } = await discord.messageCommand(alice, 'Use as B', two).answered(long);
    const files = { a: [picture('g')], a2: [picture('g2')] };
    await resultOf(discord.submit(alice, String(pair.custom_id), {}, files));
    expect(engine.requests.at(-1)).toMatchObject({
      b: `p.${Buffer.from('picture f').toString('hex')}`,
    });
    const useA = discord.messageCommand(alice, "Use as A and A'", two);
    const { data: rest } = await useA.answered(long);
    await resultOf(discord.submit(alice, String(rest.custom_id), {}, { b: [picture('h')] }));
    expect(engine.requests.at(-1)).toMatchObject({ kind: 'analogy' });
    const said = async (name: string, message: APIMessage) =>
      textIn(await overOf(discord.messageCommand(alice, name, message)));
    expect(await said('Use as B', none)).toBe('This message has no picture.');
    expect(await said("Use as A and A'", none)).toBe('This message has no picture.');
    expect(await said("Use as A and A'", one)).toMatch(/only one picture; two are needed/);
  });

  it('the library: listed, applied, exported, imported and deleted through its lists', async () => {
    const library = async (user: Person) =>
      overOf(discord.slash(user, 'library', {}, { subcommand: 'list' }));
    await overOf(discord.slash(alice, 'library', { name: 'beard' }, { subcommand: 'name' }));
    const list = await library(alice);
    expect(isEphemeral(list)).toBe(true);
    expect(textIn(list)).toContain('glasses');
    const choose = (message: APIMessage, words: string, at: string) => {
      const { id, options } = choicesFor(message, words);
      const { value = '' } = options.find(({ label }) => label.endsWith(`. ${at}`)) ?? {};
      return discord.select(alice, message, id, [value]);
    };
    const words = selectsIn(list).map(({ placeholder }) => String(placeholder));
    expect(words).toHaveLength(3);
    const [apply = '', exporting = '', deleting = ''] = words;
    const { data } = await choose(list, apply, 'glasses').answered(long);
    const files = { picture: [picture('k')] };
    const applied = await resultOf(discord.submit(alice, String(data.custom_id), {}, files));
    expect(isEphemeral(applied)).toBe(false);
    const exported = await overOf(choose(list, exporting, 'glasses'));
    const [file] = exported.attachments;
    expect(file?.filename).toBe('glasses.safetensors');
    const bytes = discord.file(String(file?.url)) as Uint8Array;
    const again = { subcommand: 'import', attachments: { file: { name: 'x.safetensors', bytes } } };
    const imported = discord.slash(alice, 'library', { name: 'spectacles' }, again);
    expect(textIn(await overOf(imported))).toContain('Saved as spectacles');
    const focused = { option: 'analogy', value: 'spec' };
    const typed = discord.autocomplete(alice, 'library', focused, {}, { subcommand: 'export' });
    expect((await typed.answered(long)).data.choices).toMatchObject([{ value: 'spectacles' }]);
    const question = await overOf(choose(await library(alice), deleting, 'spectacles'));
    expect(isEphemeral(question)).toBe(true);
    const yes = press(alice, question, 'deleteyes');
    await yes.until((message) => buttonsIn(message).length === 0, long);
    expect(yes.reply()?.id).toBe(question.id);
    expect(textIn(await library(alice))).not.toContain('spectacles');
  });

  it('a restart in the middle: the new bot tells the end, and old buttons work', async () => {
    engine.held = true;
    const act = analogy(discord, alice);
    await runningOf(act);
    await stage.restart();
    engine.held = false;
    const result = await resultOf(act);
    expect(act.replies()).toHaveLength(1);
    expect(labelsIn(result)).toContain('Stronger');
    const old = await resultOf(press(bob, first, 'weaker'));
    expect(textIn(old)).toContain(linkTo(first));
  });

  it('/queue and /cancel, and the button of the message itself', async () => {
    engine.held = true;
    const act = analogy(discord, alice);
    const running = await runningOf(act);
    const queue = await overOf(discord.slash(alice, 'queue'));
    expect(isEphemeral(queue)).toBe(true);
    expect(textIn(queue)).toMatch(/1 to draw, 2 to look into/);
    const other = press(bob, running, 'cancel');
    expect(textIn(await overOf(other))).toContain('JOB_NOT_YOURS');
    expect(isEphemeral(other.reply() as APIMessage)).toBe(true);
    expect(textIn(await overOf(discord.slash(alice, 'cancel')))).toBe('Cancelled.');
    expect(textIn(await overOf(act))).toBe('Cancelled.');
    const second = analogy(discord, alice);
    const button = press(alice, await runningOf(second), 'cancel');
    expect((await button.answered(long)).type).toBe(6);
    await second.until((message) => !isRunning(message), long);
    expect(textIn(second.reply())).toBe('Cancelled.');
    engine.held = false;
    const nothing = await overOf(discord.slash(alice, 'cancel'));
    expect(textIn(nothing)).toBe('None of your jobs is waiting or running.');
  });

  it('/forget-me: what was posted goes, nothing is kept, and old buttons say so', async () => {
    const mine = () =>
      [...discord.messages(), ...discord.messages(discord.otherChannelId)].filter(
        (message) => message.interaction_metadata?.user.id === alice.id,
      );
    expect(mine().length).toBeGreaterThan(10);
    const question = await overOf(discord.slash(alice, 'forget-me'));
    expect(isEphemeral(question)).toBe(true);
    const yes = press(alice, question, 'forgetyes');
    await yes.until((message) => /Forgotten: /.test(textIn(message)), long);
    await eventually(() => mine().every((message) => !galleryIn(message).length));
    await stage.restart();
    const kept = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect(kept.join()).not.toContain(alice.id);
    expect(kept.join()).toContain(bob.id);
    const old = press(bob, discord.message(shownToBob.id) as APIMessage, 'stronger');
    expect(textIn(await overOf(old))).toContain('was forgotten or has expired');
    expect(isEphemeral(old.reply() as APIMessage)).toBe(true);
  });
});
