/** No secret is ever in a message or in the printed form. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import { originOf } from '../../../src/config/redact.ts';
import { redactConfig } from '../../../src/config/redact-config.ts';
import { definitions } from './fake-source.ts';

const dir = mkdtempSync(join(tmpdir(), 'ommer-redact-'));
const file = join(dir, 'ommer.yaml');
after(() => rmSync(dir, { recursive: true, force: true }));

// Long enough and of letters that appear in no message by chance; some break YAML or addresses.
const secret = fc
  .array(fc.constantFrom('Q', 'X', 'Z', 'J', '9', '%', '*', '&', ':', '#', "'", '"', '{', ' '), {
    minLength: 8,
    maxLength: 24,
  })
  .map((letters) => letters.join(''))
  .filter((text) => /[QXZJ].*[QXZJ].*[QXZJ]/.test(text));

function configWith(value: string): Record<string, unknown> {
  const key = encodeURIComponent(value);
  return {
    kafka: {
      tls: { enabled: true, cert: 'CERT', key: value },
      sasl: { mechanism: 'plain', username: 'u', password: value },
    },
    registry: {
      url: 'http://registry.example:8081',
      auth: { username: 'u', password: value },
    },
    sources: {
      a: {
        kind: 'fake',
        chain: 'eip155:1',
        apiKey: value,
        http: [`https://node.example/v3/${key}?key=${key}`],
      },
    },
  };
}

function messageOf(yaml: string): string {
  writeFileSync(file, yaml);
  try {
    loadConfig({ file, environment: {}, definitions });
  } catch (error) {
    return error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  }
  assert.fail('The configuration was accepted.');
}

function assertHidden(printed: string, value: string): void {
  for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
    assert.ok(!printed.includes(form), `${JSON.stringify(value)} is in ${printed}`);
  }
}

describe('a secret', () => {
  it('is not in the printed form of the configuration', () => {
    fc.assert(
      fc.property(secret, (value) => {
        writeFileSync(file, stringify(configWith(value)));
        const config = loadConfig({ file, environment: {}, definitions });
        const printed = JSON.stringify(redactConfig(config, definitions));
        assertHidden(printed, value);
        assert.ok(printed.includes('https://node.example/…'));
        assert.ok(printed.includes('"username":"u"'));
      }),
      { numRuns: 50 },
    );
  });

  it('is not in the message when it stands where something else is expected', () => {
    fc.assert(
      fc.property(secret, (value) => {
        const wrong = {
          kafka: {
            sasl: value,
            tls: { key: [value] },
            brokers: [`https://x/${encodeURIComponent(value)}`],
          },
          registry: {
            url: `http://user:${encodeURIComponent(value)}@registry.example/`,
            auth: { password: { secret: value }, token: value },
          },
          password: value,
          sources: { a: { kind: 'fake', chain: 'c', apiKey: [value], http: { url: value } } },
        };
        assertHidden(messageOf(stringify(wrong)), value);
      }),
      { numRuns: 50 },
    );
  });

  it('is not in the message when it breaks the YAML around it', () => {
    fc.assert(
      fc.property(secret, (value) => {
        assertHidden(messageOf(`kafka: { sasl: { password: ${value} }\n`), value);
        assertHidden(
          messageOf(`kafka: { sasl: { password: *${value.replaceAll(/\W/g, '')} } }`),
          value.replaceAll(/\W/g, ''),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('in an address leaves the origin only', () => {
    assert.equal(originOf('wss://u:p@host.example:99/v3/KEY?a=b#c'), 'wss://host.example:99/…');
    assert.equal(originOf('http://127.0.0.1:8545'), 'http://127.0.0.1:8545');
    assert.equal(originOf('https://not an address/KEY'), '[hidden]');
    assert.equal(originOf('latest'), undefined);
  });
});
