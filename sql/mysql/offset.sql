-- How far write-behind has applied a queue. Kept beside the data so that both commit together: after a crash neither can
-- be ahead of the other.
CREATE TABLE IF NOT EXISTS cachedemo_offset (
    -- Names that differ in case only are names of two queues.
    queue varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    `position` varchar(64) NOT NULL,
    PRIMARY KEY (queue)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
