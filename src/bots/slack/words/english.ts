/** Every word that the Slack bot says by itself; what the commands say is theirs. */
export const english = {
  remove: 'Delete',
  more: 'More',
  /** @param url of the message with the result that was refined */
  refines: (url: string) => `From <${url}|this result>.`,
  /** @param when Slack's own mark of a time */
  ready: (when: string) => `ready at about ${when}`,
  retry: (when: string) => `It may be tried again at ${when}.`,
  code: (code: string) => `Code: ${code}`,
  previewAlt: 'Your picture, as far as it is.',
  /** Above a picture. */
  pictures: {
    grid: "A, A', B, and B changed likewise",
    animation: 'B changed likewise, to and fro',
    cell: 'B changed likewise',
  },
  pick: 'Show one of them in full size',
  suggested: 'The one to look at first',
  itemsLeftOut: (count: number) => `Not shown: ${count} more.`,
  cutShort: 'The rest is too long to be shown here.',
  /** Slack cannot blur pictures: hidden ones are in the thread. */
  hidden: 'Pictures are hidden here: open the thread of this message to see them.',
  filesBelow: 'The files are in the thread of this message.',
  /** With a picture in the thread. */
  threadLate: 'Slack could not show this picture in the message:',
  cancel: {
    title: 'Cancel this?',
    text: 'What was done for it so far is lost.',
    yes: 'Cancel it',
    no: 'Go on',
  },

  notYoursToDelete: 'Only whoever asked for it, or an admin, can delete it.',
  directMessage: 'The result of your private request:',
  /** Why the answer comes as a direct message: what the channel is closed by. */
  barriers: {
    uninvited:
      'I am no member of this channel: invite me with /invite, or have it sent to you alone.',
    archived: 'This channel is archived: nothing can be posted in it.',
    restricted: 'I may not post in this channel: its settings or your workspace’s do not allow it.',
  },
  noDirectMessage: 'Could not send you a direct message. The result is kept: “status” shows it.',
  interrupted: 'I was started anew before I had read all that you sent: give the command again.',
  noResult: 'This message shows no result of mine.',
  noFiles: 'This message has no picture.',
  /** @param scope as Slack calls it */
  missingScope: (scope: string) =>
    `The app lacks the permission ${scope}: an admin of the workspace has to install it again.`,
  unknownCommand: (name: string, known: string) =>
    `There is no ${name}. There are: ${known}; alone, the command asks for pictures.`,
  adminsOnly: 'Only admins of the workspace may change the settings.',

  home: {
    title: 'Likewise',
    intro:
      "Edits pictures by example: show it a picture before a change (A) and after it (A'), then your own (B), and it answers with B changed likewise.",
    begin: 'New analogy',
    help: 'Help',
    refresh: 'Refresh',
    forget: 'Forget all that is mine',
    settings: 'Settings of this workspace',
    settingsHelp: 'Who may use it, how often, and how results are shown.',
    change: 'Change …',
    ways: [
      'Write /analogy in a channel, and choose three pictures.',
      'On a message with pictures: More actions → “Use these pictures”.',
      'On a result that somebody posted: More actions → “Apply this analogy”.',
    ],
  },

  submit: 'Start',
  save: 'Save',
  close: 'Close',
  yes: 'Yes',
  no: 'No',
  range: (min: string, max: string) => `${min} to ${max}`,
  /** @param value what is set at present */
  now: (value: string) => `Now: ${value}`,
  choose: 'Choose',
  /** What a dialog calls the fields of the commands. */
  fields: {
    before: 'A, before the change',
    after: "A', after the change",
    picture: 'B, your picture',
    analogy: 'Analogy',
    job: 'Job',
    file: 'File',
    text: 'Words',
    strengths: 'Strengths',
    strength: 'Strength',
    guidance: 'Guidance',
    weight: 'Its weight',
    own: 'Weight of this one',
    name: 'Name',
    description: 'Description',
    enabled: 'Can be used here',
    roles: 'Roles that may use it',
    blocked: 'Users who may not',
    perday: 'Analogies a day and member',
    roleperday: 'Analogies a day, by role',
    cells: 'Pictures of one grid',
    retention: 'Days of results',
    spoilers: 'Hide results',
    privatereplies: 'Private answers',
    agerestricted: 'Only in age-restricted channels',
  },
  /** Titles have at most 24 characters. */
  dialogs: {
    analogy: {
      title: 'New analogy',
      intro: "A is to A' as B is to … likewise.",
      moreBefore: (n: number) => `A of pair ${n}`,
      moreAfter: (n: number) => `A' of pair ${n}`,
      saved: "A saved analogy, instead of A and A'",
      addPair: 'Add another pair',
      strengths: 'e.g. 0, 0.5, 1, 1.5, 2; below 0 is the opposite change',
      guidance: 'e.g. 2; or several, with commas',
      text: 'Words that nudge the change',
      where: 'Where to answer',
      here: 'In this channel',
      me: 'Only to me',
      channel: 'Channel to answer in',
      channelHelp: 'Left empty, only you get the answer.',
    },
    apply: { title: 'Apply this analogy', help: 'Your picture, to be changed likewise' },
    use: {
      title: 'Use these pictures',
      none: 'Leave out',
      picture: 'B, if it is none of these',
      untitled: (n: number) => `Picture ${n}`,
    },
    settings: { title: 'Settings' },
  },
  /** Below the field of a dialog that is to be mended. */
  errors: {
    pairOrSaved: "Choose A and A', or a saved analogy.",
    bothWays: "Choose either A and A', or a saved analogy.",
    halfPair: "A pair needs both: A and A'.",
    noPicture: 'Choose B, the picture that is to be changed.',
    twice: 'Two pictures cannot be used as the same.',
    twoPictures: 'B was chosen twice.',
  },
};

/** The bot's words in a language. */
export type Words = typeof english;
