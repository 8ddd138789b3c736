/** Discord's commands from the commands of the chat, and the way back. */
export { type DefinitionsOptions, definitionsOf } from './build.ts';
export { calledOn } from './placements.ts';
export {
  type DiscordRequest,
  focusedOf,
  messageCommandOf,
  requestOf,
} from './requests.ts';
