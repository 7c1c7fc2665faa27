/**
 * The part of the status page's program that draws recent forks: the canonical chain on one line,
 * every branch that was retracted below it, each block joined to its parent.
 */

export const forkPicture = String.raw`
const shown = 44, step = 27, side = 15, laneHeight = 30, top0 = 26;

function shape(tag, attributes, title) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const name of Object.keys(attributes)) node.setAttribute(name, attributes[name]);
  if (title) { const t = document.createElementNS('http://www.w3.org/2000/svg', 'title'); t.textContent = title; node.append(t); }
  return node;
}

// A retracted block takes the lane of its retracted parent, else the first lane free at its height and the next ones.
function lanesOf(blocks) {
  const lanes = new Map(), taken = new Set();
  for (const block of blocks) if (block.isCanonical) lanes.set(block.hash, 0);
  const lost = blocks.filter((block) => !block.isCanonical).sort((a, b) => a.height - b.height || a.at - b.at);
  for (const block of lost) {
    let lane = lanes.get(block.parentHash) || 1;
    while (taken.has(lane + ':' + block.height)) lane += 1;
    taken.add(lane + ':' + block.height);
    taken.add(lane + ':' + (block.height - 1));
    lanes.set(block.hash, lane);
  }
  return lanes;
}

function forkPicture(source) {
  const newest = Math.max(...source.recentBlocks.map((block) => block.height));
  const blocks = source.recentBlocks.filter((block) => block.height > newest - shown);
  const lanes = lanesOf(blocks);
  const byHash = new Map(blocks.map((block) => [block.hash, block]));
  const x = (block) => (block.height - newest + shown) * step - step / 2;
  const y = (block) => top0 + lanes.get(block.hash) * laneHeight;
  const depth = Math.max(2, ...lanes.values());
  const svg = shape('svg', { viewBox: '0 0 ' + (shown * step + 10) + ' ' + (top0 + depth * laneHeight + 26), role: 'img' }, 'Recent blocks and forks');
  for (const block of blocks) {
    const parent = byHash.get(block.parentHash);
    if (!parent) continue;
    const middle = (x(parent) + x(block)) / 2;
    const path = 'M' + x(parent) + ' ' + y(parent) + 'C' + middle + ' ' + y(parent) + ' ' + middle + ' ' + y(block) + ' ' + x(block) + ' ' + y(block);
    svg.append(shape('path', { d: path, class: block.isCanonical ? 'link' : 'link retracted' }));
  }
  for (const block of blocks) drawBlock(svg, block, { x: x(block), y: y(block), isHead: source.published !== null && block.hash === source.published.hash, isFinal: source.finalized !== null && block.height <= source.finalized.height });
  const bottom = top0 + depth * laneHeight + 16;
  for (let h = newest - shown + 1; h <= newest; h++) {
    if (h >= 0 && h % 5 === 0) { const label = shape('text', { x: x({ height: h }), y: bottom, class: 'height' }); label.textContent = h; svg.append(label); }
  }
  return svg;
}

function drawBlock(svg, block, at) {
  const title = block.height + '  ' + block.hash + '\n' + block.rows + ' rows, ' + (block.isCanonical ? at.isFinal ? 'final' : 'canonical' : 'retracted');
  const kind = block.isCanonical ? (at.isFinal ? 'block final' : 'block') : 'block retracted';
  const half = side / 2;
  svg.append(shape('rect', { x: at.x - half, y: at.y - half, width: side, height: side, rx: 4, class: kind }, title));
  if (!block.isCanonical) svg.append(shape('path', { d: 'M' + (at.x - 4) + ' ' + (at.y + 4) + 'L' + (at.x + 4) + ' ' + (at.y - 4), class: 'cross' }));
  if (at.isHead) svg.append(shape('rect', { x: at.x - half - 4, y: at.y - half - 4, width: side + 8, height: side + 8, rx: 7, class: 'head' }));
}
`;
