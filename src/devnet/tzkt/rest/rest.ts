/**
 * The REST side: single objects and lists under `/v1`, with the headers of the server. It shows the
 * tables as they are now, or as they were when a fault told it to lag behind.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { waitOut } from '../../simulator/faults.ts';
import { type Item, isItem, type Json } from '../../simulator/json.ts';
import type { Row } from '../chain/table.ts';
import { copyTables, shownRow, type Tables } from '../chain/tables.ts';
import type { TezosChain } from '../chain/tezos-chain.ts';
import type { Faults } from '../faults.ts';
import { isAddress } from '../hub/arguments.ts';
import { operationLists } from './block-operations.ts';
import { answerList } from './list.ts';
import { type ListDefinition, lists } from './list-definition.ts';
import { parseListQuery } from './list-query.ts';
import { RestError } from './rest-error.ts';

/** What the REST side needs. */
export interface RestOptions {
  readonly chain: TezosChain;
  readonly faults: Faults;
  /** True for a server of a version to come: it has the kind no client knows. */
  isUpgraded(): boolean;
  /** The head that the API process knows. */
  headItem(): Item;
  /** Replaces the last blocks; called by a fault between two pages. */
  reorganize(depth: number): void;
}

/** What an answer is made from. */
interface View {
  readonly tables: Tables;
  readonly headItem: Item;
}

const [version, nextVersion] = ['1.17.2.0', '1.18.0.0'];

/** Answers requests. */
export class Rest {
  readonly #options: RestOptions;
  #lagging: View | undefined;

  constructor(options: RestOptions) {
    this.#options = options;
    const { faults, chain } = options;
    faults.onArmed(({ name }) => {
      if (name !== 'rest-lag') return;
      this.#lagging = { tables: copyTables(chain.tables), headItem: options.headItem() };
    });
    faults.onOver(({ name }) => {
      if (name === 'rest-lag') this.#lagging = undefined;
    });
  }

  /** The headers that the server puts on every answer. */
  headers(view: View = this.#view('')): Readonly<Record<string, string>> {
    const { headItem } = view;
    return {
      'Tzkt-Version': this.#options.isUpgraded() ? nextVersion : version,
      'Tzkt-Level': String(headItem['level']),
      'Tzkt-Known-Level': String(headItem['knownLevel']),
      'Tzkt-Synced-At': String(headItem['lastSync']),
    };
  }

  /** Answers one request. Rejects only when the connection is gone. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const path = url.pathname;
    if (await this.#strike(path, request, response)) return;
    const view = this.#view(path);
    const head = { ...this.headers(view), 'content-type': 'application/json; charset=utf-8' };
    try {
      const body = this.#find(view, path, url.searchParams);
      if (body === undefined) {
        response.writeHead(204, this.headers(view)).end();
        return;
      }
      const text = JSON.stringify(body);
      const isTruncated = this.#options.faults.take('rest-truncated', { path }) !== undefined;
      response.writeHead(200, head).end(isTruncated ? text.slice(0, text.length / 2) : text);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      response.writeHead(400, head).end(error.body);
    }
  }

  #view(path: string): View {
    const { faults, chain, headItem } = this.#options;
    const lagging = this.#lagging;
    if (lagging !== undefined && faults.take('rest-lag', { path }) !== undefined) return lagging;
    return { tables: chain.tables, headItem: headItem() };
  }

  /** Faults that strike before an answer is made; true when one took its place. */
  async #strike(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean> {
    const { faults } = this.#options;
    const slow = faults.take('rest-delay', { path });
    if (slow !== undefined) await waitOut(slow);
    if (faults.take('rest-reset', { path }) !== undefined) {
      request.socket.destroy();
      return true;
    }
    const failure = faults.take('rest-status', { path });
    if (failure === undefined) return false;
    const { status = 500, retryAfterSeconds } = failure.request;
    const after = retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` };
    response.writeHead(status, { ...this.headers(), ...after });
    response.end(JSON.stringify({ code: status, error: 'simulated' }));
    return true;
  }

  /** The body of an answer; undefined = 204. Throws a `RestError` for 400 and unknown paths. */
  #find(view: View, path: string, parameters: URLSearchParams): Json | undefined {
    if (path === '/v1/head') return view.headItem;
    const definition = lists.get(path.replace(/\/$/, ''));
    if (definition !== undefined) return this.#list(view, definition, parameters);
    const single = /^\/v1\/(blocks|cycles|accounts)\/([^/]+)$/.exec(path);
    if (single !== null) {
      const item = this.#single(view, String(single[1]), String(single[2]));
      const isWhole = single[1] === 'blocks' && parameters.get('operations') === 'true';
      return isWhole && isItem(item) ? this.#withOperations(view, item) : item;
    }
    throw new RestError('path', `There is no ${path}.`);
  }

  #list(view: View, definition: ListDefinition, parameters: URLSearchParams): Json {
    const { chain, faults, reorganize } = this.#options;
    const query = parseListQuery(definition, parameters);
    const { table, path } = definition;
    const rows = table === 'cycles' ? cycleRows(chain) : view.tables.byName[table].rows;
    const answer = answerList({ tables: view.tables, rows }, definition, query);
    if (answer.length === query.limit) {
      const fault = faults.take('rest-reorg', { path });
      if (fault !== undefined) reorganize(fault.request.depth ?? 1);
    }
    return answer;
  }

  #withOperations({ tables }: View, block: Item): Item {
    const level = Number(block['level']);
    return { ...block, ...operationLists(tables, level, this.#options.isUpgraded()) };
  }

  #single(view: View, of: string, name: string): Json | undefined {
    const { chain } = this.#options;
    if (of === 'cycles') return chain.cycle(Number(name));
    const { blocks, accounts } = view.tables.byName;
    if (of === 'blocks') {
      const isLevel = /^\d+$/.test(name);
      const block = isLevel
        ? blocks.find(Number(name))
        : blocks.rows.find((row) => row.item['hash'] === name);
      return block?.item;
    }
    if (!isAddress(name)) throw new RestError('address', 'Invalid account address.');
    const account = accounts.rows.find((row) => row.item['address'] === name);
    if (account !== undefined) return shownRow(view.tables, account);
    return name.startsWith('tz') ? { type: 'empty', address: name, counter: 0 } : undefined;
  }
}

function cycleRows(chain: TezosChain): readonly Row[] {
  return chain.cycles.map((item) => ({
    id: Number(item['index']),
    level: Number(item['firstLevel']),
    item,
  }));
}
