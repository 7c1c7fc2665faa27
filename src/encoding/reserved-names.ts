/**
 * Column names that a stream engine cannot use as they are: quoted, refused, or taken by the
 * envelope. Seen on ksqlDB 7.9; other engines reserve fewer.
 */
import { envelopeNames } from './envelope.ts';

const needQuotes = `from to window end limit group by values into table stream topic topics size at
exists properties left right decimal query case when then else not null true false and or in is as
on with like between distinct all join inner outer full where having select create drop insert
delete connector terminate retention advance hopping tumbling milliseconds unset list print cast
extended rename within years months days hours minutes seconds millisecond streams queries describe load`;

/** Names that ksqlDB takes in quotes only, in lower case. */
export const quotedNames: ReadonlySet<string> = new Set(needQuotes.split(/\s+/));

const refused = 'rowtime rowpartition rowoffset windowstart windowend';

/** Names that no column of a row may have, in lower case. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...quotedNames,
  ...refused.split(' '),
  ...envelopeNames,
]);
