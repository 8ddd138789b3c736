/** Every word that the Discord bot says by itself; what the commands say is theirs. */
export const english = {
  /** Under a picture. */
  remove: 'Delete',
  /** @param url of the message with the result that was refined */
  refines: (url: string) => `From [this result](${url}).`,
  /** @param when Discord's own mark of a time, which says how long it is until then */
  ready: (when: string) => `ready ${when}`,
  retry: (when: string) => `It may be tried again ${when}.`,
  code: (code: string) => `Code: ${code}`,
  previewAlt: 'Your picture, as far as it is.',
  pick: 'Show one of them in full size',
  suggested: 'The one to look at first',
  moreButtons: 'More',
  done: 'Done.',
  pictureTooLarge: 'A picture is too large to be shown here.',
  fileTooLarge: (name: string) => `The file ${name} is too large to be sent here.`,
  filesLeftOut: (count: number) => `Not shown: ${count} more files.`,
  cutShort: 'The rest is too long to be shown here.',

  notYoursToDelete: 'Only whoever asked for it, or a moderator, can delete it.',
  longPrivate:
    'This takes longer than Discord lets a private answer wait: the result comes as a direct message.',
  directMessage: 'The result of your private request:',
  stillPosted: (count: number) =>
    `Still posted: ${count} of your results, where I am no member or may not write. Delete them by hand there.`,
  noPicture: 'This message has no picture.',
  onePicture: 'This message has only one picture; two are needed.',
  noResult: 'This message shows no result of mine.',
  ticketGone: 'What was sent with it is no longer kept; choose the command again.',
  interrupted: 'I was started anew before I had read all that you sent: give the command again.',
  closedChannel:
    'I may not write in the channel where you asked: it takes View Channel, Send Messages and Attach Files. So the result comes here:',

  /** In the menu of a message: at most 32 characters. */
  messageCommands: {
    apply: 'Apply this analogy',
    useAsB: 'Use as B',
    useAsPair: "Use as A and A'",
  },
  yes: 'Yes',
  no: 'No',
  range: (min: string, max: string) => `${min} to ${max}`,
  /** What a dialog calls the fields of the commands: at most 45 characters. */
  fields: {
    analogy: 'Analogy',
    weight: 'Its weight',
    own: 'Weight of this one',
    picture: 'B, your picture',
    name: 'Name',
    description: 'Description',
    file: 'File',
    text: 'Words',
    strengths: 'Strengths',
    guidance: 'Guidance',
  },
  dialogs: {
    pairs: {
      title: 'More pairs',
      label: (pair: number) => `Pair ${pair}`,
      description: "Two pictures: first A, then A'",
    },
    useAsB: {
      title: 'Use as B',
      analogy: 'A saved analogy',
      analogyHelp: "Name a saved analogy, or give A and A' below",
      before: 'A',
      beforeHelp: 'A picture before the change',
      after: "A'",
      afterHelp: 'The same picture after the change',
    },
    useAsPair: {
      title: "Use as A and A'",
      picture: 'B',
      help: 'Your picture, to be changed likewise',
    },
    apply: {
      title: 'Apply this analogy',
      picture: 'B',
      help: 'Your picture, to be changed likewise',
    },
  },
};

/** The bot's words in a language. */
export type Words = typeof english;
