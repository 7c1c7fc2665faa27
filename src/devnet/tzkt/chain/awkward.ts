/** Values that break readers: numbers over 2^64, scripts and escapes, nulls, deep nesting. */

import type { Json } from '../../simulator/json.ts';
import type { SeededRandom } from '../../traffic/seeded-random.ts';

/** 2^128: more than any machine integer holds. */
export const huge = (2n ** 128n).toString();

const depth = 200;

const texts = [
  'emoji 🦊👩‍👩‍👧, combining e\u0301, right-to-left \u05e9\u05dc\u05d5\u05dd, \u4e2d\u6587',
  'escapes " \\ / \b \f \n \r \t \u0000 \u001e \u2028 \u2029 </script> &amp;',
  '',
];

/** One of the awkward values, by lot. */
export function awkwardValue(random: SeededRandom): Json {
  switch (random.integer(0, 4)) {
    case 0:
      return deepPair();
    case 1:
      return { text: random.pick(texts), nothing: null, list: [null, [], {}], flag: false };
    case 2:
      return { int: `-${huge}`, nat: (2n ** 64n).toString(), '': 'empty name', 'a.b': ['dotted'] };
    case 3:
      return null;
    default:
      return { __proto__x: 1, constructor: 'word', 'naïve key 🗝': random.hex(300) };
  }
}

function deepPair(): Json {
  let value: Json = { int: huge };
  for (let level = 0; level < depth; level += 1) {
    value = level % 2 === 0 ? [value] : { prim: 'Pair', args: [value, { string: `${level}` }] };
  }
  return value;
}
