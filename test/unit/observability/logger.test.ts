/** The log: one line per call, on its level, without secrets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FatalError, TransientError } from '../../../src/model/errors.ts';
import type { Logger } from '../../../src/model/runtime.ts';
import { createLogger } from '../../../src/observability/logger.ts';

function recording(options: Partial<Parameters<typeof createLogger>[0]> = {}): {
  logger: Logger;
  text: () => string;
  lines: () => Record<string, unknown>[];
} {
  const written: string[] = [];
  const logger = createLogger({
    level: 'debug',
    format: 'json',
    output: { write: (text) => written.push(text) },
    hasColors: false,
    ...options,
  });
  return {
    logger,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('a log line', () => {
  it('has time, level, the fields of its loggers and the phrase', () => {
    const { logger, lines } = recording();
    logger.child({ source: 'mainnet' }).info({ height: 7 }, 'session opened');
    const [line] = lines();
    const { time, ...rest } = line ?? {};
    assert.match(String(time), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(rest, { level: 'info', source: 'mainnet', height: 7, msg: 'session opened' });
  });

  it('is not written below the level', () => {
    const { logger, lines } = recording({ level: 'warn' });
    logger.debug({}, 'a');
    logger.info({}, 'b');
    logger.warn({}, 'c');
    logger.error({}, 'd');
    assert.deepEqual(
      lines().map(({ msg }) => msg),
      ['c', 'd'],
    );
  });

  it('shows code, stage, context and causes of an error, and a stack only of a foreign one', () => {
    const { logger, lines } = recording();
    const cause = new TypeError('socket hang up at https://node.example/v3/KEY');
    const detail = { stage: 'sources', message: 'lost', cause, context: { height: 9 } } as const;
    logger.warn({ err: new TransientError('source.session_lost', detail) }, 'session lost');
    logger.error({ err: cause }, 'crashed');
    const [ours, foreign] = lines().map(({ err }) => err as { stack?: string });
    assert.deepEqual(ours, {
      name: 'TransientError',
      code: 'source.session_lost',
      stage: 'sources',
      message: 'lost',
      height: 9,
      cause: 'socket hang up at https://node.example/…',
    });
    assert.match(String(foreign?.stack), /TypeError/);
  });

  it('is readable on a terminal, with the error below it', () => {
    const { logger, text } = recording({ format: 'pretty' });
    logger.child({ source: 'mainnet' }).error(
      {
        depth: 3,
        err: new FatalError('kafka.fenced', { stage: 'publishing', message: 'fenced' }),
      },
      'stopped',
    );
    assert.match(
      text(),
      /^\d\d:\d\d:\d\d\.\d{3} ERROR \[mainnet\] stopped depth=3\n {4}kafka\.fenced: fenced\n$/,
    );
    assert.equal(text().includes('\u001b'), false);
  });

  it('is coloured only when colours are wanted', () => {
    const output: string[] = [];
    const terminal = { write: (line: string) => output.push(line), isTTY: true };
    createLogger({ level: 'info', format: 'auto', output: terminal, hasColors: true }).info(
      {},
      'x',
    );
    createLogger({ level: 'info', format: 'auto', output: terminal, hasColors: false }).info(
      {},
      'x',
    );
    assert.ok(output[0]?.includes('\u001b[36mINFO'));
    assert.match(output[1] ?? '', /^\d\d:.* INFO {2}x\n$/);
  });
});

describe('a secret', () => {
  const secret = fc
    .array(fc.constantFrom(...'QXZJVW39_-'), { minLength: 12, maxLength: 40 })
    .map((letters) => letters.join(''))
    .filter((text) => /\w/.test(text));

  it('in fields, errors, addresses and headers never reaches the output', () => {
    fc.assert(
      fc.property(secret, fc.constantFrom('json', 'pretty'), (value, format) => {
        const { logger, text } = recording({ format: format as 'json' });
        const cause = new Error(`401 for wss://user:${value}@node.example/${value}?key=${value}`);
        const fields = {
          password: value,
          apiKey: value,
          api_key: value,
          clientSecret: value,
          headers: { Authorization: `Bearer ${value}`, 'x-api-key': value },
          sasl: { mechanism: 'plain', username: 'u', password: value },
          list: [{ accessToken: value }, `Basic ${value}`],
          url: `https://node.example/v3/${value}`,
          address: new URL(`https://u:${value}@node.example/?k=${value}`),
          err: new FatalError('kafka.unreachable', {
            stage: 'publishing',
            message: `cannot reach https://node.example/${value}`,
            cause,
            context: { url: `https://x.example?${value}` },
          }),
          reason: cause,
        };
        logger.child({ token: value }).error(fields, `lost https://node.example/${value}`);
        assert.ok(!text().includes(value), text());
        assert.ok(text().includes('https://node.example/…'), text());
      }),
      { numRuns: 100 },
    );
  });
});
