-- How far write-behind has applied a queue. Kept beside the data so that both commit together: after a crash neither can
-- be ahead of the other.
CREATE TABLE IF NOT EXISTS cachedemo_offset (
    queue varchar(100) NOT NULL PRIMARY KEY,
    "position" varchar(64) NOT NULL
);
