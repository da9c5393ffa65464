"""A plain client of upstream's protocol: sends ticks, waits for their bars, prints everything read as JSON.

Usage: client.py ADDRESS BUCKET_NS STUB_FOLDER
"""
import json
import os
import sys
import time

from grpc_tools import protoc

address, bucket, stubs = sys.argv[1], int(sys.argv[2]), sys.argv[3]
here = os.path.dirname(os.path.abspath(__file__))
if protoc.main(["protoc", "-I", here, "--python_out", stubs, "--grpc_python_out", stubs, "upstream.proto"]) != 0:
    sys.exit("the client could not be generated from upstream.proto")
sys.path.insert(0, stubs)

import grpc  # noqa: E402
import upstream_pb2 as pb  # noqa: E402
import upstream_pb2_grpc as rpc  # noqa: E402

SECOND = 1_000_000_000
SYMBOLS = ["PYA", "PYB", "PYC"]
TICKS_PER_SYMBOL, BUCKETS = 300, 3


def requests():
    for i in range(TICKS_PER_SYMBOL * BUCKETS):
        ticks = [
            pb.TickData(
                timestamp_ns=bucket + i * (SECOND // TICKS_PER_SYMBOL),
                dimensions={"symbol": symbol},
                fields={"price": 1_000_000 + (i * 7919 % 1000) * 100 + n, "quantity": 1 + i % 17},
                sequence=i + 1,
            )
            for n, symbol in enumerate(SYMBOLS)
        ]
        yield pb.IngestRequest(series="market_ticks", ticks=ticks)


def read_bars(client):
    bars = []
    for symbol in SYMBOLS:
        query = pb.BarQuery(series="market_ticks", dimensions={"symbol": symbol}, start_ns=bucket, end_ns=bucket + BUCKETS * SECOND)
        bars += [
            {"symbol": bar.dimensions["symbol"], "bucket": bar.bucket_ts, "first": bar.first_timestamp, "last": bar.last_timestamp,
             "ticks": bar.tick_count, "metrics": dict(bar.metrics)}
            for bar in client.QueryBars(query)
        ]
    return bars


with grpc.insecure_channel(address) as channel:
    client = rpc.TikrStub(channel)
    received = client.IngestTicks(requests(), timeout=30).ticks_received
    deadline = time.monotonic() + 20
    bars = read_bars(client)
    while len(bars) < len(SYMBOLS) * BUCKETS and time.monotonic() < deadline:
        time.sleep(0.1)
        bars = read_bars(client)
    query = pb.TickQuery(series="market_ticks", dimensions={"symbol": "PYA"}, start_ns=bucket, end_ns=bucket + SECOND, limit=5)
    print(json.dumps({
        "received": received,
        "bars": bars,
        "ticks": [{"time": t.timestamp_ns, "price": t.fields["price"], "sequence": t.sequence} for t in client.QueryTicks(query)],
        "series": [series.name for series in client.ListSeries(pb.Empty()).series],
        "version": client.GetInfo(pb.Empty()).version,
    }))
