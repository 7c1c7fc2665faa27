/** `ommer record`: writes what crosses the wire of one source to a file that tests can replay. */
import { redactValue } from '../config/redact.ts';
import { systemClock } from '../model/system-clock.ts';
import type { WireFrame } from '../transport/frame-tap.ts';
import { type Command, UsageError } from './command.ts';
import {
  configFrom,
  configOption,
  definitions,
  loggerFrom,
  namedSources,
} from './configuration.ts';
import { FrameFile, fileOf } from './record/frame-file.ts';
import { recordSource } from './record/record-source.ts';
import { createHider } from './record/secrets.ts';

export const recordCommand: Command = {
  name: 'record',
  summary: 'Write the raw frames of a source to a file that tests can replay.',
  usage: 'record --source NAME --out DIR|FILE [--for 60s] [--frames N] [--config FILE]',
  about:
    'Runs one session of the source from its configured start, without Kafka, and writes every request with its answer and every socket message in the order of the wire, one JSON object a line; a name that ends in .gz is compressed. Addresses, request headers and the values of secret options are left out. It ends after the time, the number of frames, or SIGINT; an error of the source ends it too, with its exit code, and what was recorded is kept. A file is never overwritten.',
  positionals: [],
  options: {
    ...configOption,
    source: { doc: 'Name of the source; needed.', value: 'NAME' },
    out: {
      doc: 'A name that ends in .jsonl or .jsonl.gz, or a folder; needed.',
      value: 'DIR|FILE',
    },
    for: { doc: 'End after so long: 500ms, 60s, 5m.', value: 'TIME' },
    frames: { doc: 'End after so many frames.', value: 'N' },
  },
  examples: [
    'ommer record --source tezos --out recordings/tezos --for 60s',
    'ommer record --source mainnet --out mainnet.jsonl.gz --frames 1000',
  ],
  async run(args, io) {
    const out = args.text('out');
    const name = args.text('source');
    if (name === undefined) throw new UsageError('record needs --source NAME.');
    if (out === undefined) throw new UsageError('record needs --out DIR|FILE.');
    const forMs = durationMs(args.text('for'));
    const framesMax = args.number('frames', 1) ?? Number.POSITIVE_INFINITY;
    const config = configFrom(args, io);
    const [source] = namedSources(config, [name]);
    const definition = source === undefined ? undefined : definitions[source.kind];
    if (source === undefined || definition === undefined) throw new UsageError(`No ${name}.`);
    const hide = createHider(source.options, definition.config);
    const file = new FrameFile(fileOf(out));
    const stop = new AbortController();
    const end = () => stop.abort();
    io.signal.addEventListener('abort', end, { once: true });
    if (io.signal.aborted) end();
    if (forMs !== undefined) void systemClock.sleep(forMs, stop.signal).then(end, () => undefined);
    let frames = 0;
    let blocks = 0;
    const write = (value: object) => file.write(hide(JSON.stringify(value)));
    const onFrame = (frame: WireFrame) => {
      if (frames >= framesMax || stop.signal.aborted) return;
      frames += 1;
      write(frame);
      if (frames >= framesMax) end();
    };
    const { kind, chain, datasets } = source;
    const options = redactValue(source.options, false);
    const startedAtUs = systemClock.nowUs();
    write({
      kind: 'recording',
      version: 1,
      source: { name, kind, chain, datasets, options },
      startedAtUs,
    });
    try {
      await recordSource(definition, source.options as never, {
        ...{ source, clock: systemClock, logger: loggerFrom(config, io), onFrame },
        signal: stop.signal,
        onUpdate: async (update) => {
          if (update.kind === 'block') blocks += 1;
          await file.drained();
        },
      });
    } finally {
      end();
      io.signal.removeEventListener('abort', end);
      await file.close();
      io.stdout.write(`${fileOf(out)}: ${frames} frames, ${blocks} blocks\n`);
    }
    return 0;
  },
};

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function durationMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const unitMs = unitsMs[unit ?? ''];
  if (unitMs !== undefined && Number(digits) > 0) return Number(digits) * unitMs;
  throw new UsageError(`--for is "${text}", expected a time such as 500ms, 60s or 5m.`);
}
