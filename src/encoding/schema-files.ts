/** Where the schema files of the package are. Reads them; knows nothing of their meaning. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FatalError } from '../model/errors.ts';

/** The package's `schemas/` directory: the same from the sources and from the compiled package. */
export const schemaDirectory = fileURLToPath(new URL('../../schemas/', import.meta.url));

/** Text of `schemas/<path>.avsc`. Throws `schema.invalid` when there is none. */
export function readSchemaFile(path: string): string {
  try {
    return readFileSync(`${schemaDirectory}${path}.avsc`, 'utf8');
  } catch (cause) {
    throw new FatalError('schema.invalid', {
      stage: 'encoding',
      message: `There is no schema "${path}" (expected the file schemas/${path}.avsc of the package). Check the dataset's name, or install the package again.`,
      cause,
      context: { schema: path },
    });
  }
}
