SELECT position FROM cachedemo_offset WHERE queue = ?
