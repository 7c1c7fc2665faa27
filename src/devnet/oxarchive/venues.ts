/** The six venues: how channels and REST paths name them, and how often their state is told. */

/** A venue, as channel names and rows of ours tell it. */
export type Venue = 'hyperliquid' | 'hip3' | 'hip4' | 'spot' | 'lighter' | 'rh_lighter';

/** What is the same for all markets of a venue. */
export interface VenueRules {
  /** What its channels begin with. */
  readonly channelPrefix: string;
  /** What its REST paths begin with, after `/v1`. */
  readonly restPrefix: string;
  /** Both Lighter venues have shapes of their own, and a second, finalized copy of trades. */
  readonly isLighter: boolean;
  /** Between two archived rows of funding or open interest. */
  readonly contextArchiveMs: number;
}

/** Venues by name. */
export const venues: Readonly<Record<Venue, VenueRules>> = {
  hyperliquid: venueOf('', '/hyperliquid', { contextArchiveMs: 61_000 }),
  hip3: venueOf('hip3_', '/hyperliquid/hip3'),
  hip4: venueOf('hip4_', '/hyperliquid/hip4'),
  spot: venueOf('spot_', '/hyperliquid/spot'),
  lighter: venueOf('lighter_', '/lighter', { isLighter: true }),
  rh_lighter: venueOf('rh_lighter_', '/rh-lighter', { isLighter: true }),
};

/** The names of all venues. */
export const venueNames = Object.keys(venues) as readonly Venue[];

function venueOf(
  channelPrefix: string,
  restPrefix: string,
  rules: Partial<VenueRules> = {},
): VenueRules {
  return { channelPrefix, restPrefix, isLighter: false, contextArchiveMs: 10_000, ...rules };
}
