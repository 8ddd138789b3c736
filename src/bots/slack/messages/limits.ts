/** What Slack takes, in characters and pieces. */
export const limits = {
  blocks: 50,
  /** Blocks of a modal or of the Home tab. */
  viewBlocks: 100,
  /** Characters of all text in a message's blocks: Slack says no number, and refuses from about 13,000. */
  allText: 12_000,
  /** Elements of one block of actions. */
  elements: 25,
  /** A text of a section, or of a message for notifications. */
  text: 3000,
  header: 150,
  /** Text of a button, and of an option of a list or menu. */
  label: 75,
  /** Of a button. */
  value: 2000,
  /** Of an option. */
  optionValue: 150,
  /** Options of an overflow menu, and of a list. */
  menu: 5,
  options: 100,
  placeholder: 150,
  alt: 2000,
  /** Title, submit and close of a modal. */
  title: 24,
  metadata: 3000,
  id: 255,
  hint: 2000,
  /** Characters that an input takes. */
  input: 3000,
} as const;
