"""Totals per token from a changelog, with the rows of lost blocks taken back.

KAFKA_BROKERS=... REGISTRY_URL=... python totals.py ommer.eip155-31337.token_transfers
"""
import sys
from collections import Counter, defaultdict

from records import changes

amounts = defaultdict(Counter)  # every amount is kept: MIN and MAX must be able to give back
for _, change in changes(sys.argv[1]):
    row = change if "before" not in change else change["after"] or change["before"]
    token = row["token_address"] or row["chain"]
    bag = amounts[token]
    bag[int(row["amount"])] += change["sign"]  # Python's integers hold a uint256
    bag = amounts[token] = Counter({amount: n for amount, n in bag.items() if n != 0})
    extremes = [min(bag), max(bag)] if bag else []
    print("totals", token, bag.total(), sum(bag.elements()), *extremes, sep="\t", flush=True)
