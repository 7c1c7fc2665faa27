/** Argument encoding against the examples of the Solidity ABI specification. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { encodeArguments } from '../../../../src/devnet/traffic/abi.ts';

const word = (digits: string) => digits.padStart(64, '0');
const left = (digits: string) => digits.padEnd(64, '0');

test('dynamic arguments follow the head, which holds their offsets', () => {
  // sam(bytes,bool,uint256[]) with "dave", true and [1,2,3], from the ABI specification.
  assert.equal(
    encodeArguments([{ text: 'dave' }, 1n, [1n, 2n, 3n]]),
    [
      word('60'),
      word('1'),
      word('a0'),
      word('4'),
      left('64617665'),
      word('3'),
      word('1'),
      word('2'),
      word('3'),
    ].join(''),
  );
});

test('empty dynamic arguments are a length of zero', () => {
  assert.equal(
    encodeArguments([[], { bytes: '0x' }]),
    [word('40'), word('60'), word('0'), word('0')].join(''),
  );
});

test('bytes longer than a word are padded to full words', () => {
  const content = 'ab'.repeat(33);
  assert.equal(
    encodeArguments([{ bytes: `0x${content}` }]),
    word('20') + word('21') + content.padEnd(128, '0'),
  );
});
