UPDATE cachedemo_offset SET position = ? WHERE queue = ?
