-- Marks the file as a journal of cachedemo ('cdmj'), so that another program's file is never taken for one.
PRAGMA application_id = 0x63646D6A;

-- AUTOINCREMENT: a position is never given twice, not even after the last update was deleted.
CREATE TABLE updates (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    flight_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    acknowledged TEXT NOT NULL
);

CREATE INDEX updates_of_flight ON updates (flight_id);

-- One row: the name of this journal. A file that is made anew has another one.
CREATE TABLE incarnation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    name TEXT NOT NULL
);
