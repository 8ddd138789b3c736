/** What Discord's commands ask for besides the fields of the commands. */
export const wishes = ['pairs', 'private', 'spoiler'] as const;
export type Wish = (typeof wishes)[number];

/** Where a command of the chat is found among Discord's. */
export interface Placement {
  readonly command: string;
  readonly subcommand?: string;
  /** What its fields are called as options, where not by their own names. */
  readonly names?: Readonly<Record<string, string>>;
  /** Fields that are no options: a dialog asks for them. */
  readonly dialog?: readonly string[];
  readonly wishes?: readonly Wish[];
  /** Whether mentions in its texts stand for the ids of who is mentioned. */
  readonly mentions?: boolean;
}

/** Of a command that ends in a picture. */
const shown = ['private', 'spoiler'] as const;

/** Every command of `Commands.list`, by its name. */
export const placements = {
  analogy: {
    command: 'analogy',
    names: { before: 'a', after: 'a2', picture: 'b' },
    dialog: [2, 3, 4, 5].flatMap((n) => [`before${n}`, `after${n}`]),
    wishes: ['pairs', ...shown],
  },
  apply: { command: 'apply', names: { picture: 'image' }, wishes: shown },
  refine: { command: 'refine', wishes: shown },
  show: { command: 'show', wishes: shown },
  library: { command: 'library', subcommand: 'list' },
  name: { command: 'library', subcommand: 'name' },
  describe: { command: 'library', subcommand: 'describe' },
  rename: { command: 'library', subcommand: 'rename' },
  delete: { command: 'library', subcommand: 'delete' },
  export: { command: 'library', subcommand: 'export' },
  import: { command: 'library', subcommand: 'import' },
  status: { command: 'queue' },
  cancel: { command: 'cancel' },
  forget: { command: 'forget-me' },
  help: { command: 'help' },
  settings: { command: 'settings', mentions: true },
} as const satisfies Record<string, Placement>;

/** @throws Error for a command that has no place yet: a fault of the program */
export function placementOf(name: string): Placement {
  const placement = Object.hasOwn(placements, name) && placements[name as keyof typeof placements];
  if (!placement) throw new Error(`the command ${name} has no place among Discord's`);
  return placement;
}

/** What members type for a command. */
export function calledOn(name: string): string {
  const { command, subcommand }: Placement = placementOf(name);
  return subcommand === undefined ? `/${command}` : `/${command} ${subcommand}`;
}

/** The command that is meant by one of Discord's. */
export function findPlacement(
  command: string,
  subcommand: string | undefined,
): [name: string, placement: Placement] | undefined {
  const all: [string, Placement][] = Object.entries(placements);
  return all.find(([, at]) => at.command === command && at.subcommand === subcommand);
}

export function optionNameOf({ names = {} }: Placement, field: string): string {
  return Object.hasOwn(names, field) ? (names[field] as string) : field;
}

export function fieldNameOf({ names = {} }: Placement, option: string): string {
  return Object.entries(names).find(([, name]) => name === option)?.[0] ?? option;
}
