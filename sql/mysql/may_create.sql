SELECT CAST(COUNT(*) AS SIGNED) FROM (
  SELECT privilege_type FROM information_schema.user_privileges WHERE privilege_type = 'CREATE'
  UNION ALL
  SELECT privilege_type FROM information_schema.schema_privileges WHERE privilege_type = 'CREATE' AND DATABASE() LIKE table_schema
) AS granted
