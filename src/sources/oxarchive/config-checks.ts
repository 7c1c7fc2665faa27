/** What is wrong with the options of a 0xArchive source together: venues, channels, times. */
import { retryProblems } from '../request-options.ts';
import type { ConfigProblem } from '../source.ts';
import { bookChannelKind, marketsOf, type OxarchiveConfig } from './config.ts';
import { channelOf, parseMarket, type Venue } from './markets.ts';

/** What a format of a single option cannot express. */
export function validateOxarchiveConfig(config: OxarchiveConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [...retryProblems(config)];
  for (const text of config.markets) {
    const market = parseMarket(text);
    if ('problem' in market) problems.push({ path: 'markets', message: market.problem });
  }
  const markets = marketsOf(config);
  const venues = [...new Set(markets.map(({ venue }) => venue))];
  if (venues.length > 1) {
    problems.push({
      path: 'markets',
      message: `names markets of ${venues.join(' and ')}: write one source for each venue`,
    });
  }
  const [venue] = venues;
  if (venue !== undefined) problems.push(...venueProblems(config, venue));
  const { overlapMs, auditIntervalMs, archiveLagMs } = config;
  if (auditIntervalMs > 0 && overlapMs < auditIntervalMs + archiveLagMs) {
    problems.push({
      path: 'overlapMs',
      message: `is ${overlapMs}, which is less than auditIntervalMs and archiveLagMs together (${auditIntervalMs + archiveLagMs}): the position could not go on between two audits`,
    });
  }
  return problems;
}

function venueProblems({ bookDepth, bookIntervalMs, streamWs }: OxarchiveConfig, venue: Venue) {
  const problems: ConfigProblem[] = [];
  const isLighter = venue === 'lighter' || venue === 'rh_lighter';
  if (channelOf(venue, bookChannelKind(bookDepth)) === undefined) {
    problems.push({
      path: 'bookDepth',
      message: `is ${bookDepth}, which ${venue} has no live channel for: write top`,
    });
  }
  if (bookIntervalMs !== null && !isLighter) {
    problems.push({
      path: 'bookIntervalMs',
      message: `is ${bookIntervalMs}, but ${venue} takes none: it is for lighter and rh_lighter`,
    });
  }
  if (streamWs !== null && isLighter) {
    problems.push({ path: 'streamWs', message: `serves nothing of ${venue}: leave it out` });
  }
  return problems;
}
