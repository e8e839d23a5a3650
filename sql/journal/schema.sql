-- Marks the file as a journal of cachedemo ('cdmj'), so that another program's file is never taken for one, and says which
-- schema this is.
PRAGMA application_id = 0x63646D6A;
PRAGMA user_version = 2;

-- One row: the name of this journal, and into how many partitions it divides the flights. A file that is made anew has
-- another name, and so has one that was laid out anew or cleared.
CREATE TABLE incarnation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    name TEXT NOT NULL,
    partitions INTEGER NOT NULL
);

-- AUTOINCREMENT: a position is never given twice, not even after the last update was deleted, nor in another partition.
CREATE TABLE updates (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    partition INTEGER NOT NULL,
    flight_id INTEGER NOT NULL,
    -- The update's own id, where it is to be known again; it also stands in the body.
    update_id TEXT,
    body TEXT NOT NULL,
    -- Milliseconds since 1970, as every moment here that is compared.
    acknowledged INTEGER NOT NULL
);

CREATE INDEX updates_of_partition ON updates (partition, position);

-- With the partition, so that the flights of a partition can be counted without reading the updates themselves.
CREATE INDEX updates_of_flight ON updates (flight_id, position, partition);

-- Which updates were taken over lately, and where they stood, so that one that is sent again is not taken over again. It
-- outlives the update: whoever heard no answer may ask after the worker was there.
CREATE TABLE taken (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    taken_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX taken_by_age ON taken (taken_at);

-- A trigger, so that both rows come in one statement, which is a transaction by itself. What stands there already is too
-- old to count, or is sent again on purpose: `enqueue.sql` has seen to that.
CREATE TRIGGER take AFTER INSERT ON updates WHEN NEW.update_id IS NOT NULL BEGIN
    INSERT INTO taken (id, position, taken_at) VALUES (NEW.update_id, NEW.position, NEW.acknowledged)
    ON CONFLICT (id) DO UPDATE SET position = excluded.position, taken_at = excluded.taken_at;
END;

-- The updates that no database can accept. AUTOINCREMENT: an operator's number never comes to mean another letter.
CREATE TABLE dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Where it stood: the journal may have another name since.
    incarnation TEXT NOT NULL,
    partition INTEGER NOT NULL,
    position INTEGER NOT NULL,
    flight_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    buried_at TEXT NOT NULL,
    -- Whether the flight's cache entry was deleted since. That cannot be part of the transaction that buries.
    entry_dropped INTEGER NOT NULL
);

CREATE INDEX letters_of_partition ON dead_letters (partition, number);

CREATE INDEX letters_by_position ON dead_letters (position);

CREATE INDEX letters_with_entry ON dead_letters (number) WHERE entry_dropped = 0;

-- Who works, and until when that counts.
CREATE TABLE workers (
    name TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID;
