import type { Member, Slack } from './shapes.ts';
import { runningOf, type World } from './world.ts';

/** The cookies that an answer sets, to send back. */
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');

/** Where the install page leads: by a redirect, or by its button. */
async function authorizePage(world: World, response: Response): Promise<URL> {
  const location = response.headers.get('location');
  const found =
    location ?? /href="([^"]*\/oauth\/v2\/authorize[^"]*)"/.exec(await response.text())?.[1];
  if (found === undefined) throw new Error(`The install page leads nowhere: ${response.status}`);
  const url = new URL(found.replaceAll('&amp;', '&'));
  if (url.origin !== world.origin) throw new Error(`The install page leads to ${url.origin}`);
  return url;
}

/** A member installs the app: the page, their consent, the way back. */
export async function install(
  world: World,
  user: Member,
  installUrl: string,
): ReturnType<Slack['install']> {
  const running = runningOf(world, user.teamId);
  const start = await fetch(installUrl, { redirect: 'manual' });
  const url = await authorizePage(world, start);
  const asked = (name: string) => url.searchParams.get(name) ?? '';
  if (asked('client_id') !== world.app.clientId) throw new Error('Another client_id is asked for');
  const consent = await running.form('/oauth/v2/authorize/callback', {
    user_id: user.id,
    // Where the app names none, Slack takes the first of its manifest.
    redirect_uri: asked('redirect_uri') || new URL('/slack/oauth_redirect', installUrl).href,
    scope: asked('scope'),
    user_scope: asked('user_scope'),
    state: asked('state'),
    client_id: asked('client_id'),
  });
  const before = new Set(world.tokens.keys());
  const back = await fetch(consent.headers.get('location') ?? '', {
    redirect: 'manual',
    headers: { cookie: cookiesOf(start) },
  });
  const body = await back.text();
  const token = [...world.tokens.keys()].find((one) => !before.has(one));
  return { status: back.status, body, token };
}
