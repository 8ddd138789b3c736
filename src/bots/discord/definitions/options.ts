import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  type FileUploadType,
  type LocalizationMap,
} from 'discord.js';
import type { Field } from '../../../commands/port.ts';

/** A text and its translations, as commands and options carry them. */
export interface Described {
  readonly description: string;
  readonly description_localizations?: LocalizationMap;
}

/** File types by extension: what comes is looked at all the same. */
const fileTypes: Record<'picture' | 'file', FileUploadType[]> = {
  picture: ['image'],
  file: ['.safetensors'],
};

/** Discord's limits of a text's length. */
const longest = 6000;

/** A field as an option, under a name of its own. */
export function optionOf(
  field: Field,
  name: string,
  described: Described,
): APIApplicationCommandBasicOption {
  const { kind, required, min, max, choices = [] } = field;
  const common = { name, required, ...described };
  const lengths = {
    ...(min !== undefined && { min_length: min }),
    ...(max !== undefined && { max_length: Math.min(max, longest) }),
  };
  switch (kind) {
    case 'picture':
    case 'file':
      return {
        ...common,
        type: ApplicationCommandOptionType.Attachment,
        file_types: fileTypes[kind],
      };
    case 'text':
      return { ...common, type: ApplicationCommandOptionType.String, ...lengths };
    case 'analogy':
    case 'job':
      return {
        ...common,
        type: ApplicationCommandOptionType.String,
        ...lengths,
        autocomplete: true,
      };
    case 'numbers':
      // A list in one line; its limits are of each number, not of the text.
      return { ...common, type: ApplicationCommandOptionType.String };
    case 'choice':
      return {
        ...common,
        type: ApplicationCommandOptionType.String,
        choices: choices.map((value) => ({ name: value, value })),
      };
    case 'number':
      return {
        ...common,
        type: ApplicationCommandOptionType.Number,
        ...(min !== undefined && { min_value: min }),
        ...(max !== undefined && { max_value: max }),
      };
    case 'flag':
      return { ...common, type: ApplicationCommandOptionType.Boolean };
  }
}
