-- Whose file this is, and whether anything is in it.
SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id;
