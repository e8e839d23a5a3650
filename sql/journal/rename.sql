-- What was dropped is lost, not done: whoever asks for it by its position must not hear that the database has it.
UPDATE incarnation SET name = ?;
