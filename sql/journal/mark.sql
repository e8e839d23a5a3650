-- Whose file this is, by which schema, and whether anything is in it.
SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version;
