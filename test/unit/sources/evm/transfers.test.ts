/** Token transfers are decoded exactly, and nothing else is taken for one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { transfersOf } from '../../../../src/sources/evm/transfers.ts';

const transfer = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const single = '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62';
const batch = '0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb';

const word = (value: bigint): string => value.toString(16).padStart(64, '0');
const topic = (value: bigint): string => `0x${word(value)}`;
const data = (...values: bigint[]): string => `0x${values.map(word).join('')}`;

const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const account = fc.bigInt({ min: 0n, max: 2n ** 160n - 1n });
const shown = (value: bigint): string => `0x${value.toString(16).padStart(40, '0')}`;

describe('any payload', () => {
  it('of ERC-20 comes back', () => {
    fc.assert(
      fc.property(account, account, uint256, (from, to, amount) => {
        const [found, ...others] = transfersOf([transfer, topic(from), topic(to)], data(amount));
        assert.equal(others.length, 0);
        assert.deepEqual(found, {
          type: 'erc20',
          operator: null,
          from: shown(from),
          to: shown(to),
          amount: amount.toString(),
          tokenId: null,
          batchIndex: null,
        });
      }),
    );
  });

  it('of ERC-721 and ERC-1155 single comes back', () => {
    fc.assert(
      fc.property(account, account, account, uint256, uint256, (by, from, to, id, amount) => {
        const [nft] = transfersOf([transfer, topic(from), topic(to), topic(id)], '0x');
        assert.deepEqual([nft?.type, nft?.tokenId, nft?.amount], ['erc721', id.toString(), '1']);
        const [found] = transfersOf([single, topic(by), topic(from), topic(to)], data(id, amount));
        assert.deepEqual(
          [found?.operator, found?.from, found?.to, found?.tokenId, found?.amount],
          [shown(by), shown(from), shown(to), id.toString(), amount.toString()],
        );
      }),
    );
  });

  it('of ERC-1155 batch comes back in order, wherever its arrays lie', () => {
    const entries = fc.array(fc.tuple(uint256, uint256), { maxLength: 20 });
    fc.assert(
      fc.property(entries, fc.boolean(), (pairs, isSwapped) => {
        const ids = [BigInt(pairs.length), ...pairs.map(([id]) => id)];
        const amounts = [BigInt(pairs.length), ...pairs.map(([, amount]) => amount)];
        const second = 64n + BigInt(ids.length) * 32n;
        const payload = isSwapped
          ? data(second, 64n, ...amounts, ...ids)
          : data(64n, second, ...ids, ...amounts);
        const found = transfersOf([batch, topic(1n), topic(2n), topic(3n)], payload);
        assert.deepEqual(
          found.map(({ tokenId, amount, batchIndex }) => [tokenId, amount, batchIndex]),
          pairs.map(([id, amount], index) => [id.toString(), amount.toString(), index]),
        );
      }),
    );
  });

  it('that is random never throws', () => {
    const topics = fc.array(
      fc.oneof(fc.constantFrom(transfer, single, batch), uint256.map(topic)),
      {
        maxLength: 4,
      },
    );
    const bytes = fc
      .uint8Array({ maxLength: 300 })
      .map((list) => `0x${Buffer.from(list).toString('hex')}`);
    fc.assert(
      fc.property(topics, bytes, (of, payload) => {
        for (const { amount } of transfersOf(of, payload)) assert.match(amount, /^(0|[1-9]\d*)$/);
      }),
    );
  });
});

describe('a look-alike', () => {
  const dirty = `0x${'1'.padStart(24, '0')}${'0'.repeat(39)}a`;
  const parties = [topic(1n), topic(2n), topic(3n)];
  const cases: [string, readonly string[], string][] = [
    ['without indexed parties', [transfer], data(1n, 2n, 3n)],
    ['with one indexed party', [transfer, topic(1n)], data(2n, 3n)],
    ['of ERC-20 without an amount', [transfer, topic(1n), topic(2n)], '0x'],
    ['of ERC-20 with more than an amount', [transfer, topic(1n), topic(2n)], data(1n, 2n)],
    ['with half a word', [transfer, topic(1n), topic(2n)], `0x${'0'.repeat(63)}`],
    ['with an address of more than 20 bytes', [transfer, dirty, topic(2n)], data(1n)],
    ['of ERC-721 with data', [transfer, ...parties], data(1n)],
    ['of a single with one word', [single, ...parties], data(1n)],
    ['of a batch without arrays', [batch, ...parties], '0x'],
    ['of a batch with an offset outside', [batch, ...parties], data(64n, 9_999n, 0n)],
    ['of a batch with a huge offset', [batch, ...parties], data(64n, 2n ** 255n, 0n)],
    ['of a batch with an odd offset', [batch, ...parties], data(65n, 64n, 0n)],
    ['of a batch with a length outside', [batch, ...parties], data(64n, 64n, 2n ** 64n)],
    ['of a batch with unequal arrays', [batch, ...parties], data(64n, 128n, 1n, 7n, 0n)],
    ['without topics', [], data(1n)],
  ];
  for (const [title, topics, payload] of cases) {
    it(`${title} is no transfer and no error`, () => {
      assert.deepEqual(transfersOf(topics, payload), []);
    });
  }
});
