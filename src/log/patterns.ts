/** What stands in a secret's place. */
export const hidden = '[secret]';

/** Parameters of addresses whose values let somebody in, or are signatures: Discord's, Amazon's, … */
const parameters =
  '(?:[\\w.-]{0,40}(?:token|secret|signature|password|passwd|pwd|credential|api_?key|access_?key|auth)' +
  '|[\\w.-]{0,40}key-pair-id|x-(?:amz|goog)-[\\w-]{1,40}|awsaccesskeyid|key|sig|code|policy|ex|is|hm)';

/** A slash, as it is, escaped or URL-encoded. */
const slash = '(?:\\\\{0,4}\\/|%2F)';

/**
 * What looks like a secret in a text, and what it becomes. No part of a pattern that can match at any
 * place repeats without a bound: a long text takes time in proportion to its length.
 */
const patterns: readonly [pattern: RegExp, replacement: string][] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-]|-(?!----END))*/g, hidden],
  // Authorization: Bearer …, in a header, in an object's text, in a command line
  [
    /\b((?:proxy-)?authorization\\{0,4}["']?\s{0,4}[:=]\s{0,4}\\{0,4}["']?)(?:(?:bearer|basic|bot|token|digest)\s+)?[^\s"'\\,;]+/gi,
    `$1${hidden}`,
  ],
  [
    /\b(Bearer\s+)(?!(?:tokens?|auth\w*|realm|scheme|headers?|credentials?|missing|required)\b)[\w.~+/=-]{6,}/gi,
    `$1${hidden}`,
  ],
  [/\b(Basic\s+)(?=[A-Za-z+/]{0,200}[\d=])[A-Za-z\d+/]{8,}={0,2}/g, `$1${hidden}`],
  [/\b((?:set-)?cookie\s{0,4}[:=]\s{0,4})[^\r\n"']+/gi, `$1${hidden}`],
  // https://user:password@host
  [/([a-z][a-z\d+.-]{0,30}:(?:\\{0,4}\/){2})[^\s/?#"'<>\\]+@/gi, `$1${hidden}@`],
  // ?token=…&X-Amz-Signature=…
  [
    new RegExp(
      `((?:[?&;#]|%3F|%26|\\\\u0026)${parameters}(?:=|%3D))(?:(?!%26)[^&\\s"'<>#\\\\])+`,
      'gi',
    ),
    `$1${hidden}`,
  ],
  // "client_secret": "…", botToken=…, signing secret: …
  [
    /\b([\w-]{0,40}(?:token|secret|password|passwd|passphrase|api[_-]?key)\\{0,4}["']?\s{0,4}(?:=\s{0,4}\\{0,4}["']?|:\s{0,4}\\{0,4}["']))(?!\[secret\])[^\s"'\\,;&}]+/gi,
    `$1${hidden}`,
  ],
  [
    /\b((?:[\w-]{0,40}[_-]token|[\w-]{0,40}[a-z]Token|[\w-]{0,40}[_ -]?secret|password|passphrase|api[_-]?key):\s{0,4})(?!\[secret\])[^\s"'\\,;&}]{6,}/gi,
    `$1${hidden}`,
  ],
  // Discord: tokens of bots, of interactions, and addresses that whoever knows them can post to
  [/(?<![\w-])[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}/g, hidden],
  [/mfa\.[\w-]{20,}/g, hidden],
  [/aW50ZXJhY3Rpb246[\w+/=-]+/g, hidden],
  [new RegExp(`(webhooks${slash}\\d{5,25}${slash})[\\w.-]+`, 'gi'), `$1${hidden}`],
  [new RegExp(`(interactions${slash}\\d{5,25}${slash})[\\w.-]+`, 'gi'), `$1${hidden}`],
  // Slack: tokens, signatures, and addresses of the same kind
  [/x(?:ox[a-z]|app|wfp)(?:\.xox[a-z])?-[\w-]{6,}/g, hidden],
  [/v0=[\da-f]{64}/gi, `v0=${hidden}`],
  [new RegExp(`(hooks\\.slack(?:-gov)?\\.com${slash})[^\\s"'<>]+`, 'gi'), `$1${hidden}`],
  // JSON web tokens
  [/eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, hidden],
];

/** Replaces what looks like a secret; what is replaced already stays as it is. */
export function hidePatterns(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Whether what a field holds is a secret by the field's name. */
export function isSecretName(name: string): boolean {
  return (
    /(?:token|secret|password|passwd|passphrase|api[_-]?key|private[_-]?key|credentials?|cookies?|signature|authorization)$/i.test(
      name,
    ) || /^(?:response_url|trigger_id|rawHeaders)$/i.test(name)
  );
}
