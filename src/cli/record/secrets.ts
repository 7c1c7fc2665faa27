/** Takes what was configured as a secret out of recorded text: peers repeat keys in what they say. */
import { isMapping } from '../../config/formats.ts';
import type { ConfigSchema } from '../../sources/source.ts';

const hidden = '[hidden]';
/** A part of an address shorter than this is a word such as `v1`, and no key. */
const keyLengthMin = 6;
/** So is one of few small letters, such as `blocks`: hidden, it would be gone from every row too. */
const wordOfPath = /^[a-z]{1,12}$/;

/**
 * A function that hides, in any text, the values of the sensitive options and the parts of every
 * configured address that may hold a key: user, password, path segments and query values.
 */
export function createHider(
  options: Readonly<Record<string, unknown>>,
  schema: ConfigSchema<Readonly<Record<string, unknown>>>,
): (text: string) => string {
  const found = Object.entries(options).flatMap(([name, value]) =>
    secretsIn(value, schema[name]?.sensitive === true),
  );
  const secrets = [...new Set(found.flatMap(formsOf))]
    .filter((each) => each !== '')
    // The longest first: one may be a part of another.
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, hidden), text);
}

/** As it is, in an address, in JSON, and in JSON that is text within JSON. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, encodeURIComponent(secret), inJson, JSON.stringify(inJson).slice(1, -1)];
}

function secretsIn(value: unknown, isSensitive: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => secretsIn(each, isSensitive));
  if (isMapping(value)) return Object.values(value).flatMap((each) => secretsIn(each, isSensitive));
  if (typeof value !== 'string') return [];
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) {
    return isSensitive ? [value] : [];
  }
  const { username, password, pathname, searchParams } = new URL(value);
  const segments = pathname.split('/').filter((part) => !wordOfPath.test(part));
  const parts = [...segments, ...searchParams.values()];
  const long = parts.filter((part) => part.length >= keyLengthMin);
  return [username, password, ...long].map((part) => decodeURIComponent(part));
}
