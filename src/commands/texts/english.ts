import type { MemberErrors } from './codes.ts';

/**
 * Every word that a member of a chat reads, in English. Another language is another such object.
 * Numbers are written as they are in the grid, and as fields take them: with a point.
 */
export const english = {
  reading: 'Reading the pictures.',
  next: 'Next in the queue.',
  position: (position: number) => `Number ${position} in the queue.`,
  working: (role: string | undefined, phase: string, step: number, steps: number) => {
    const what = role === undefined ? 'Drawing' : `Looking into ${role}`;
    const part = english.phases[phase];
    const count = steps > 0 ? `, step ${step} of ${steps}` : '';
    return `${what}${part && role !== undefined ? ` (${part})` : ''}${count}.`;
  },
  phases: {
    tokens: 'finding words for it',
    noise: 'finding its noise',
    'fixed-point': 'finding its noise',
  } as Record<string, string>,
  eta: (seconds: number) => {
    if (seconds < 1.5) return 'a second left';
    if (seconds < 90) return `about ${Math.round(seconds)} s left`;
    if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
    return `about ${Math.round(seconds / 3600)} h left`;
  },
  /** After how long something may be tried again: after “in”. Rounded up. */
  wait: (seconds: number) => {
    const of = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
    if (seconds < 90) return of(Math.ceil(seconds), 'second');
    if (seconds < 5400) return of(Math.ceil(seconds / 60), 'minute');
    if (seconds < 129_600) return of(Math.ceil(seconds / 3600), 'hour');
    return of(Math.ceil(seconds / 86_400), 'day');
  },
  remarks: {
    animated: 'is animated: its first frame is used.',
    cmyk: 'is made for print (CMYK): its colours may look different.',
    deep: 'has 16 bits a channel: 8 of them are used.',
  },
  cell: (lambda: string, guidance: string) => `strength ${lambda}, guidance ${guidance}`,
  cells: (lambda: string, guidance: string) => `Strength ${lambda} at guidance ${guidance}.`,
  suggested: (lambda: string) => `Look at strength ${lambda} first.`,
  gridAlt: (lambda: string, guidance: string) =>
    `A labelled grid. Above: the example before and after, and your picture. ` +
    `Below: your picture changed likewise, at strength ${lambda} and guidance ${guidance}.`,
  cellAlt: (cell: string) => `Your picture changed likewise, at ${cell}.`,
  animationAlt: (lambda: string) =>
    `A moving picture: your picture changed likewise, at strength ${lambda}, to and fro.`,
  cancelled: 'Cancelled.',
  nothingToCancel: 'None of your jobs is waiting or running.',
  over: 'That job was over already.',
  role: { before: 'A', after: "A'", picture: 'B' },
  saved: (name: string) => `Saved as ${name}. Anybody here can apply it by that name.`,
  changed: (name: string) => `Changed: ${name}.`,
  deleted: (name: string) => `Deleted: ${name}.`,
  deleteQuestion: (name: string) =>
    `Delete ${name} from the library? Nobody here can apply it by name afterwards.`,
  exported: (name: string) => `${name}, as a file that can be imported elsewhere.`,
  library: 'Analogies of this place',
  /** @param isMore whether there may be others that no page shows */
  found: (text: string, range: { from: number; to: number; of: number }, isMore: boolean) => {
    const { from, to, of } = range;
    const shown = to - from + 1 === of ? `${of}` : `${from} to ${to} of ${of}`;
    const more = isMore ? ', and perhaps more: search for a longer part of the name' : '';
    return `Analogies with “${text}” (${shown}${more})`;
  },
  foundNone: (text: string) => `Analogies with “${text}”`,
  libraryEmpty: 'There is none. Save one with its “Name” button.',
  savedBy: (owner: string, day: string) => `saved by ${owner}, made on ${day}`,
  unnamed: 'an analogy without a name',
  jobs: (render: number, inversion: number) =>
    `Your jobs. In the queue of all: ${render} to draw, ${inversion} to look into.`,
  notAccepting: 'Nothing new is accepted at the moment.',
  noJobs: 'You have none here.',
  jobTitle: { analogy: 'Analogy', apply: 'Applied analogy', render: 'Refinement' },
  states: {
    waiting: 'waiting',
    running: 'running',
    done: 'done',
    failed: 'failed',
    cancelled: 'cancelled',
  },
  forgetQuestion:
    'Forget all that is yours here: your pictures, results, saved analogies and jobs, running ones ' +
    'too? This cannot be undone.',
  forgotten: (what: { pictures: number; records: number; analogies: number; jobs: number }) =>
    `Forgotten: ${what.pictures} pictures, ${what.records} other records, ` +
    `${what.analogies} saved analogies, ${what.jobs} jobs.`,
  nothingChanged: 'Kept as it was.',
  original: 'In original quality.',
  notShown: (count: number) =>
    `Not shown, since one message takes no more: ${count}. Pick a cell to get it alone.`,
  help: {
    title: 'Likewise edits pictures by example',
    lines: [
      "Show it a picture before a change (A) and after it (A'), then your own (B): you get B changed likewise, at several strengths.",
      'Under each result: buttons to change strength and guidance, to reverse or combine it, to see it move, to name it, and to apply it to another picture.',
      'Pictures are kept for a limited time. “forget” removes all that is yours.',
    ],
    alt: 'An example: a face, the same face with glasses, another face, and that one with glasses.',
    command: (name: string, description: string) => `${name}: ${description}`,
  },
  buttons: {
    pick: (lambda: string) => `× ${lambda}`,
    weaker: 'Weaker',
    stronger: 'Stronger',
    finer: 'Finer',
    less: 'Guidance −',
    more: 'Guidance +',
    table: 'Both dials',
    reverse: 'Reverse',
    combine: 'Combine …',
    animate: 'Animate',
    apply: 'Apply to …',
    name: 'Name …',
    original: 'Download',
    undo: 'Undo',
    cancel: 'Cancel',
    show: 'Show',
    back: 'Back to the grid',
    again: 'Make it again',
    export: 'Export',
    delete: 'Delete …',
    deleteYes: 'Delete it',
    forgetYes: 'Forget all that is mine',
    keep: 'No',
    later: 'More',
  },
  commands: {
    analogy: "A is to A' as B is to …: change your picture by example",
    apply: 'Apply a named, posted or imported analogy to a picture',
    refine: 'Refine a result: what its buttons do, and both dials',
    show: 'Show a job: how far it is, or its result',
    library: 'List the analogies of this place, or find some',
    name: 'Save the analogy of a result under a name',
    describe: 'Describe a saved analogy',
    rename: 'Rename a saved analogy',
    delete: 'Delete a saved analogy',
    export: 'Get a saved analogy as a file',
    import: 'Save an analogy from a file',
    status: 'Your jobs, and the queue',
    cancel: 'Cancel a job',
    forget: 'Forget all that is yours here',
    help: 'What this is and how it is used',
    settings: 'Show or change the settings of this place',
  },
  fields: {
    before: 'A: a picture before the change',
    after: "A': the same picture after the change",
    picture: 'B: your picture, to be changed likewise',
    moreBefore: (n: number) => `A of pair ${n}: their changes are averaged`,
    moreAfter: (n: number) => `A' of pair ${n}`,
    text: 'Words that nudge the change',
    strengths: 'Strengths, e.g. 0, 0.5, 1, 1.5, 2; below 0 is the opposite change',
    guidances: 'Guidance, e.g. 2; or several',
    strength: 'The strength that is meant',
    guidance: 'The guidance that is meant',
    job: 'The job that is meant; your latest where none is named',
    analogy: 'Its name',
    other: 'The analogy to combine it with',
    file: 'An analogy as a .safetensors file',
    action: 'What to do with it',
    weight: 'How much the other one counts; below 0 is its opposite',
    own: 'How much this one counts',
    name: 'A name, at most 64 characters',
    newName: 'The new name, at most 64 characters',
    description: 'What it does, in a sentence (at most 500 characters); empty removes it',
    search: 'A part of the name',
    enabled: 'Whether the commands can be used here',
    roles: 'Ids of the roles that may use it, with commas; “everyone” for all',
    blocked: 'Ids of users who may not, with commas; “nobody” for none',
    perday: 'Most analogies of one member a day; 0 for no limit',
    roleperday: 'The same for roles, e.g. 123=20, 456=50; “none” for no such rule',
    cells: 'Most pictures of one grid',
    retention: 'Days after which results are removed; named analogies stay',
    agerestricted: 'Whether it can be used only where adults alone are let in',
    spoilers: 'Whether results are hidden until they are clicked',
    privatereplies: 'Whether only whoever asks sees the answer',
  },
  reasons: {
    missing: 'it is missing',
    unknownField: 'there is no such field',
    notNumber: 'it is not a number',
    notFlag: 'it is neither true nor false',
    notFile: 'it is not a file',
    notChoice: (choices: string) => `it is none of ${choices}`,
    tooShort: (least: string) => `it has fewer than ${least} characters`,
    tooLong: (most: string) => `it is longer than ${most} characters`,
    tooSmall: (least: string) => `it is less than ${least}`,
    tooBig: (most: string) => `it is more than ${most}`,
    tooFew: (least: string) => `it names fewer than ${least}`,
    tooMany: (most: string) => `it names more than ${most}`,
    notId: 'only letters, digits and . _ : @ + - are allowed',
    pair: 'it is missing in its pair',
    oneSource: 'only one of analogy, job and file can be applied',
    needsStrength: 'it is needed where a guidance is given',
    noParent: 'there is nothing before it',
    noName: 'the file has none, so choose one',
    rules: 'write it as 123=20, 456=50',
  },
  /** What a detail of an error is called, where the table's own word is not for members. */
  details: { user: 'member', tenant: 'place' } as Readonly<Record<string, string>>,
  /** In place of the table's texts. */
  errors: {} as MemberErrors,
  input: 'The input',
  settingsTitle: 'Settings of this place',
  settingsSaved: 'Saved.',
  everyone: 'everyone',
  nobody: 'nobody',
  none: 'none',
  noLimit: 'no limit',
  yes: 'yes',
  no: 'no',
  /** For errors that only the operator can mend: what a member reads in place of the table's text. */
  faults: {
    INTERNAL: {
      sentence: 'Something went wrong that should not have.',
      next: 'Try again; if it happens again, tell whoever runs this.',
    },
    ENGINE: {
      sentence: 'What makes the pictures cannot be reached at the moment.',
      next: 'Try again in a minute: what was accepted goes on.',
    },
    SETUP: {
      sentence: 'What makes the pictures is not set up rightly.',
      next: 'Tell whoever runs this.',
    },
    JOB: {
      sentence: 'The picture could not be made.',
      next: 'Start it again; if it fails again, tell whoever runs this.',
    },
    FULL: {
      sentence: 'There is no room for anything new at the moment.',
      next: 'Nothing is lost. Try again later, or tell whoever runs this.',
    },
    UNUSUAL: (picture: string, trait: string) => ({
      sentence: `${picture} is ${trait}, which is refused, since converting it would change it.`,
      next: 'Save it as a still PNG or JPEG, sRGB, 8 bits a channel.',
    }),
    ANALOGY_GONE: {
      sentence: 'The analogy of this message was deleted or has expired.',
      next: 'Make it again from its pictures, or look through the library.',
    },
    JOB_GONE: {
      sentence: 'The result of this message was forgotten or has expired.',
      next: 'Make it again.',
    },
    FILE_GONE: {
      sentence: 'The picture is no longer kept.',
      next: 'Make it again.',
    },
  },
};

export type Texts = typeof english;
