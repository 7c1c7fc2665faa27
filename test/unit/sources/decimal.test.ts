/** One text per number, whoever writes it, and no digit lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalDecimal, parseExactJson } from '../../../src/sources/decimal.ts';

describe('a decimal number', () => {
  it('has one text however it is written', () => {
    const writings: readonly (readonly [string, readonly unknown[]])[] = [
      ['5', ['5', '5.', '5.000000000000000000', '+5', '005', 5, 5n, '0.5e1', '50E-1']],
      ['0', ['0', '-0', '0.000', -0, 0, '.0', '0e5']],
      ['0.5', ['0.5', '.5', '0.50', 0.5, '5e-1']],
      ['-0.0000001', ['-0.0000001', -1e-7, '-1E-7']],
      ['123456789012345680000', [1.2345678901234568e20, '12345678901234568e4']],
    ];
    for (const [text, values] of writings) {
      for (const value of values) assert.equal(canonicalDecimal(value), text, String(value));
    }
    const others = ['', '.', '-', 'e1', '1e', '1e9999', 'NaN', 'Infinity', '0x1', '1 ', '1,5'];
    for (const value of [
      ...others,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      true,
      {},
      [],
      undefined,
    ]) {
      assert.equal(canonicalDecimal(value), undefined, String(value));
    }
  });

  it('keeps all its digits, with any zeros around them', () => {
    const digits = fc.stringMatching(/^[0-9]{0,90}$/);
    fc.assert(
      fc.property(digits, digits, fc.nat(5), fc.nat(5), (whole, fraction, before, after) => {
        const text = `${'0'.repeat(before)}${whole}0.${fraction}${'0'.repeat(after)}`;
        const found = canonicalDecimal(text);
        const scale = fraction.length;
        const [integer = '', rest = ''] = found?.split('.') ?? [];
        assert.equal(
          BigInt(`${integer}${rest.padEnd(scale, '0')}`),
          BigInt(`${whole}0${fraction}`),
        );
        assert.doesNotMatch(found ?? '', /^0\d|\.$|\..*0$/);
      }),
    );
  });

  it('keeps them as a number of JSON too, alone or beside others', () => {
    const text =
      '{"a":[0.12345678901234567890,1e-30,18446744073709551616],"b":0.5,"c":1.50,"d":"0.10"}';
    const a = ['0.12345678901234567890', 1e-30, 18446744073709551616n];
    assert.deepEqual(parseExactJson(text), { a, b: 0.5, c: 1.5, d: '0.10' });
    assert.deepEqual(parseExactJson('{"b":0.5,"c":1.50}'), { b: 0.5, c: 1.5 });
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const json = `{"value":${JSON.stringify(value)},"long":0.12345678901234567890}`;
        const { value: found } = parseExactJson(json) as { value: unknown };
        assert.equal(canonicalDecimal(found), canonicalDecimal(value));
      }),
    );
  });
});
