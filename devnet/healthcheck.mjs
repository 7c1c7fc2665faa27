/** The container's health check: ommer's own, asked from inside. Exit code 0 = healthy. */
const url = process.argv[2] ?? 'http://127.0.0.1:8080/healthz';
const response = await fetch(url, { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
process.exit(response?.ok === true ? 0 : 1);
