/** Dialogs, and what was answered in them. */
export {
  type Answers,
  type BlockErrors,
  errorsOf,
  missingIn,
  type State,
  type Uses,
  usesOf,
  valuesOf,
} from './answers.ts';
export { options } from './inputs.ts';
export { type DialogOptions, type ModalOptions, modalOf, settingsModal } from './modal.ts';
export {
  addPairId,
  analogyModal,
  applyModal,
  mostPairs,
  mostUses,
  type Place,
  usePicturesModal,
} from './pictures.ts';
