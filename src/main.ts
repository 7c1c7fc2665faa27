#!/usr/bin/env node
/** The program: arguments and signals in, exit code out. */
import { runProcess } from './cli/process.ts';

await runProcess();
