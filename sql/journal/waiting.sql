SELECT EXISTS (SELECT 1 FROM updates WHERE partition = ?);
