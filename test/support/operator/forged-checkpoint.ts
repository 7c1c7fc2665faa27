/** Writes a checkpoint that another program, or another source, might have written. */
import { Kafka, logLevel } from 'kafkajs';
import { findCheckpoint } from '../../../src/cli/checkpoint-record.ts';
import { definitions } from '../../../src/cli/configuration.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { avroType } from '../../../src/encoding/avro-schema.ts';
import { loadCommonSchema } from '../../../src/encoding/common-schema.ts';
import { headerBytes } from '../../../src/encoding/value-layout.ts';
import { createLogger } from '../../../src/observability/logger.ts';

const logger = createLogger({
  level: 'silent',
  format: 'json',
  output: process.stderr,
  hasColors: false,
});

/** Puts the stored checkpoint of source `main` back with these fields changed, or with these bytes. */
export async function forgeCheckpoint(
  configFile: string,
  change: Readonly<Record<string, unknown>> | Buffer,
): Promise<void> {
  const config = loadConfig({ file: configFile, environment: {}, definitions });
  const stored = await findCheckpoint(config, 'main', logger);
  if (stored === null) throw new Error('There is no checkpoint to change.');
  const { key, partition } = stored;
  const value = Buffer.isBuffer(change) ? change : changed(stored.value, change);
  const kafka = new Kafka({ brokers: [...config.kafka.brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: config.topics.checkpoints, messages: [{ key, partition, value }] });
  await producer.disconnect();
}

function changed(value: Buffer, change: Readonly<Record<string, unknown>>): Buffer {
  const type = avroType(loadCommonSchema('checkpoint').value);
  const fields = type.decode(value, headerBytes).value as Readonly<Record<string, unknown>>;
  const body = type.toBuffer({ ...fields, ...change });
  return Buffer.concat([value.subarray(0, headerBytes), body]);
}
