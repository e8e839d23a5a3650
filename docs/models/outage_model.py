#!/usr/bin/env python3
"""Exhaustive check of what happens around an outage of the cache: src/lab/circuit.rs over src/pattern/lease.rs, on one flight.

Two writers and two readers (two reads each) in several processes, each with its own connection and its own breaker, interleave in
every possible way. The cache goes away at any moment and comes back at any moment. A read must never return less than what was
acknowledged before it began. Here nobody dies, and what another reader has seen does not count: a writer that goes on without a
lease is seen by some readers before others until its acknowledgement. `lease_model.py` has both, without outages.

    outage_model.py restart|empty|freeze [write-through|cache-aside] [--reject] [--no-heal] [--give-up] [--leave-leases]
                    [--processes 4|2|1] [--outages N]

restart: it comes back with what it had, and every connection is dead, so that everybody notices at the next contact.
empty:   the same with nothing in it.   freeze: it stands still: only who needs it meanwhile notices.
--reject: a writer that cannot place its lease changes nothing.   --no-heal: nothing is dropped when the breaker closes.
Two mistakes that this model has found: --give-up: what a writer has to say is not sent while the breaker is open, and not again
where the connection was dead; --leave-leases: who heals, and a writer without a lease, leave another writer's lease standing.
--processes 4: everybody alone (the default); 2: a writer and a reader in each; 1: all in one.
"""
import sys
from collections import deque

def number(flag, default): return int(sys.argv[sys.argv.index(flag) + 1]) if flag in sys.argv else default

words = [word for word in sys.argv[1:] if word[0].isalpha()]
MODE = words[0]
PATTERN = words[1] if len(words) > 1 else "write-through"
REJECT, HEAL = "--reject" in sys.argv, "--no-heal" not in sys.argv
LEAVE, GIVE_UP = "--leave-leases" in sys.argv, "--give-up" in sys.argv
OUTAGES, PROCESSES = number("--outages", 1), number("--processes", 4)
READS = 2

# state: (db, lock, cell, floor, is_up, outages_left, late, writers, readers, net)
#  cell: None | ('v', n) | ('w', i) a writer's lease | ('r', j) a reader's | ('h',) one that nobody settles
#  late: settles that froze on their way and land when the cache goes on: {(writer, version)}
#  writer: (step, version)   0 begin 1 lease 2 commit 3 settle 4 done 12 commit without lease 13 settle without lease
#  reader: (step, reads_left, floor_at_start, value)   0 get 1 lease 2 load-own 3 settle 5 load-no-fill 8 finished
#  net: for each process whether its connection lives, and its breaker: 0 closed 1 open 2 has looked, will drop 3 will close
start = (0, None, ('v', 0), 0, True, OUTAGES, frozenset(), ((0, 0),) * 2, ((0, READS, 0, 0),) * 2, ((True, 0),) * PROCESSES)

def void(cell, insists):
    """The entry goes, for it may predate a commit. A writer's lease may be older than that commit as well: then its settle must
    not find it, and another takes its place until it expires."""
    if cell and cell[0] in 'wh': return ('h',) if insists and not LEAVE else cell
    return None

