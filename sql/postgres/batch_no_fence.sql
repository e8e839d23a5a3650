-- Where no offset is kept, nothing is in the way.
WITH fence AS (SELECT 1),
