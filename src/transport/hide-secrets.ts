/** Takes secrets out of what a server says: some repeat the key that they were given. */

const hidden = '[hidden]';
/** Shorter ones would be found in words that have nothing to do with them. */
const charactersMin = 6;

/** What may be a key: values of an address's query, and of the headers that are named after one. */
export function secretsOf(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): readonly string[] {
  const named = Object.entries(headers).filter(([name]) => /auth|key|token/i.test(name));
  const inHeaders = named.map(([, value]) => value.replace(/^(?:bearer|basic) /i, ''));
  return [...new URL(url).searchParams.values(), ...inHeaders];
}

/** The text with each of these secrets hidden. */
export function hideSecrets(text: string, secrets: readonly (string | null)[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret !== null && secret.length >= charactersMin) {
      clean = clean.replaceAll(secret, () => hidden);
    }
  }
  return clean;
}

/** The same of UTF-8, which is given back as it is where it holds none. */
export function hideSecretsInBytes(bytes: Buffer, secrets: readonly (string | null)[]): Buffer {
  const text = bytes.toString('utf8');
  const clean = hideSecrets(text, secrets);
  return clean === text ? bytes : Buffer.from(clean, 'utf8');
}
