/** Every scope, and what needs it: methods of the Web API, or a feature of the manifest. */
export const scopes: Readonly<Record<string, readonly string[]>> = {
  'chat:write': ['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'chat.delete'],
  commands: ['slash_commands', 'shortcuts'],
  'files:read': ['files.info', 'file_input', 'url_private'],
  'files:write': ['files.getUploadURLExternal', 'files.completeUploadExternal', 'files.delete'],
  'im:write': ['conversations.open'],
  'users:read': ['users.info'],
};

/** Methods that need no scope, and what is no method. */
const free = new Set([
  'auth.test',
  'apps.connections.open',
  'chat.getPermalink',
  'oauth.v2.access',
  'views.open',
  'views.update',
  'views.publish',
  'upload',
  'download',
  'response_url',
]);

/** Methods of the Web API that need a scope. */
export const scoped: readonly string[] = Object.values(scopes)
  .flat()
  .filter((name) => name.includes('.'));

/** Methods that were called, and that no scope of the manifest allows. */
export function withoutScope(requests: readonly { readonly method: string }[]): string[] {
  const called = new Set(requests.map(({ method }) => method));
  return [...called].filter((method) => !free.has(method) && !scoped.includes(method));
}
