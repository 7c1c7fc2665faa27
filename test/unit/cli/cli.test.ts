/** The frame of the command line: commands, help, mistyped words, exit codes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCli } from '../../../src/cli/cli.ts';
import { type Command, UsageError } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands.ts';
import { FatalError, TransientError } from '../../../src/model/errors.ts';
import { recordingIo } from './recording-io.ts';

function failing(error: unknown): Command {
  return {
    name: 'fail',
    summary: 'Fails.',
    usage: 'fail',
    about: 'Fails.',
    options: {},
    examples: ['ommer fail'],
    positionals: [],
    run: () => Promise.reject(error),
  };
}

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = recordingIo();
  const code = await runCli(argv, commands, io);
  return { code, out: io.out(), err: io.err() };
}

describe('the help', () => {
  it('lists every command', async () => {
    for (const argv of [[], ['--help'], ['help']]) {
      const { code, out } = await run(...argv);
      assert.equal(code, 0);
      for (const { name, summary } of commands) assert.ok(out.includes(summary), name);
    }
  });

  for (const command of commands) {
    it(`of ${command.name} shows usage, options, an example and the exit codes`, async () => {
      const { code, out } = await run(command.name, '--help');
      assert.equal(code, 0);
      assert.ok(out.startsWith(`Usage: ommer ${command.usage}\n`));
      for (const name of Object.keys(command.options)) assert.ok(out.includes(`--${name}`), name);
      assert.match(out, new RegExp(`^ {2}ommer ${command.name}`, 'm'));
      assert.match(out, /^ {3}75 {2}fenced/m);
      assert.equal((await run('help', command.name)).out, out);
    });
  }

  it('of a command keeps its form', async () => {
    const { out } = await run('topics', '--help');
    assert.equal(
      out.split('\nExit codes:')[0],
      `Usage: ommer topics plan|apply [SOURCE…] [--config FILE] [--grow] [--json]

plan compares the topics of the sources (all, or the named ones) with Kafka and
changes nothing. apply creates what is missing and, with --grow, adds partitions
to topics that have too few. Nothing else is ever altered. Ends with 78 while a
difference remains that makes a run impossible.

Options:
  --config FILE  Configuration file; ommer.yaml by default.
  --grow         apply: add partitions to topics that have too few.
  --json         One JSON object per difference.
  --help         Show this text.

Examples:
  ommer topics plan
  ommer topics apply --grow mainnet
`,
    );
  });

  it('prints the version', async () => {
    const { code, out } = await run('--version');
    assert.equal(code, 0);
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('a mistyped word', () => {
  for (const [argv, expected] of [
    [['tial'], 'There is no command "tial". Did you mean "tail"?\nSee ommer --help.'],
    [
      ['check', '--cofnig', 'x'],
      'There is no option --cofnig. Did you mean --config?\nSee ommer check --help.',
    ],
    [
      ['topics', 'aply'],
      'There is no verb "aply"; did you mean "apply"?\nSee ommer topics --help.',
    ],
    [['topics'], 'A verb is missing: expected plan, apply.'],
    [['tail', '--config'], '--config needs a value.\nSee ommer tail --help.'],
    [['--verison'], 'There is no option --verison. Did you mean --version?\nSee ommer --help.'],
    // Mistakes of the command line come before those of a configuration, which is not there.
    [['tail', '--limit', 'x'], '--limit is "x", expected a whole number of at least 1.'],
    [['tail', '--from', 'middle'], '--from is "middle", expected beginning or end.'],
    [['checkpoint', 'reset'], 'reset needs --source NAME.'],
    [['replay', '--source', 'a', '--from', '9', '--to', '5'], '--from 9 is above --to 5.'],
    [['offsets', '--block', '1'], 'offsets needs --topic NAME.'],
    [['checkpoint', 'show', 'a'], '"a" is one argument too many.'],
    [
      ['devnet', 'kafka', 'kil', '--broker', '1'],
      'kafka needs one of kill, restart, pause, resume. Did you mean "kill"?',
    ],
    [['devnet', 'reorg', '--depth', '0'], '--depth is "0", expected a whole number of at least 1.'],
    [['devnet', 'reorg'], '--depth N is missing.'],
    [['devnet', 'tzkt', 'fault', 'drop-dat'], 'Did you mean "drop-data"?'],
    [['devnet', 'kafka', 'kill', '2'], '"2" is one argument too many.'],
    [['devnet', 'traffic'], '--evm URL is missing: which chain to keep busy.'],
    [
      ['devnet', 'traffic', '--evm', 'ws://a'],
      '--evm is "ws://a", expected an address starting with http:// or https://.',
    ],
  ] as const) {
    it(`in "${argv.join(' ')}" ends with 64 and a hint`, async () => {
      const { code, out, err } = await run(...argv);
      assert.equal(code, 64);
      assert.equal(out, '');
      assert.ok(err.includes(expected), err);
    });
  }
});

describe('the exit code', () => {
  for (const [error, code, text] of [
    [new UsageError('no'), 64, /^ommer: no\nSee ommer fail --help\.\n$/],
    [
      new FatalError('kafka.fenced', { stage: 'publishing', message: 'gone' }),
      75,
      /^ommer: kafka\.fenced: gone\n$/,
    ],
    [
      new TransientError('source.unreachable', {
        stage: 'sources',
        message: 'at https://n.example/KEY',
      }),
      69,
      /at https:\/\/n\.example\/…\n$/,
    ],
    [
      new TypeError('x is not a function'),
      70,
      /defect[\s\S]*TypeError: x is not a function\n {4}at /,
    ],
    ['a string', 70, /defect[\s\S]*a string/],
  ] as const) {
    it(`of ${error instanceof Error ? error.name : 'a thrown text'} is ${code}`, async () => {
      const io = recordingIo();
      assert.equal(await runCli(['fail'], [failing(error)], io), code);
      assert.match(io.err(), text);
    });
  }

  it('of an invalid configuration is 78, with every mistake', async () => {
    const { code, err } = await run('run', '--config', 'none/ommer.yaml');
    assert.equal(code, 78);
    assert.match(err, /config\.unreadable.*none\/ommer\.yaml/);
  });
});
