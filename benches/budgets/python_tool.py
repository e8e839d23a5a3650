"""Times the Python tool that people use today, one request a line, so that its turns can be taken between ours.

Started with the folder of its sources as the first argument; database and cache are told by its own environment
variables. A request is the name of an operation and how often it is to be done; the answer is a line of JSON: the time of each
in microseconds.
"""

import json
import sys
import time
from datetime import datetime, timedelta

answers = sys.stdout
# Whatever the tool prints is not an answer.
sys.stdout = sys.stderr
sys.path.insert(0, sys.argv[1])

from daos.write_behind_cache import WriteBehindCache  # noqa: E402
from daos.write_through_cache import WriteThroughCache  # noqa: E402

FLIGHTS = 100

through = WriteThroughCache()
behind = WriteBehindCache()
counts = {"made": 0}


def flight():
    counts["made"] += 1
    return 1 + counts["made"] % FLIGHTS


def times():
    departure = datetime(2026, 1, 1) + timedelta(minutes=counts["made"] % 10_000)
    return departure, departure + timedelta(hours=8)


def hit():
    source = through.get_flight(1)[1]
    return source == "CACHE_HIT"


def write_through():
    return through.update_flight_departure(flight(), *times(), user="benchmark")[0]


def acknowledge():
    return behind.update_flight_departure(flight(), *times(), user="benchmark")[0]


def timed(operation, how_often):
    took = []
    for _ in range(how_often):
        began = time.perf_counter()
        held = operation()
        took.append((time.perf_counter() - began) * 1e6)
        if not held:
            raise RuntimeError(f"{operation.__name__} did not do what it says")
    return took


def drain(how_often):
    behind.flush_queue()
    for _ in range(how_often):
        acknowledge()
    began = time.perf_counter()
    applied = behind.flush_queue()
    took = (time.perf_counter() - began) * 1e6
    if applied != how_often:
        raise RuntimeError(f"{applied} of {how_often} updates were applied")
    return [took]


def ready(_):
    # Its entries are in the cache before anything is timed: an update of one that is not there is slower.
    for number in range(1, FLIGHTS + 1):
        through.get_flight(number)
    return []


requests = {
    "ready": ready,
    "hit": lambda how_often: timed(hit, how_often),
    "write_through": lambda how_often: timed(write_through, how_often),
    "acknowledge": lambda how_often: timed(acknowledge, how_often),
    "drain": drain,
}

for line in sys.stdin:
    name, how_often = line.split()
    print(json.dumps(requests[name](int(how_often))), file=answers, flush=True)
