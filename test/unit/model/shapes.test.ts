import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blankMaker, propertyCount, propertyReader } from '../../../src/model/shapes.ts';

const awkward = [
  'plain',
  'two words',
  'quo"te',
  'back\\slash',
  "}; throw new Error('run'); {",
  '1',
];

describe('functions for objects of known properties', () => {
  it('make objects of their own with these properties, whatever they are called', () => {
    const make = blankMaker(awkward);
    const [one, other] = [make(), make()];
    one['plain'] = null;
    assert.notEqual(one, other);
    assert.deepEqual(new Set(Object.keys(other)), new Set(awkward));
    assert.ok(Object.values(other).every((value) => value === null));
  });

  it('read them in their order, undefined for what is missing', () => {
    const read = propertyReader(awkward);
    const whole = Object.fromEntries(awkward.map((name, index) => [name, index]));
    assert.deepEqual(read(whole), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(read({ 'quo"te': 'x', other: 1 }), [
      undefined,
      undefined,
      'x',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('count properties', () => {
    assert.equal(propertyCount({}), 0);
    assert.equal(propertyCount({ one: undefined, two: null }), 2);
  });
});
