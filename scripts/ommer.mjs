/** The command line of this clone: installs and compiles what is missing, then runs in this process. */
import { build, installDependencies, root } from './setup.mjs';

installDependencies();
build();
process.argv.splice(1, 1, `${root}/dist/main.js`);
await import('../dist/main.js');
