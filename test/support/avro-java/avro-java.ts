/** Asks the reference implementations (org.apache.avro, kafka-clients) what they make of our bytes. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { javaClassPath, quickStart } from '../java-classes.ts';

/** One question; the answers come in the same order. */
export type Question =
  | { readonly ask: 'text'; readonly schema: string }
  | { readonly ask: 'decode'; readonly schema: string; readonly datum: Buffer }
  | { readonly ask: 'murmur2'; readonly bytes: Uint8Array };

const directory = fileURLToPath(new URL('.', import.meta.url));

/** Runs one Java process over all questions. Rejects when it fails. */
export async function askJava(questions: readonly Question[]): Promise<readonly string[]> {
  const classPath = await javaClassPath('avro-check', directory);
  const java = spawn('java', [...quickStart, '-cp', classPath, 'AvroCheck']);
  const ended = new Promise<number | null>((resolve, reject) => {
    java.once('error', reject);
    java.once('close', resolve);
  });
  java.stdin.end(questions.map(lineOf).join(''));
  const [output, errors, code] = await Promise.all([text(java.stdout), text(java.stderr), ended]);
  if (code !== 0) throw new Error(`AvroCheck ended with ${code}: ${errors}`);
  const lines = output.trimEnd().split('\n');
  return questions.map((question, index) => {
    const line = lines[index] ?? '';
    return question.ask === 'murmur2' ? line : Buffer.from(line, 'base64').toString();
  });
}

function lineOf(question: Question): string {
  switch (question.ask) {
    case 'text':
      return `text ${base64(Buffer.from(question.schema))}\n`;
    case 'decode':
      return `decode ${base64(Buffer.from(question.schema))} ${base64(question.datum)}\n`;
    case 'murmur2':
      return `murmur2 ${base64(question.bytes)}\n`;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
