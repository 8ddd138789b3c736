import { againstDocument } from './openapi.ts';
import { commandListRules, commandRules } from './rules-command.ts';
import { deferRules, messageRules } from './rules-message.ts';
import { choiceRules, modalRules } from './rules-modal.ts';
import type { JsonObject, RecordedRequest } from './shapes.ts';

const object = (value: unknown): JsonObject =>
  value !== null && typeof value === 'object' ? (value as JsonObject) : {};

/** Bodies carry permissions as a text, which Discord takes, while its document has a number. */
function permissions(command: unknown): JsonObject {
  const given = object(command);
  const value = given.default_member_permissions;
  return typeof value === 'string' && /^\d+$/.test(value)
    ? { ...given, default_member_permissions: Number(value) }
    : given;
}

function callback(body: JsonObject, request: RecordedRequest): string[] {
  const data = object(body.data);
  switch (body.type) {
    case 4:
      return [
        ...againstDocument('CreateMessageInteractionCallbackRequest', body),
        ...messageRules(data, request, 'create'),
      ];
    case 5:
      return [
        ...againstDocument('CreateMessageInteractionCallbackRequest', body),
        ...deferRules(data),
      ];
    case 6:
      return againstDocument('UpdateMessageInteractionCallbackRequest', body);
    case 7:
      return [
        ...againstDocument('UpdateMessageInteractionCallbackRequest', body),
        ...messageRules(data, request, 'edit'),
      ];
    case 8:
      return [
        ...againstDocument('ApplicationCommandAutocompleteCallbackRequest', body),
        ...choiceRules(data),
      ];
    case 9:
      return [...againstDocument('ModalInteractionCallbackRequest', body), ...modalRules(data)];
    default:
      return [`a callback of type ${String(body.type)}`];
  }
}

function commands(request: RecordedRequest): string[] {
  const { method, body } = request;
  if (method === 'PUT') {
    if (!Array.isArray(body)) return ['the commands are no list'];
    return [
      ...body.flatMap((one) =>
        againstDocument('ApplicationCommandUpdateRequest', permissions(one)),
      ),
      ...commandListRules(body as JsonObject[]),
    ];
  }
  if (method === 'POST') {
    return [
      ...againstDocument('ApplicationCommandCreateRequest', permissions(body)),
      ...commandRules(object(body)),
    ];
  }
  if (method === 'PATCH') {
    return [
      ...againstDocument('ApplicationCommandPatchRequestPartial', permissions(body)),
      ...commandRules(object(body), true),
    ];
  }
  return [];
}

/** Which requests have which bodies. */
const BODIES: readonly {
  readonly method: string;
  readonly path: RegExp;
  readonly schema: string;
  readonly kind?: 'create' | 'edit';
}[] = [
  {
    method: 'POST',
    path: /^\/channels\/\d+\/messages$/,
    schema: 'MessageCreateRequest',
    kind: 'create',
  },
  {
    method: 'PATCH',
    path: /^\/channels\/\d+\/messages\/\d+$/,
    schema: 'MessageEditRequestPartial',
    kind: 'edit',
  },
  {
    method: 'POST',
    path: /^\/webhooks\/\d+\/[^/]+$/,
    schema: 'IncomingWebhookRequestPartial',
    kind: 'create',
  },
  {
    method: 'PATCH',
    path: /^\/webhooks\/\d+\/[^/]+\/messages\/[^/]+$/,
    schema: 'IncomingWebhookUpdateRequestPartial',
    kind: 'edit',
  },
  { method: 'POST', path: /^\/users\/@me\/channels$/, schema: 'CreatePrivateChannelRequest' },
];

/**
 * What is wrong with a request, by Discord's own document and by the rules that it lacks; empty
 * where all is right. A request without a body of interest is right.
 */
export function violations(request: RecordedRequest): string[] {
  const { method, path } = request;
  if (method === 'POST' && /^\/interactions\/\d+\/[^/]+\/callback$/.test(path)) {
    return callback(object(request.body), request);
  }
  if (/^\/applications\/\d+(\/guilds\/\d+)?\/commands(\/\d+)?$/.test(path))
    return commands(request);
  const known = BODIES.find((one) => one.method === method && one.path.test(path));
  if (known === undefined) return [];
  const body = object(request.body);
  return [
    ...againstDocument(known.schema, body),
    ...(known.kind === undefined ? [] : messageRules(body, request, known.kind)),
  ];
}
