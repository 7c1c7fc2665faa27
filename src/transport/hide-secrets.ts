/** Takes secrets out of what a server says: some repeat the key that they were given. */

const hidden = '[hidden]';
/** Shorter ones would be found in words that have nothing to do with them. */
const charactersMin = 6;

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
