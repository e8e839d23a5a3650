#!/usr/bin/env python3
"""Exhaustive check of the lease protocol of src/pattern/lease.rs on one flight.

Two writers and two readers (two reads each) interleave in every possible way; any of them may die at any step.
A read must never return less than what was acknowledged, or returned to anyone, before it began.

    lease_model.py [write-through|cache-aside] [naive|lease|lease-any-kind] [--expire] [--evict] [--unknown keep|delete]
                   [--refresh token|bytes] [--refreshers N]

--expire: a lease whose owner is dead or done may expire.  --evict: anything in the key may vanish at any moment.
--unknown: the answer to a COMMIT may be lost, and the commit land later or never. `keep`: the writer leaves its lease to expire,
which it does only after the transaction is decided (a lease lives longer than a statement); `delete`: it settles with a delete.
--refresh: N refreshers (one by default; two refreshes each) replace a value that they have seen by what they then find in the
database, and values expire at any moment. Every second version is the same text, as when a flight is moved and moved back.
`token`: the value is first replaced by itself with a token in it, and the refresh ends only where that token still stands; readers
hit it like any value. `bytes`: no token; the refresh ends where the text that was seen still stands, or stands again.
"""
import sys
from collections import deque

pattern = sys.argv[1] if len(sys.argv) > 1 else "write-through"
proto = sys.argv[2] if len(sys.argv) > 2 else "lease"
EXPIRE, EVICT = "--expire" in sys.argv, "--evict" in sys.argv
CRASH = "--no-crash" not in sys.argv
UNKNOWN = sys.argv[sys.argv.index("--unknown") + 1] if "--unknown" in sys.argv else None
REFRESH = sys.argv[sys.argv.index("--refresh") + 1] if "--refresh" in sys.argv else None
REFRESHERS = int(sys.argv[sys.argv.index("--refreshers") + 1]) if "--refreshers" in sys.argv else 1
READS, REFRESHES = 1 if REFRESH else 2, 2

# state: (db, lock, cell, floor, writers, readers, refreshers)
#  cell: None | ('v', n) | ('w', i) | ('r', j) | ('m', n, token): the value n, marked by a refresher
#  writer: (step, version)   0 begin 1 mark 2 commit 3 settle 4 done 5 commit under way, nobody waits 9 dead
#  reader: (step, reads_left, floor_at_start, value)   0 get 1 lease 2 load-own 3 settle 5 load-no-fill 8 finished 9 dead
#  refresher: (step, refreshes_left, seen, value)   0 look 1 mark 2 find 3 settle 9 dead
start = (0, None, ('v', 0), 0, ((0, 0), (0, 0)), ((0, READS, 0, 0), (0, READS, 0, 0)),
         ((0, REFRESHES, 0, 0),) * (REFRESHERS if REFRESH else 0))

def same_text(cell, version): return cell is not None and cell[0] == 'v' and cell[1] % 2 == version % 2

def owner_idle(cell, writers, readers):
    if cell and cell[0] == 'w': return writers[cell[1]][0] in (4, 9)
    if cell and cell[0] == 'r': return readers[cell[1]][0] not in (2, 3)
    return False

def nexts(s):
    """Every step that somebody can take; most leave the refreshers as they are."""
    for label, t in steps(s[:6]):
        yield label, t if t[0] == 'BAD' else t + s[6:]
    db, lock, cell, floor, W, R, F = s
    for k, (st, left, seen, val) in enumerate(F):
        def f(v, c=None, use=False): return (db, lock, c if use else cell, floor, W, R, F[:k] + (v,) + F[k + 1:])
        token = (k, left)
        over = (0, left - 1, 0, 0)
        if st == 0 and left and cell and cell[0] == 'v': yield f"F{k} sees {cell[1]}, soon to expire", f((1 if REFRESH == "token" else 2, left, cell[1], 0))
        if st == 1:
            if same_text(cell, seen): yield f"F{k} marks {cell[1]}", f((2, left, seen, 0), ('m', cell[1], token), True)
            else: yield f"F{k} finds it changed", f(over)
        if st == 2: yield f"F{k} loads {db}", f((3, left, seen, db))
        if st == 3:
            stands = cell is not None and cell[0] == 'm' and cell[2] == token if REFRESH == "token" else same_text(cell, seen)
            yield f"F{k} settles {val}", f(over, ('v', val) if stands else cell, True)
        if CRASH and st in (2, 3): yield f"F{k} dies", f((9, left, seen, val))
    if F and cell and cell[0] in 'vm': yield "the value expires", (db, lock, None, floor, W, R, F)

