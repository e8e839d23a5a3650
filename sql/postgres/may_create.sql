SELECT CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN CAST(1 AS bigint) ELSE CAST(0 AS bigint) END
