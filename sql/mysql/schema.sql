-- Schema after FlughafenDB by Stefan Pröll, Eva Zangerle, Wolfgang Gassler,
-- CC BY 4.0, doi 10.5281/zenodo.3968361.
--
-- For MySQL 8 and 9 and MariaDB from 10.6. airport comes first because airline refers to it.

CREATE TABLE IF NOT EXISTS airport (
    airport_id smallint NOT NULL AUTO_INCREMENT,
    iata char(3) DEFAULT NULL,
    icao char(4) NOT NULL,
    name varchar(50) NOT NULL,
    PRIMARY KEY (airport_id),
    UNIQUE KEY icao_unq (icao),
    KEY name_idx (name),
    KEY iata_idx (iata)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS airline (
    airline_id smallint NOT NULL AUTO_INCREMENT,
    iata char(2) NOT NULL,
    airlinename varchar(30) DEFAULT NULL,
    base_airport smallint NOT NULL,
    PRIMARY KEY (airline_id),
    UNIQUE KEY iata_unq (iata),
    KEY base_airport_idx (base_airport),
    CONSTRAINT airline_base_airport_fk FOREIGN KEY (base_airport) REFERENCES airport (airport_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS airplane_type (
    type_id int NOT NULL AUTO_INCREMENT,
    identifier varchar(50) DEFAULT NULL,
    description text,
    PRIMARY KEY (type_id),
    FULLTEXT KEY description_full (identifier, description)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- No foreign keys here: the original has none.
CREATE TABLE IF NOT EXISTS airplane (
    airplane_id int NOT NULL AUTO_INCREMENT,
    capacity mediumint unsigned NOT NULL,
    type_id int NOT NULL,
    airline_id int NOT NULL,
    PRIMARY KEY (airplane_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS flight (
    flight_id int NOT NULL AUTO_INCREMENT,
    flightno char(8) NOT NULL,
    `from` smallint NOT NULL,
    `to` smallint NOT NULL,
    departure datetime NOT NULL,
    arrival datetime NOT NULL,
    airline_id smallint NOT NULL,
    airplane_id int NOT NULL,
    PRIMARY KEY (flight_id),
    KEY from_idx (`from`),
    KEY to_idx (`to`),
    KEY departure_idx (departure),
    KEY arrival_idx (arrival),
    KEY airline_idx (airline_id),
    KEY airplane_idx (airplane_id),
    CONSTRAINT flight_from_fk FOREIGN KEY (`from`) REFERENCES airport (airport_id),
    CONSTRAINT flight_to_fk FOREIGN KEY (`to`) REFERENCES airport (airport_id),
    CONSTRAINT flight_airline_fk FOREIGN KEY (airline_id) REFERENCES airline (airline_id),
    CONSTRAINT flight_airplane_fk FOREIGN KEY (airplane_id) REFERENCES airplane (airplane_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- No key and no index, by design: the original has none either, so nothing may come to rely on one.
CREATE TABLE IF NOT EXISTS flight_log (
    log_date datetime NOT NULL,
    `user` varchar(100) NOT NULL,
    flight_id int NOT NULL,
    flightno_old char(8) NOT NULL,
    flightno_new char(8) NOT NULL,
    from_old smallint NOT NULL,
    to_old smallint NOT NULL,
    from_new smallint NOT NULL,
    to_new smallint NOT NULL,
    departure_old datetime NOT NULL,
    arrival_old datetime NOT NULL,
    departure_new datetime NOT NULL,
    arrival_new datetime NOT NULL,
    airplane_id_old int NOT NULL,
    airplane_id_new int NOT NULL,
    airline_id_old smallint NOT NULL,
    airline_id_new smallint NOT NULL,
    comment varchar(200) DEFAULT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS flightschedule (
    flightno char(8) NOT NULL,
    `from` smallint NOT NULL,
    `to` smallint NOT NULL,
    departure time NOT NULL,
    arrival time NOT NULL,
    airline_id smallint NOT NULL,
    monday tinyint(1) DEFAULT 0,
    tuesday tinyint(1) DEFAULT 0,
    wednesday tinyint(1) DEFAULT 0,
    thursday tinyint(1) DEFAULT 0,
    friday tinyint(1) DEFAULT 0,
    saturday tinyint(1) DEFAULT 0,
    sunday tinyint(1) DEFAULT 0,
    PRIMARY KEY (flightno)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
