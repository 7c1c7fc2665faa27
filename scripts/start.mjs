/** `npm start`: the main job on embedded defaults, until Ctrl-C. */
process.argv.splice(2, 0, 'start');
await import('./ommer.mjs');
