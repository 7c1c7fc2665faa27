/**
 * Takes secrets out of what is logged or shown: values under telling names, and everything of an
 * address but its origin. Test-covered list; extend it, never go around it.
 */

const hidden = '[hidden]';

/** Names of fields whose value is never shown, wherever they stand. */
const secretNames =
  /^(.*password|passphrase|.*secret|.*api[-_]?key|authorization|proxy-authorization|cookie|set-cookie|.*token|.*private[-_]?key|sasl|credentials|key[-_]?pem)$/i;

const depthMax = 6;

/** A copy of the fields without secrets. `err` stays: the logger's serializer cleans it. */
export function cleanFields(
  fields: Readonly<Record<string, unknown>>,
  depth = 0,
): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (secretNames.test(name)) clean[name] = hidden;
    else if (name === 'err' && depth === 0) clean[name] = value;
    else clean[name] = cleanValue(value, depth);
  }
  return clean;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return cleanText(value.message);
  if (depth >= depthMax) return '[deeper]';
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof URL) return cleanText(value.href);
  if (Array.isArray(value)) return value.map((element) => cleanValue(element, depth + 1));
  return cleanFields(Object.fromEntries(Object.entries(value)), depth + 1);
}

/** The text with each address cut to `scheme://host/…` and each authorization header hidden. */
export function cleanText(text: string): string {
  if (!text.includes('://') && !/\b(basic|bearer)\b/i.test(text)) return text;
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'<>]*)/gi, (_, scheme: string, rest: string) =>
      cutAddress(scheme, rest),
    )
    .replaceAll(/\b(basic|bearer)\s+[a-z0-9+/=_.~-]{8,}/gi, `$1 ${hidden}`);
}

function cutAddress(scheme: string, rest: string): string {
  // `file://` holds a path and nothing else; stack traces are useless without it.
  if (scheme.toLowerCase() === 'file://') return scheme + rest;
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const hasMore = authority.length !== host.length || rest.length > authority.length + 1;
  // A dot, comma or bracket at the end belongs to the sentence around the address.
  const tail = hasMore ? '' : rest.slice(authority.length);
  return `${scheme}${host}${hasMore ? '/…' : tail}`;
}