def steps(s):
    db, lock, cell, floor, W, R = s
    def w(i, v): return tuple(v if k == i else x for k, x in enumerate(W))
    def r(j, v): return tuple(v if k == j else x for k, x in enumerate(R))
    for i, (st, ver) in enumerate(W):
        if st == 0 and lock is None: yield f"W{i} locks", (db, i, cell, floor, w(i, (1, 0)), R)
        if st == 1:
            c = cell if proto == "naive" else ('w', i)
            yield f"W{i} marks", (db, lock, c, floor, w(i, (2, 0)), R)
        if st == 2: yield f"W{i} commits {db+1}", (db + 1, None, cell, floor, w(i, (3, db + 1)), R)
        if st == 2 and UNKNOWN:
            c = None if UNKNOWN == "delete" and cell != None and (cell == ('w', i) or cell[0] != 'w') else cell
            yield f"W{i} commits, and the answer is lost", (db, lock, c, floor, w(i, (5, 0)), R)
        if st == 5:
            yield f"W{i}'s commit lands late: {db+1}", (db + 1, None, cell, floor, w(i, (4, db + 1)), R)
            yield f"W{i}'s commit is lost", (db, None, cell, floor, w(i, (4, 0)), R)
        if st == 3:
            done = ('v', ver) if pattern == "write-through" else None
            if proto == "naive": c = done
            elif cell == ('w', i): c = done
            elif cell and cell[0] == 'w': c = cell
            elif cell and cell[0] == 'r' and proto == "lease-any-kind": c = cell
            else: c = None
            yield f"W{i} settles {ver}, acknowledged", (db, lock, c, max(floor, ver), w(i, (4, ver)), R)
        if CRASH and st in (1, 2, 3): yield f"W{i} dies", (db, None if lock == i else lock, cell, floor, w(i, (9, ver)), R)
    for j, (st, left, f, val) in enumerate(R):
        def done(v, c=None, use=False):
            return (db, lock, c if use else cell, max(floor, v), W, r(j, (0 if left > 1 else 8, left - 1, 0, 0)))
        if st == 0 and left:
            if cell and cell[0] in 'vm':
                yield f"R{j} hit {cell[1]}", (('BAD', j, cell[1], floor) if cell[1] < floor else done(cell[1]))
            elif cell: yield f"R{j} meets a lease", (db, lock, cell, floor, W, r(j, (5, left, floor, 0)))
            else: yield f"R{j} misses", (db, lock, cell, floor, W, r(j, (1, left, floor, 0)))
        if st == 1:
            if proto == "naive": yield f"R{j} will fill", (db, lock, cell, floor, W, r(j, (2, left, f, 0)))
            elif cell is None: yield f"R{j} leases", (db, lock, ('r', j), floor, W, r(j, (2, left, f, 0)))
            else: yield f"R{j} lost the lease", (db, lock, cell, floor, W, r(j, (5, left, f, 0)))
        if st == 2: yield f"R{j} loads {db}", (db, lock, cell, floor, W, r(j, (3, left, f, db)))
        if st == 3:
            c = ('v', val) if proto == "naive" or cell == ('r', j) else cell
            yield f"R{j} settles {val}", (('BAD', j, val, f) if val < f else done(val, c, True))
        if st == 5: yield f"R{j} reads {db}", (('BAD', j, db, f) if db < f else done(db))
        if CRASH and st in (2, 3): yield f"R{j} dies", (db, lock, cell, floor, W, r(j, (9, left, f, val)))
    if EVICT and cell is not None: yield "the key is evicted", (db, lock, None, floor, W, R)
    if EXPIRE and cell is not None and owner_idle(cell, W, R): yield "the lease expires", (db, lock, None, floor, W, R)

seen, queue, parent = {start}, deque([start]), {start: None}
while queue:
    s = queue.popleft()
    for label, t in nexts(s):
        if t[0] == 'BAD':
            path = [f"{label}   <- older than {t[3]}, which was already known"]
            while parent[s]: l, p = parent[s]; path.append(l); s = p
            print(f"{pattern}, {proto}: STALE after {len(path)} steps, {len(seen)} states seen"); print("\n".join("  " + x for x in reversed(path))); sys.exit(1)
        if t not in seen: seen.add(t); parent[t] = (label, s); queue.append(t)
print(f"{pattern}, {proto}{' expire' if EXPIRE else ''}{' evict' if EVICT else ''}{f' refresh by {REFRESH}' if REFRESH else ''}: never stale in {len(seen)} states")
