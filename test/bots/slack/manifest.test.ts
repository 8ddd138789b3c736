import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { scopes as asksFor } from '../../../src/bots/slack/app.ts';
import { scopes } from './scopes.ts';

const manifest = JSON.parse(readFileSync('manifest.json', 'utf8'));
/** Slack's own, where it lies beside the repository. */
const schemaFile = '../shared/schemas/slack-manifest.schema.json';

/** Events that need no scope: the bot reads no messages. */
const freeEvents = ['app_home_opened', 'app_uninstalled', 'tokens_revoked'];

it.skipIf(!existsSync(schemaFile))('is as Slack’s schema says (skipped: it is not here)', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  // The module is CommonJS: its function is its `default` for types.
  (formats as unknown as (ajv: Ajv) => void)(ajv);
  const check = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
  check(manifest);
  expect(check.errors ?? []).toEqual([]);
  check({ ...manifest, display_information: { name: 'x'.repeat(36) } });
  expect(check.errors).not.toBeNull();
});

describe('the manifest', () => {
  it('keeps to Slack’s lengths', () => {
    const { display_information: shown, features } = manifest;
    expect(shown.name.length).toBeLessThanOrEqual(35);
    expect(shown.description.length).toBeLessThanOrEqual(140);
    expect(shown.long_description.length).toBeGreaterThanOrEqual(175);
    expect(shown.long_description.length).toBeLessThanOrEqual(4000);
    expect(shown.background_color).toMatch(/^#[0-9a-f]{6}$/);
    expect(features.bot_user.display_name.length).toBeLessThanOrEqual(80);
    for (const { name, callback_id, description } of features.shortcuts) {
      expect(name.length).toBeLessThanOrEqual(24);
      expect(callback_id).toMatch(/^[a-z_]{1,255}$/);
      expect(description.length).toBeLessThanOrEqual(150);
    }
    for (const { command } of features.slash_commands) expect(command).toMatch(/^\/[a-z]{1,31}$/);
  });

  it('asks for no scope that is not used', () => {
    const asked: string[] = manifest.oauth_config.scopes.bot;
    expect(asked.toSorted()).toEqual(Object.keys(scopes).sort());
    expect(asked).toEqual(asksFor);
    expect(manifest.oauth_config.scopes).not.toHaveProperty('user');
    expect(manifest.settings.event_subscriptions.bot_events.toSorted()).toEqual(freeEvents);
  });

  it('has the ways to begin, and one address for all that Slack sends', () => {
    const { features, settings } = manifest;
    const ids = features.shortcuts.map(({ type, callback_id }: Record<string, string>) => {
      return `${type} ${callback_id}`;
    });
    expect(ids).toEqual(['global new_analogy', 'message apply_analogy', 'message use_pictures']);
    const addresses = [
      features.slash_commands[0].url,
      settings.event_subscriptions.request_url,
      settings.interactivity.request_url,
      settings.interactivity.message_menu_options_url,
    ];
    expect(new Set(addresses)).toEqual(new Set(['https://likewise.example/slack/events']));
    expect(settings.socket_mode_enabled).toBe(true);
    expect(features.app_home).toMatchObject({
      home_tab_enabled: true,
      messages_tab_read_only_enabled: true,
    });
  });
});
