//! The airlines of the sample data and what each of them flies, a plain table from which ids are counted off.

/// One row of the table: what the database stores of an airline, and its fleet.
pub(super) struct AirlineFact {
    pub(super) iata: &'static str,
    pub(super) airlinename: Option<&'static str>,
    /// IATA code of the home base.
    pub(super) base: &'static str,
    /// Airplane type by its identifier, and how many of it.
    pub(super) fleet: &'static [(&'static str, u16)],
}

const fn airline(
    iata: &'static str,
    airlinename: &'static str,
    base: &'static str,
    fleet: &'static [(&'static str, u16)],
) -> AirlineFact {
    AirlineFact { iata, airlinename: Some(airlinename), base, fleet }
}

/// An airline's id is its place in this table, counted from 1, and airplanes are numbered in the order they stand here:
/// append airlines, never insert.
pub(super) const AIRLINES: &[AirlineFact] = &[
    airline(
        "LH",
        "Lufthansa",
        "FRA",
        &[("Boeing 747-8", 8), ("Airbus A350-900", 6), ("Airbus A320neo", 14), ("Airbus A319", 8)],
    ),
    airline("EW", "Eurowings", "DUS", &[("Airbus A319", 8), ("Airbus A320", 8)]),
    airline("OS", "Austrian Airlines", "VIE", &[("Airbus A320", 8), ("Embraer E190", 6), ("Boeing 787-9", 2)]),
    airline(
        "LX",
        "Swiss International Air Lines",
        "ZRH",
        &[("Airbus A220-300", 10), ("Airbus A330-300", 4), ("Boeing 777-300ER", 4)],
    ),
    airline("SN", "Brussels Airlines", "BRU", &[("Airbus A319", 6), ("Airbus A330-300", 3)]),
    airline(
        "BA",
        "British Airways",
        "LHR",
        &[("Airbus A320", 12), ("Airbus A380-800", 4), ("Boeing 777-300ER", 6), ("Boeing 787-9", 6)],
    ),
    airline(
        "AF",
        "Air France",
        "CDG",
        &[("Airbus A220-300", 10), ("Airbus A320", 8), ("Airbus A350-900", 6), ("Boeing 777-300ER", 6)],
    ),
    airline(
        "KL",
        "KLM Royal Dutch Airlines",
        "AMS",
        &[("Boeing 737-800", 12), ("Embraer E190", 8), ("Boeing 787-9", 5)],
    ),
    airline("IB", "Iberia", "MAD", &[("Airbus A320neo", 8), ("Airbus A350-900", 6)]),
    airline("VY", "Vueling", "BCN", &[("Airbus A320", 10), ("Airbus A320neo", 6)]),
    airline("TP", "TAP Air Portugal", "LIS", &[("Airbus A321neo", 8), ("Airbus A320neo", 5)]),
    airline("AZ", "ITA Airways", "FCO", &[("Airbus A320neo", 6), ("Airbus A220-300", 6), ("Airbus A350-900", 3)]),
    airline("FR", "Ryanair", "DUB", &[("Boeing 737-800", 24), ("Boeing 737 MAX 8", 10)]),
    airline("EI", "Aer Lingus", "DUB", &[("Airbus A320", 8), ("Airbus A330-300", 4)]),
    airline("LM", "Loganair", "GLA", &[("ATR 72-600", 6), ("DHC-6 Twin Otter", 3)]),
    airline("SK", "SAS Scandinavian Airlines", "CPH", &[("Airbus A320neo", 12), ("Airbus A350-900", 2)]),
    airline("DY", "Norwegian Air Shuttle", "OSL", &[("Boeing 737-800", 8), ("Boeing 737 MAX 8", 6)]),
    airline("WF", "Widerøe", "BOO", &[("De Havilland Canada Dash 8-400", 8)]),
    airline("AY", "Finnair", "HEL", &[("Airbus A319", 5), ("Airbus A350-900", 6), ("ATR 72-600", 4)]),
    airline("BT", "airBaltic", "RIX", &[("Airbus A220-300", 10)]),
    airline("LO", "LOT Polish Airlines", "WAW", &[("Boeing 737 MAX 8", 6), ("Embraer E190", 6), ("Boeing 787-9", 4)]),
    airline("TK", "Turkish Airlines", "IST", &[("Airbus A321neo", 10), ("Boeing 737-800", 8), ("Boeing 777-300ER", 6)]),
    airline("EK", "Emirates", "DXB", &[("Airbus A380-800", 10), ("Boeing 777-300ER", 10)]),
    airline("QR", "Qatar Airways", "DOH", &[("Airbus A350-900", 8), ("Boeing 787-9", 6)]),
    airline("ET", "Ethiopian Airlines", "ADD", &[("Boeing 787-9", 5), ("Boeing 737-800", 5)]),
    airline("UA", "United Airlines", "ORD", &[("Boeing 737-800", 14), ("Boeing 777-300ER", 5), ("Boeing 787-9", 7)]),
    airline("DL", "Delta Air Lines", "ATL", &[("Airbus A321neo", 14), ("Airbus A330-300", 6), ("Airbus A350-900", 5)]),
    airline("AA", "American Airlines", "DFW", &[("Boeing 737 MAX 8", 14), ("Boeing 787-9", 6)]),
    airline("AC", "Air Canada", "YYZ", &[("Airbus A220-300", 8), ("Boeing 787-9", 6)]),
    airline("SQ", "Singapore Airlines", "SIN", &[("Airbus A350-900", 8), ("Airbus A380-800", 4)]),
    airline("CX", "Cathay Pacific", "HKG", &[("Airbus A350-900", 7), ("Boeing 777-300ER", 6)]),
    airline("NH", "All Nippon Airways", "HND", &[("Boeing 787-9", 8), ("Boeing 777-300ER", 4)]),
    airline("QF", "Qantas", "SYD", &[("Airbus A380-800", 3), ("Boeing 787-9", 5), ("Boeing 737-800", 6)]),
    // KM Malta Airlines, left without its name on purpose: the real data has airlines whose name is NULL.
    AirlineFact { iata: "KM", airlinename: None, base: "MLA", fleet: &[("Airbus A320neo", 5)] },
];
