/** Calls of the subscribe methods: binding, registering, state message, completion. */
import type { Item } from '../../simulator/json.ts';
import type { Faults } from '../faults.ts';
import { Argument } from './arguments.ts';
import { type HubLimits, rowChannels } from './channels.ts';
import type { HubConnection } from './connection.ts';
import { channelFrame, frame, frameType } from './frames.ts';
import { completionError, HubError, unknownMethod, wrongCount } from './hub-error.ts';
import { messageType } from './outbox.ts';
import { everything, Subscription } from './subscription.ts';

/** What calls need of the hub. */
export interface InvocationsOptions {
  readonly faults: Faults;
  readonly limits: HubLimits;
  /** The state of a channel now. */
  state(channel: string): number;
  /** Sends what the channel sent last once more. */
  repeat(connection: HubConnection, channel: string): void;
}

interface Method {
  readonly name: string;
  readonly channel: string;
  readonly argumentCount: 0 | 1;
  register(connection: HubConnection, given: readonly unknown[]): void;
}

const cycleDelayDefault = 2;

/** The methods of the hub. */
export class Invocations {
  readonly #options: InvocationsOptions;
  readonly #methods: ReadonlyMap<string, Method>;

  constructor(options: InvocationsOptions) {
    this.#options = options;
    const methods = [...plainMethods, cyclesMethod, ...this.#rowMethods()];
    this.#methods = new Map(methods.map((method) => [method.name.toLowerCase(), method]));
  }

  /** Carries out a call and answers it. Never rejects. */
  async take(connection: HubConnection, message: Item): Promise<void> {
    const { invocationId, target } = message;
    const name = String(target);
    const method = this.#methods.get(name.toLowerCase());
    const complete = (outcome: Item): void => {
      if (invocationId === undefined) return;
      connection.send(frame({ type: frameType.completion, invocationId, ...outcome }));
    };
    if (method === undefined) return complete({ error: unknownMethod(name) });
    try {
      const result = await this.#subscribe(connection, method, message['arguments']);
      if (result === undefined) return;
      complete({ result });
    } catch (error) {
      return complete({ error: completionError(method.name, error) });
    }
    const where = { channel: method.channel };
    if (this.#options.faults.take('repeat-after-subscribe', where) !== undefined) {
      this.#options.repeat(connection, method.channel);
    }
  }

  /** Registers and sends the state; undefined when a fault keeps the answer back. */
  async #subscribe(
    connection: HubConnection,
    method: Method,
    given: unknown,
  ): Promise<number | undefined> {
    const { faults } = this.#options;
    const { channel } = method;
    const values: readonly unknown[] = Array.isArray(given) ? given : [];
    if (values.length !== method.argumentCount) {
      throw wrongCount(values.length, method.argumentCount);
    }
    const failure = faults.take('subscribe-error', { channel });
    if (failure !== undefined) throw new HubError(failure.request.text ?? 'Internal error');
    const silence = faults.take('subscribe-silent', { channel });
    if (silence !== undefined) return undefined;
    if (faults.take('subscribe-zero', { channel }) !== undefined) return 0;
    method.register(connection, values);
    const state = this.#options.state(channel);
    if (faults.take('subscribe-no-state', { channel }) === undefined) {
      connection.send(channelFrame(channel, { type: messageType.state, state }));
    }
    return state;
  }

  #rowMethods(): readonly Method[] {
    const { limits } = this.#options;
    return rowChannels.map((channel) => ({
      name: channel.method,
      channel: channel.name,
      argumentCount: 1,
      register: (connection, [given]) => {
        const leaves = channel.leaves(new Argument(given));
        const limit = limits[channel.name];
        const counted = leaves.includes(everything) ? 0 : leaves.length;
        subscribe(connection, channel.name, (subscription) => {
          if (channel.name === 'accounts') subscription.addCounted(leaves, counted, limit);
          else subscription.add(leaves, limit);
        });
      },
    }));
  }
}

const plainMethods: readonly Method[] = ['Head', 'Blocks'].map((name) => ({
  name: `SubscribeTo${name}`,
  channel: name.toLowerCase(),
  argumentCount: 0,
  register: (connection) => {
    subscribe(connection, name.toLowerCase(), (subscription) => {
      subscription.add([everything], Number.POSITIVE_INFINITY);
    });
  },
}));

const cyclesMethod: Method = {
  name: 'SubscribeToCycles',
  channel: 'cycles',
  argumentCount: 1,
  register: (connection, [given]) => {
    const delay = new Argument(given).int('delayBlocks') ?? cycleDelayDefault;
    if (delay < cycleDelayDefault) {
      throw new HubError('DelayBlocks has to greater than or equal to 2.');
    }
    if (connection.cycleDelay !== undefined) {
      throw new HubError(`${connection.id} already subscribed.`);
    }
    connection.cycleDelay = delay;
  },
};

/** A refused call leaves no subscription behind. */
function subscribe(
  connection: HubConnection,
  channel: string,
  add: (subscription: Subscription) => void,
): void {
  const subscription = connection.subscriptions.get(channel) ?? new Subscription();
  add(subscription);
  connection.subscriptions.set(channel, subscription);
}
