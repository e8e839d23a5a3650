-- The sample rows bring their ids along, which leaves the sequences at 1: move each behind the highest id.
-- A table without rows starts at 1.
SELECT setval(pg_get_serial_sequence('airport', 'airport_id'), COALESCE(MAX(airport_id), 0) + 1, false) FROM airport;
SELECT setval(pg_get_serial_sequence('airline', 'airline_id'), COALESCE(MAX(airline_id), 0) + 1, false) FROM airline;
SELECT setval(pg_get_serial_sequence('airplane_type', 'type_id'), COALESCE(MAX(type_id), 0) + 1, false) FROM airplane_type;
SELECT setval(pg_get_serial_sequence('airplane', 'airplane_id'), COALESCE(MAX(airplane_id), 0) + 1, false) FROM airplane;
SELECT setval(pg_get_serial_sequence('flight', 'flight_id'), COALESCE(MAX(flight_id), 0) + 1, false) FROM flight;
