import {
  AutocompleteInteraction,
  type BaseInteraction,
  ChatInputCommandInteraction,
  Client,
} from 'discord.js';

/** An option as a member fills it in: `[name, type, value]`. */
export type Given = readonly [name: string, type: number, value: unknown];

const client = new Client({ intents: [] });
const user = { id: '4444444444444444444', username: 'ann', discriminator: '0', avatar: null };

/** The files of an interaction, by their ids. */
const resolved = (options: readonly Given[]) => ({
  attachments: Object.fromEntries(
    options
      .filter(([, type]) => type === 11)
      .map(([name, , id]) => [
        id,
        { id, filename: `${name}.png`, size: 7, url: '', proxy_url: '' },
      ]),
  ),
});

function build<Kind extends BaseInteraction>(
  Interaction: unknown,
  type: number,
  path: readonly string[],
  options: readonly Given[],
  focused?: string,
): Kind {
  const [name, subcommand] = path;
  const given = options.map(([option, kind, value]) => ({
    name: option,
    type: kind,
    value,
    ...(option === focused && { focused: true }),
  }));
  const data = {
    id: '5555555555555555555',
    name,
    type: 1,
    options: subcommand === undefined ? given : [{ name: subcommand, type: 1, options: given }],
    resolved: resolved(options),
  };
  const payload = {
    id: '6666666666666666666',
    application_id: '1111111111111111111',
    type,
    token: 'token',
    version: 1,
    user,
    locale: 'de',
    entitlements: [],
    authorizing_integration_owners: {},
    data,
  };
  return Reflect.construct(Interaction as new () => Kind, [client, payload] as unknown as []);
}

/** `/analogy …` as discord.js hands it over. */
export function called(
  path: readonly string[],
  options: readonly Given[],
): ChatInputCommandInteraction {
  return build(ChatInputCommandInteraction, 2, path, options);
}

/** While one of its options is typed. */
export function typed(
  path: readonly string[],
  options: readonly Given[],
  focused: string,
): AutocompleteInteraction {
  return build(AutocompleteInteraction, 4, path, options, focused);
}
