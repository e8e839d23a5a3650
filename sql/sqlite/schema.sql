-- Schema after FlughafenDB by Stefan Pröll, Eva Zangerle, Wolfgang Gassler,
-- CC BY 4.0, doi 10.5281/zenodo.3968361.
--
-- For SQLite from 3.38. airport comes first because airline refers to it. Times are TEXT, YYYY-MM-DD HH:MM:SS, which
-- sorts as time does. INTEGER PRIMARY KEY is the row's own number and is given out by itself. "from" and "to" are
-- reserved words; "user" is quoted to match the other engines. BOOLEAN is stored as 0 and 1.

CREATE TABLE IF NOT EXISTS airport (
    airport_id INTEGER PRIMARY KEY,
    iata TEXT NULL,
    icao TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS airport_name_idx ON airport (name);
CREATE INDEX IF NOT EXISTS airport_iata_idx ON airport (iata);

CREATE TABLE IF NOT EXISTS airline (
    airline_id INTEGER PRIMARY KEY,
    iata TEXT NOT NULL UNIQUE,
    airlinename TEXT NULL,
    base_airport INTEGER NOT NULL REFERENCES airport (airport_id)
);

CREATE INDEX IF NOT EXISTS airline_base_airport_idx ON airline (base_airport);

-- The full-text index of the original is left out: only MySQL and MariaDB declare one in this way.
CREATE TABLE IF NOT EXISTS airplane_type (
    type_id INTEGER PRIMARY KEY,
    identifier TEXT NULL,
    description TEXT NULL
);

-- No foreign keys here: the original has none.
CREATE TABLE IF NOT EXISTS airplane (
    airplane_id INTEGER PRIMARY KEY,
    capacity INTEGER NOT NULL CHECK (capacity >= 0),
    type_id INTEGER NOT NULL,
    airline_id INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS flight (
    flight_id INTEGER PRIMARY KEY,
    flightno TEXT NOT NULL,
    "from" INTEGER NOT NULL REFERENCES airport (airport_id),
    "to" INTEGER NOT NULL REFERENCES airport (airport_id),
    departure TEXT NOT NULL,
    arrival TEXT NOT NULL,
    airline_id INTEGER NOT NULL REFERENCES airline (airline_id),
    airplane_id INTEGER NOT NULL REFERENCES airplane (airplane_id)
);

CREATE INDEX IF NOT EXISTS flight_from_idx ON flight ("from");
CREATE INDEX IF NOT EXISTS flight_to_idx ON flight ("to");
CREATE INDEX IF NOT EXISTS flight_departure_idx ON flight (departure);
CREATE INDEX IF NOT EXISTS flight_arrival_idx ON flight (arrival);
CREATE INDEX IF NOT EXISTS flight_airline_idx ON flight (airline_id);
CREATE INDEX IF NOT EXISTS flight_airplane_idx ON flight (airplane_id);

-- No key and no index, by design: the original has none either, so nothing may come to rely on one.
CREATE TABLE IF NOT EXISTS flight_log (
    log_date TEXT NOT NULL,
    "user" TEXT NOT NULL,
    flight_id INTEGER NOT NULL,
    flightno_old TEXT NOT NULL,
    flightno_new TEXT NOT NULL,
    from_old INTEGER NOT NULL,
    to_old INTEGER NOT NULL,
    from_new INTEGER NOT NULL,
    to_new INTEGER NOT NULL,
    departure_old TEXT NOT NULL,
    arrival_old TEXT NOT NULL,
    departure_new TEXT NOT NULL,
    arrival_new TEXT NOT NULL,
    airplane_id_old INTEGER NOT NULL,
    airplane_id_new INTEGER NOT NULL,
    airline_id_old INTEGER NOT NULL,
    airline_id_new INTEGER NOT NULL,
    comment TEXT NULL
);

CREATE TABLE IF NOT EXISTS flightschedule (
    flightno TEXT NOT NULL PRIMARY KEY,
    "from" INTEGER NOT NULL,
    "to" INTEGER NOT NULL,
    departure TEXT NOT NULL,
    arrival TEXT NOT NULL,
    airline_id INTEGER NOT NULL,
    monday BOOLEAN DEFAULT 0,
    tuesday BOOLEAN DEFAULT 0,
    wednesday BOOLEAN DEFAULT 0,
    thursday BOOLEAN DEFAULT 0,
    friday BOOLEAN DEFAULT 0,
    saturday BOOLEAN DEFAULT 0,
    sunday BOOLEAN DEFAULT 0
);
