/** One replay on its socket (reference section 7.1): the command, its answer, its frames, its end. */
import { FatalError, type PipelineError, TransientError } from '../../../model/errors.ts';
import type { SourceRuntime, TimeRange } from '../../source.ts';
import type { OxarchiveConfig } from '../config.ts';
import { refusalOf } from '../refusal.ts';
import { type ErrorNotice, wordsOf } from '../stream/frames.ts';
import { checkContract } from '../stream/socket.ts';
import type { ReplayPlan } from './replay-plan.ts';
import type { ReplayedFrame, ReplaySocket } from './replay-socket.ts';

export interface ReplayRunOptions {
  readonly config: OxarchiveConfig;
  readonly runtime: SourceRuntime;
  /** Times faster than it happened; null: as fast as the plan allows. */
  readonly speed: number | null;
  /** Told when the venue has answered; null where it does not pace. */
  onSpeed(effective: number | null): void;
}

const lookEveryMs = 1_000;
const graceMs = 60_000;
/** The venue's plan has the last word; this is faster than any allows. */
const speedMax = 1_000;

/**
 * The frames of a replay until it is completed; undefined when none has come for a while or somebody
 * rang. Throws the venue's refusal, and `source.session_lost` when it takes twice as long as it should and
 * nothing comes any more.
 */
export async function* runReplay(
  socket: ReplaySocket,
  request: { readonly plan: ReplayPlan; readonly range: TimeRange },
  options: ReplayRunOptions,
  signal: AbortSignal,
): AsyncGenerator<ReplayedFrame | undefined> {
  const { plan, range } = request;
  const { clock, logger } = options.runtime;
  socket.send(commandOf(plan, range, options.speed));
  const effective = await answer(socket, plan, options, signal);
  options.onSpeed(effective);
  socket.begun();
  const patienceMs = graceMs + (2 * (range.toMs - range.fromMs)) / (effective ?? speedMax);
  let deadlineMs = clock.nowMs() + patienceMs;
  let rows = 0;
  for (;;) {
    const taken = await socket.next(lookEveryMs, signal);
    if (socket.isPaused) deadlineMs = clock.nowMs() + patienceMs;
    // What is slow here or on the way, but comes, would be no faster from the beginning.
    else if (taken !== undefined) deadlineMs = Math.max(deadlineMs, clock.nowMs() + graceMs);
    if (clock.nowMs() > deadlineMs) throw stalled(options.config.ws, patienceMs);
    const frame = taken?.frame;
    if (frame?.kind === 'error') throw refused(frame, plan);
    if (frame?.kind === 'replay_completed') {
      compareCounts(plan, { told: frame.rows, rows }, logger);
      return;
    }
    rows += Number(frame?.kind === 'historical_data' || frame?.kind === 'ticks');
    yield taken;
  }
}

/** What the venue counts where several channels are told is not documented. */
function compareCounts(
  plan: ReplayPlan,
  { told, rows }: { readonly told: number | null; readonly rows: number },
  logger: SourceRuntime['logger'],
): void {
  if (told === null || told === rows || isBulk(plan)) return;
  const { symbol } = plan.market;
  logger.warn({ symbol, told, rows }, 'replay counts its rows otherwise');
}

/** Ends a replay that is under way; frames that were on their way are dropped. */
export async function stopReplay(
  socket: ReplaySocket,
  { config, runtime }: Pick<ReplayRunOptions, 'config' | 'runtime'>,
  signal: AbortSignal,
): Promise<void> {
  socket.send({ op: 'replay.stop' });
  const deadlineMs = runtime.clock.nowMs() + config.requestTimeoutMs;
  while (runtime.clock.nowMs() < deadlineMs) {
    const kind = (await socket.next(lookEveryMs, signal))?.frame.kind;
    if (kind === 'replay_stopped' || kind === 'replay_completed' || kind === 'error') return;
  }
}

/** True where the venue neither paces nor seeks. */
export function isBulk({ channels }: ReplayPlan): boolean {
  return channels.some(({ replay }) => replay === 'bulk');
}

function commandOf(plan: ReplayPlan, { fromMs, toMs }: TimeRange, speed: number | null) {
  const names = plan.channels.map(({ name }) => name);
  return {
    op: 'replay',
    ...(names.length === 1 ? { channel: names[0] } : { channels: names }),
    symbol: plan.market.symbol,
    start: fromMs,
    end: toMs,
    ...(isBulk(plan) ? {} : { speed: speed ?? speedMax }),
    ...(plan.interval === null ? {} : { interval: plan.interval }),
    ...(plan.granularity === null ? {} : { granularity: plan.granularity }),
  };
}

/** The pace that the venue chose. */
async function answer(
  socket: ReplaySocket,
  plan: ReplayPlan,
  { config, runtime }: ReplayRunOptions,
  signal: AbortSignal,
): Promise<number | null> {
  const deadlineMs = runtime.clock.nowMs() + config.requestTimeoutMs;
  while (runtime.clock.nowMs() < deadlineMs) {
    const frame = (await socket.next(lookEveryMs, signal))?.frame;
    if (frame?.kind === 'error') throw refused(frame, plan);
    if (frame?.kind !== 'replay_started') continue;
    checkContract(frame.version, config.contract, socket.origin);
    return isBulk(plan) ? null : frame.speed;
  }
  throw new TransientError('source.subscription_unanswered', {
    stage: 'sources',
    message: `${config.ws} did not answer the replay of ${told(plan)} within ${config.requestTimeoutMs} ms.`,
    context: { symbol: plan.market.symbol },
  });
}

function told({ channels, market }: ReplayPlan): string {
  return `${channels.map(({ name }) => name).join(', ')} of ${market.symbol}`;
}

function refused(notice: ErrorNotice, plan: ReplayPlan): PipelineError {
  const { word } = notice;
  const { code, advice, response } = refusalOf(word);
  const problem = {
    stage: 'sources',
    message: `0xArchive refused to replay ${told(plan)} (${wordsOf(notice)}). ${advice}`,
    context: { symbol: plan.market.symbol, refusal: word },
  } as const;
  const mayPass = response === 'retry' || response === 'note';
  return mayPass ? new TransientError(code, problem) : new FatalError(code, problem);
}

function stalled(url: string, ms: number): TransientError {
  return new TransientError('source.session_lost', {
    stage: 'sources',
    message: `The replay at ${url} did not end within ${Math.round(ms / 1000)} s, twice what its pace asks for, and nothing comes any more. It is begun again from the time reached.`,
    context: { url },
  });
}
