/** Reads the JSON body of a request. */
import type { IncomingMessage } from 'node:http';
import { RestError } from './rest-error.ts';

const bodyBytesMax = 1024 * 1024;

/** Throws a `RestError`: 413 for too much, 400 for what is no JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > bodyBytesMax)
      throw new RestError(413, `A body may have ${bodyBytesMax} bytes.`);
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new RestError(400, 'The body is not JSON.');
  }
}
