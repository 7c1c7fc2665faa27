"""Volumes of trades and the book of each market, from topics that may repeat records (delivery: low_latency).

KAFKA_BROKERS=... REGISTRY_URL=... python market.py ommer.hyperliquid
"""
import sys
from collections import Counter
from decimal import Decimal
from zlib import crc32

from records import changes


class Volumes:
    """Trades by event: the newest word on each counts. A correction takes back and inserts."""

    def __init__(self):
        self.words = {}
        self.totals = Counter()
        self.trades = Counter()

    def apply(self, change):
        if change["side"] != "buy":  # a trade has a row for each side
            return
        word = (change["incarnation"], -change["sign"])  # of one incarnation the retraction is the later one
        known, quantity = self.words.get(change["event_id"], ((0, 0), None))
        if word <= known:
            return  # a repeat
        market = f"{change['chain']} {change['symbol']}"
        if quantity is not None:
            self.totals[market] -= quantity
            self.trades[market] -= 1
        quantity = Decimal(change["quantity"]) if change["sign"] > 0 else None
        if quantity is not None:
            self.totals[market] += quantity
            self.trades[market] += 1
        self.words[change["event_id"]] = (word, quantity)
        print("volumes", market, self.trades[market], self.totals[market], sep="\t", flush=True)


class Book:
    """One market. It is trusted from a snapshot on, while no sequence is missing and nothing says unsafe."""

    def __init__(self, market):
        self.market = market
        self.place = (0, -1)
        self.sides = None  # None: not to be trusted
        self.was_printed = False

    def apply(self, row):
        place = (row["epoch"], row["sequence"])
        if place <= self.place:
            return  # a repeat
        follows = place == (self.place[0], self.place[1] + 1)
        self.place = place
        if row["change"] == "snapshot":
            self.sides = ({}, {})
        elif row["change"] == "unsafe" or not follows:
            self.sides = None
        if self.sides is not None:
            for side, name in zip(self.sides, ("bids", "asks")):
                for level in row[name]:
                    side.pop(level["price"], None)
                    if level["quantity"] != "0":
                        side[level["price"]] = level["quantity"]
            if crc32(self.text().encode()) != row["checksum"]:
                raise ValueError(f"{self.market}: the book is {self.text()}, its checksum {row['checksum']}")
        self.print()

    def text(self):
        """The best 20 levels a side, best first: what the checksum is of."""
        bids, asks = (sorted(side.items(), key=lambda level: Decimal(level[0])) for side in self.sides)
        best = bids[::-1][:20], asks[:20]
        return "|".join(",".join(f"{price}:{quantity}" for price, quantity in side) for side in best)

    def print(self):
        if self.sides is not None:
            print("books", self.market, self.text(), sep="\t", flush=True)
        elif self.was_printed:
            print("books", self.market, 0, 0, sep="\t", flush=True)  # nothing to be trusted
        self.was_printed = self.sides is not None


def main(prefix):
    volumes, books = Volumes(), {}
    for topic, change in changes(f"{prefix}.trades", f"{prefix}.book_deltas"):
        if topic.endswith(".trades"):
            volumes.apply(change)
            continue
        market = f"{change['chain']} {change['symbol']}"
        books.setdefault(market, Book(market)).apply(change)


main(sys.argv[1])
