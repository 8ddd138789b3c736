import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeIds } from '../../../src/bots/slack/home.ts';
import { steppedEngine } from '../discord/stepped-engine.ts';
import {
  isResult,
  long,
  made,
  named,
  picture,
  press,
  pressed,
  pressesIn,
  pressFor,
  pressId,
  textIn,
  three,
  watcher,
} from './members.ts';
import { openStage, type Stage } from './stage.ts';
import type { Member, Message, Slack, SlackFile, Value, View } from './twin/shapes.ts';

describe.each(['http', 'socket'] as const)(
  'ways to begin and to look on Slack by %s',
  (transport) => {
    const engine = steppedEngine();
    const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
    let stage: Stage;
    let slack: Slack;
    let alice: Member;
    let bob: Member;
    let admin: Member;

    beforeAll(async () => {
      const locales = { bob: 'de-DE' };
      stage = await openStage({ engine, folder, transport, slack: { locales } });
      slack = stage.slack;
      ({ alice, bob, admin } = slack.users);
      await named(slack, alice, await made(slack, alice), 'glasses');
    });
    afterAll(async () => {
      const wrong = slack.violations();
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
      expect(wrong).toEqual([]);
      expect(stage.logged).toEqual([]);
    });

    it('Use these pictures, on messages with and without', async () => {
      const look = await slack.post(bob, 'look', [
        picture('e', 'e.png'),
        picture('e2', 'e2.png'),
        { ...picture('e3', 'e3.png'), connect: true },
      ]);
      expect((look.files as SlackFile[])[2]).toMatchObject({ file_access: 'check_file_info' });
      const view = await slack.messageShortcut(alice, 'use_pictures', look).view(long);
      const watched = watcher(slack, alice);
      await slack.submit(alice, view).acked(long);
      const result = await watched.result();
      expect(result.thread_ts).toBe(look.ts);
      const hex = (text: string) => `p.${Buffer.from(`picture ${text}`).toString('hex')}`;
      expect(engine.requests.at(-1)).toMatchObject({ kind: 'analogy', b: hex('e3') });
      // Swapped, with a picture of one's own.
      const other = await slack.messageShortcut(alice, 'use_pictures', look).view(long);
      const twice = slack.submit(alice, other, { use1: 'before', use2: 'before', use3: 'none' });
      expect(await twice.acked(long)).toMatchObject({ body: { response_action: 'errors' } });
      const uses = { use1: 'after', use2: 'before', use3: 'none' };
      const again = watcher(slack, alice);
      await slack.submit(alice, other, uses, { picture: [picture('f')] }).acked(long);
      await again.result();
      expect(engine.requests.at(-1)).toMatchObject({ b: hex('f') });
      const none = await slack.post(bob, 'no picture', [
        { name: 'a.txt', bytes: new Uint8Array(3) },
      ]);
      const refused = await slack.messageShortcut(alice, 'use_pictures', none).reply(0, long);
      expect(textIn(refused)).toBe('This message has no picture.');
    });

    it('from anywhere: the channel is asked; without one, the answer is direct', async () => {
      const begin = async (values: Record<string, Value>) => {
        const view = await slack.globalShortcut(alice, 'new_analogy').view(long);
        const watched = watcher(slack, alice);
        await slack.submit(alice, view, values, three).acked(long);
        return watched.result();
      };
      expect((await begin({ channel: slack.channels.other })).channel).toBe(slack.channels.other);
      expect((await begin({})).channel).toBe(slack.dmChannel(alice));
    });

    it('more pairs by the button; a saved analogy instead of A and A’', async () => {
      const view = await slack.slash(alice, '/analogy').view(long);
      slack.press(alice, view, 'pair:add');
      const wider = await slack.until(
        () =>
          slack.openViews(alice).find(({ blocks }) => JSON.stringify(blocks).includes('before2')),
        'A second pair',
        long,
      );
      const half = { ...three, before2: [picture('g')] };
      const errors = await slack.submit(alice, wider, {}, half).acked(long);
      expect(errors.body).toMatchObject({ errors: { after2: "A pair needs both: A and A'." } });
      const watched = watcher(slack, alice);
      const both = { ...half, after2: [picture('g2')] };
      await slack.submit(alice, slack.openViews(alice)[0] as View, {}, both).acked(long);
      await watched.result();
      expect(engine.requests.at(-1)).toMatchObject({ pairs: [{}, {}] });
      const saved = await slack.slash(alice, '/analogy').view(long);
      const { body } = await slack.suggest(alice, saved, 'value', 'gla').acked(long);
      expect(body).toMatchObject({ options: [{ value: 'glasses' }] });
      const asked = watcher(slack, alice);
      const files = { picture: [picture('h')] };
      await slack.submit(alice, saved, { analogy: 'glasses' }, files).acked(long);
      await asked.result();
      expect(engine.requests.at(-1)).toMatchObject({ kind: 'apply' });
      const named = await slack.slash(alice, '/analogy', 'apply glasses').view(long);
      const byName = watcher(slack, alice);
      await slack.submit(alice, named, {}, files).acked(long);
      await byName.result();
      expect(engine.requests.at(-1)).toMatchObject({ kind: 'apply' });
    });

    it('the library: listed, applied, exported, imported and deleted through its list', async () => {
      const library = () => slack.slash(alice, '/analogy', 'library').reply(0, long);
      const list = await library();
      expect(list.ephemeralTo).toBe(alice.id);
      expect(textIn(list)).toContain('glasses');
      const of = (message: Message, action: string, name: string) => {
        const rows = (message.blocks ?? []).filter((block) =>
          textIn({ blocks: [block] }).includes(name),
        );
        return pressFor({ blocks: rows }, action);
      };
      const applied = await pressed(stage, alice, list, of(list, 'use', 'glasses'));
      expect(isResult(applied)).toBe(true);
      const exporting = watcher(slack, alice);
      pressId(slack, alice, list, of(list, 'export', 'glasses'));
      const shared = await exporting.next(({ files }) => (files ?? []).length > 0, 'The file');
      const [file] = shared.files ?? [];
      expect(file?.name).toBe('glasses.safetensors');
      const bytes = slack.file(String(file?.id))?.bytes as Uint8Array;
      const importing = await slack.slash(alice, '/analogy', 'import').view(long);
      const imported = watcher(slack, alice);
      const upload = { file: [{ name: 'x.safetensors', bytes }] };
      await slack.submit(alice, importing, { name: 'spectacles' }, upload).acked(long);
      await imported.said(/Saved as spectacles/);
      const renewed = await library();
      const question = await pressId(
        slack,
        alice,
        renewed,
        of(renewed, 'delete', 'spectacles'),
      ).reply(0, long);
      expect(question.ephemeralTo).toBe(alice.id);
      await press(slack, alice, question, 'deleteyes').acked(long);
      await slack.until(
        () => slack.ephemerals(alice).find(({ ts }) => ts === question.ts && true),
        'The question',
      );
      await slack.until(
        () =>
          slack
            .ephemerals(alice)
            .some((one) => /spectacles.*deleted|deleted.*spectacles/i.test(textIn(one))),
        'The deletion',
        long,
      );
      expect(textIn(await library())).not.toContain('spectacles');
    });

    it('App Home: jobs, analogies, and settings for admins', async () => {
      const home = async (user: Member) => {
        await slack.openHome(user).acked(long);
        return slack.until(() => slack.homeOf(user), 'The home', long);
      };
      const mine = await home(alice);
      expect(textIn(mine)).toContain('glasses');
      expect(pressesIn(mine)).not.toContain(homeIds.settings);
      expect(textIn(await home(bob))).toMatch(/Neue Analogie/);
      const begun = await slack.press(alice, mine, homeIds.begin).view(long);
      slack.dismiss(alice, begun);
      const helped = watcher(slack, alice);
      slack.press(alice, slack.homeOf(alice) as View, homeIds.help);
      expect((await helped.said(/\/analogy/)).channel).toBe(slack.dmChannel(alice));
      const before = slack.calls('views.publish').length;
      slack.press(alice, slack.homeOf(alice) as View, homeIds.refresh);
      await slack.until(() => slack.calls('views.publish').length > before, 'A new home', long);
      const again = slack.homeOf(alice) as View;
      const exporting = watcher(slack, alice);
      pressId(slack, alice, again, pressFor(again, 'export'));
      const shared = await exporting.next(({ files }) => (files ?? []).length > 0, 'The file');
      expect(shared.channel).toBe(slack.dmChannel(alice));
      const theirs = await home(admin);
      const settings = await slack.press(admin, theirs, homeIds.settings).view(long);
      const set = watcher(slack, admin);
      await slack.submit(admin, settings, { perday: '50' }).acked(long);
      expect(textIn(await set.next())).toMatch(/50/);
    });

    it('settings: a dialog for admins, with what is set; refused for others', async () => {
      const refused = await slack.slash(bob, '/analogy', 'settings').reply(0, long);
      expect(textIn(refused)).toMatch(/Admin/);
      const view = await slack.slash(admin, '/analogy', 'settings').view(long);
      expect(JSON.stringify(view.blocks)).toContain('Now: 50');
      slack.dismiss(admin, view);
    });

    it('/analogy nonsense says what there is; help names the commands', async () => {
      const said = await slack.slash(alice, '/analogy', 'nonsense').reply(0, long);
      expect(textIn(said)).toMatch(/There is no nonsense\. There are: apply, .*queue.*forget/);
      const help = await slack.slash(alice, '/analogy', 'help').reply(0, long);
      expect(textIn(help)).toContain('/analogy library');
    });
  },
);
