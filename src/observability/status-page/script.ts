/**
 * The status page's program, as the browser runs it: asks for the status once a second and draws
 * it. Texts are set as text, never as markup, because hashes and messages come from outside.
 */
import { forkPicture } from './fork-picture.ts';

export const statusScript = String.raw`'use strict';
const tones = { live: 'good', catching_up: 'good', starting: 'warn', restoring: 'warn', degraded: 'warn', paused: 'bad', stopped: 'bad' };
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const name of Object.keys(attributes || {})) node.setAttribute(name, attributes[name]);
  node.append(...children.filter((child) => child !== null));
  return node;
}

function duration(ms) {
  if (ms === null) return '–';
  if (ms < 1000) return whole.format(ms) + ' ms';
  if (ms < 120000) return tenth.format(ms / 1000) + ' s';
  if (ms < 7200000) return whole.format(ms / 60000) + ' min';
  return whole.format(ms / 3600000) + ' h';
}

function height(ref) { return ref === null ? '–' : whole.format(ref.height); }
function count(n) { return n === null ? '–' : whole.format(n); }
function shortHash(hash) { return hash.length > 18 ? hash.slice(0, 10) + '…' + hash.slice(-6) : hash; }

function figure(name, value, note) {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value, note ? element('small', {}, ' ' + note) : null));
}

function figures(source) {
  return element('dl', {},
    figure('Head', height(source.head)),
    figure('Published', height(source.published)),
    figure('Finalized', height(source.finalized)),
    figure('Lag', count(source.lagBlocks), source.lagBlocks === 1 ? 'block' : 'blocks'),
    figure('Delay', duration(source.lagMs)),
    figure('Rows', tenth.format(source.rates.rowsPerSecond), 'per s'),
    figure('Blocks', tenth.format(source.rates.blocksPerSecond), 'per s'),
    figure('Undo window', count(source.undo.blocks), 'blocks, ' + count(source.undo.rows) + ' rows'),
    figure('Retracted', count(source.totals.retractions), 'rows in ' + count(source.totals.reorgs) + (source.totals.reorgs === 1 ? ' reorg' : ' reorgs')));
}

function reorgTable(reorgs, now) {
  if (reorgs.length === 0) return null;
  const rows = reorgs.slice(0, 8).map((reorg) => element('tr', {},
    element('td', {}, duration(now - reorg.at) + ' ago'),
    element('td', { class: 'bad' }, reorg.depth + (reorg.depth === 1 ? ' block' : ' blocks')),
    element('td', {}, count(reorg.retractions)),
    element('td', {}, count(reorg.commonAncestor.height), ' ', element('code', {}, shortHash(reorg.commonAncestor.hash))),
    element('td', {}, reorg.reason)));
  const names = ['When', 'Depth', 'Rows retracted', 'Common ancestor', 'Reason'];
  return element('div', { class: 'tablewrap' }, element('table', {},
    element('caption', {}, 'Recent reorganizations'),
    element('thead', {}, element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...rows)));
}

function card(source, now) {
  const forks = source.recentBlocks.length === 0 ? null : element('div', { class: 'forks' }, forkPicture(source));
  return element('section', { class: 'card', 'aria-label': source.name },
    element('div', { class: 'top' },
      element('h2', {}, source.name),
      element('span', { class: 'about' }, [source.kind, source.chain].filter(Boolean).join(' · ')),
      element('span', { class: 'pill ' + tones[source.state] }, source.state.replace('_', ' ') + ' for ' + duration(now - source.stateSince))),
    source.error === null ? null : element('p', { class: 'error', role: 'alert' }, source.error.code + ': ' + source.error.message),
    figures(source), forks, reorgTable(source.recentReorgs, now));
}

${forkPicture}

async function refresh() {
  const ready = document.getElementById('ready');
  try {
    const response = await fetch('/api/status', { signal: AbortSignal.timeout(4000) });
    const status = await response.json();
    ready.textContent = status.isReady ? 'ready' : 'not ready';
    ready.className = 'pill ' + (status.isReady ? 'good' : 'warn');
    ready.title = status.reasons.join('\n');
    document.getElementById('process').textContent = status.version + ', up for ' + duration(status.now - status.startedAt);
    // Drawing anew would take the selection from somebody who copies a hash.
    if (status.sources.length > 0 && document.getSelection().isCollapsed) {
      document.getElementById('sources').replaceChildren(...status.sources.map((source) => card(source, status.now)));
    }
  } catch {
    ready.textContent = 'not reachable';
    ready.className = 'pill bad';
  }
  setTimeout(refresh, document.hidden ? 5000 : 1000);
}
void refresh();
`;
