/** The status page's markup. Everything it shows is filled in by `script.ts`. */

export const statusPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ommer</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath d='M4 11h24M14 11c5 0 4 11 9 11h5' fill='none' stroke='%230d9488' stroke-width='3'/%3E%3Ccircle cx='8' cy='11' r='4' fill='%230d9488'/%3E%3Ccircle cx='24' cy='22' r='4' fill='%23e11d48'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/status.css">
<script src="/status.js" defer></script>
</head>
<body>
<header>
  <h1>ommer</h1>
  <p class="tagline">Blocks into Kafka. What stops being true is retracted.</p>
  <p class="process"><span id="ready" class="pill">connecting</span><span id="process"></span></p>
</header>
<main id="sources"><p class="empty">Waiting for the first source.</p></main>
<footer>
  <span class="legend"><i class="key final"></i>final</span>
  <span class="legend"><i class="key canonical"></i>canonical</span>
  <span class="legend"><i class="key retracted"></i>retracted</span>
  <nav><a href="/metrics">metrics</a><a href="/api/status">status as JSON</a><a href="/readyz">readiness</a></nav>
</footer>
</body>
</html>
`;
