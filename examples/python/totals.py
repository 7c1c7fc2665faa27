"""Totals per token from a changelog, with the rows of lost blocks taken back.

KAFKA_BROKERS=... REGISTRY_URL=... python totals.py ommer.eip155-31337.token_transfers
"""
import io
import json
import os
import struct
import sys
import urllib.request
from collections import Counter, defaultdict

from confluent_kafka import Consumer, TopicPartition
from fastavro import parse_schema, schemaless_reader

schemas = {}


def decode(value):
    """Avro after a zero byte and four bytes of schema id."""
    magic, schema_id = struct.unpack(">bI", value[:5])
    if magic != 0:
        raise ValueError("not written by ommer")
    if schema_id not in schemas:
        url = f"{os.environ['REGISTRY_URL']}/schemas/ids/{schema_id}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            schemas[schema_id] = parse_schema(json.loads(json.load(answer)["schema"]))
    return schemaless_reader(io.BytesIO(value[5:]), schemas[schema_id], None)


def main(topic):
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BROKERS"],
            "group.id": "unused: partitions are assigned by hand and nothing is committed",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",  # the default here, and not in other clients
            "auto.offset.reset": "earliest",
        }
    )
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    amounts = defaultdict(Counter)  # every amount is kept: MIN and MAX must be able to give back
    while True:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            raise RuntimeError(message.error())
        change = decode(message.value())
        row = change if "before" not in change else change["after"] or change["before"]
        token = row["token_address"] or row["chain"]
        bag = amounts[token]
        bag[int(row["amount"])] += change["sign"]  # Python's integers hold a uint256
        bag = amounts[token] = Counter({amount: n for amount, n in bag.items() if n != 0})
        extremes = [min(bag), max(bag)] if bag else []
        print("totals", token, bag.total(), sum(bag.elements()), *extremes, sep="\t", flush=True)


main(sys.argv[1])
