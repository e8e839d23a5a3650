-- A dropped update may be sent again. What the database has is still known.
DELETE FROM taken WHERE position IN (SELECT position FROM updates);
