/** The forms in which values of the configuration may be shown: no password, no key, no address path. */
import { isMapping } from './formats.ts';

const hidden = '[hidden]';

/**
 * A value as messages show it. Sensitive ones are hidden, but of an address the origin is shown;
 * no address is ever shown with user, path or query, because providers put keys there.
 */
export function showValue(value: unknown, isSensitive: boolean): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  const shown = redactValue(value, isSensitive);
  const text = JSON.stringify(shown) ?? String(shown);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** A copy of a value without what must not be shown. */
export function redactValue(value: unknown, isSensitive: boolean): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((element) => redactValue(element, isSensitive));
  if (isMapping(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [key, redactValue(element, isSensitive)]),
    );
  }
  const origin = typeof value === 'string' ? originOf(value) : undefined;
  return origin ?? (isSensitive ? hidden : value);
}

/** `https://user:pw@host:1/v3/KEY?x` → `https://host:1/…`; undefined when the text is no address. */
export function originOf(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined;
  if (!URL.canParse(text)) return hidden;
  const url = new URL(text);
  if (url.host === '') return hidden;
  const hasMore =
    url.username !== '' ||
    url.password !== '' ||
    url.pathname.length > 1 ||
    url.search !== '' ||
    url.hash !== '';
  return `${url.protocol}//${url.host}${hasMore ? '/…' : ''}`;
}
