/** How ksqlDB writes names and types. */
import { quotedNames } from '../../encoding/reserved-names.ts';
import type { TypeNames } from './topic-shape.ts';

/** Inferred names are upper case, and a quoted name is taken as it stands. */
export function quoted(name: string): string {
  return quotedNames.has(name) ? `\`${name.toUpperCase()}\`` : name;
}

/** ksqlDB's names of types. */
export const types: TypeNames = {
  primitives: {
    string: 'VARCHAR',
    boolean: 'BOOLEAN',
    int: 'INTEGER',
    long: 'BIGINT',
    float: 'DOUBLE',
    double: 'DOUBLE',
    bytes: 'BYTES',
  },
  logical: { 'timestamp-millis': 'TIMESTAMP', date: 'DATE', 'time-millis': 'TIME' },
  decimal: (precision, scale) => `DECIMAL(${precision}, ${scale})`,
  list: (item) => `ARRAY<${item}>`,
  record: (fields) =>
    `STRUCT<${fields.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ')}>`,
  nullable: (type) => type,
  required: (type) => type,
};