def nexts(s):
    db, lock, cell, floor, up, left_outages, late, W, R, N = s
    def put(**change):
        names = dict(db=db, lock=lock, cell=cell, floor=floor, up=up, out=left_outages, late=late, W=W, R=R, N=N)
        names.update(change)
        return tuple(names[k] for k in ("db", "lock", "cell", "floor", "up", "out", "late", "W", "R", "N"))
    def at(items, k, v): return tuple(v if n == k else x for n, x in enumerate(items))
    def contact(p):
        """Whether a command of process p is answered, and what p knows then. A dead connection is replaced."""
        lives, breaker = N[p]
        if breaker: return False, N
        if up and lives: return True, N
        return False, at(N, p, (up or MODE == "freeze", 1))
    def tell(p):
        """The same for what a writer has to say: it goes through an open breaker, unless the cache is silent as far as p knows,
        and once more where the connection was dead. If it fails, who heals has looked too early."""
        lives, breaker = N[p]
        if GIVE_UP: return contact(p)
        if up and (breaker == 0 and lives or MODE != "freeze" or breaker > 1): return True, at(N, p, (True, breaker if lives else 1))
        return False, at(N, p, (up or MODE == "freeze", 1))

    if up and left_outages:
        dead = N if MODE == "freeze" else tuple((False, b) for _, b in N)
        yield "the cache goes away", put(up=False, out=left_outages - 1, N=dead, cell=None if MODE == "empty" else cell)
    if not up: yield "the cache is back", put(up=True)
    for i, version in late:
        if up:
            c = (('v', version) if PATTERN == "write-through" else None) if cell == ('w', i) else void(cell, False)
            yield f"W{i}'s settle {version} lands late", put(cell=c, late=late - {(i, version)})

    for p, (lives, breaker) in enumerate(N):
        name = f"P{p}"
        if breaker == 1 and up:
            yield f"{name} is answered, looks at flight_log: {db}", put(N=at(N, p, (True, 2 if db and HEAL else 3)))
        if breaker in (2, 3) and not (up and lives): yield f"{name} finds it away again", put(N=at(N, p, (up, 1)))
        elif breaker == 2: yield f"{name} drops the entry", put(cell=void(cell, True), N=at(N, p, (True, 3)))
        elif breaker == 3: yield f"{name} trusts the cache", put(N=at(N, p, (True, 0)))

    for i, (st, ver) in enumerate(W):
        home = i % PROCESSES
        def w(*v): return at(W, i, v)
        if st == 0 and lock is None: yield f"W{i} locks", put(lock=i, W=w(1, 0))
        if st == 1:
            ok, n = tell(home)
            if ok: yield f"W{i} leases", put(cell=('w', i), W=w(2, 0), N=n)
            elif REJECT: yield f"W{i} cannot lease, refuses", put(lock=None, W=w(4, 0), N=n)
            else: yield f"W{i} cannot lease, goes on", put(W=w(12, 0), N=n)
        if st in (2, 12): yield f"W{i} commits {db+1}", put(db=db + 1, lock=None, W=w(st + 1, db + 1))
        if st in (3, 13):
            ok, n = tell(home)
            known, done = max(floor, ver), w(4, ver)
            if ok:
                if st == 13: c = void(cell, True)
                elif cell == ('w', i): c = ('v', ver) if PATTERN == "write-through" else None
                else: c = void(cell, False)
                yield f"W{i} settles {ver}, acknowledged", put(cell=c, floor=known, W=done, N=n)
            else:
                flies = late | {(i, ver)} if MODE == "freeze" and st == 3 and N[home][1] == 0 else late
                yield f"W{i} cannot settle, acknowledged {ver}", put(floor=known, W=done, N=n, late=flies)

    for j, (st, left, f, val) in enumerate(R):
        p = (2 + j) % PROCESSES
        def r(*v): return at(R, j, v)
        rest = (0 if left > 1 else 8, left - 1, 0, 0)
        if st == 0 and left:
            ok, n = contact(p)
            if not ok: yield f"R{j} goes without the cache", put(R=r(5, left, floor, 0), N=n)
            elif cell and cell[0] == 'v':
                yield f"R{j} hit {cell[1]}", ('BAD', cell[1], floor) if cell[1] < floor else put(R=r(*rest))
            elif cell: yield f"R{j} meets a lease", put(R=r(5, left, floor, 0))
            else: yield f"R{j} misses", put(R=r(1, left, floor, 0))
        if st == 1:
            ok, n = contact(p)
            if ok and cell is None: yield f"R{j} leases", put(cell=('r', j), R=r(2, left, f, 0))
            else: yield f"R{j} gets no lease", put(R=r(5, left, f, 0), N=n)
        if st == 2: yield f"R{j} loads {db}", put(R=r(3, left, f, db))
        if st == 3:
            ok, n = contact(p)
            c = ('v', val) if ok and cell == ('r', j) else cell
            yield f"R{j} settles {val}", ('BAD', val, f) if val < f else put(cell=c, R=r(*rest), N=n)
        if st == 5: yield f"R{j} reads {db}", ('BAD', db, f) if db < f else put(R=r(*rest))

    kind = cell[0] if cell else None
    # A lease lives longer than a transaction.
    idle = (kind == 'w' and W[cell[1]][0] == 4 or kind == 'r' and R[cell[1]][0] not in (2, 3)
            or kind == 'h' and all(st not in (2, 12) for st, _ in W))
    if idle: yield "the lease expires", put(cell=None)

name = " ".join(sys.argv[1:])
seen, queue, parent = {start}, deque([start]), {start: None}
while queue:
    s = queue.popleft()
    for label, t in nexts(s):
        if t[0] == 'BAD':
            path = [f"{label}   <- older than {t[2]}, which was acknowledged"]
            while parent[s]: l, p = parent[s]; path.append(l); s = p
            print(f"{name}: STALE after {len(path)} steps, {len(seen)} states seen"); print("\n".join("  " + x for x in reversed(path))); sys.exit(1)
        if t not in seen: seen.add(t); parent[t] = (label, s); queue.append(t)
print(f"{name}: never stale in {len(seen)} states")
