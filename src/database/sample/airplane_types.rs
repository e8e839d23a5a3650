//! The airplane types of the sample data, a plain table of what decides where an airplane may fly and for how long.

/// One row of the table: what the database stores of a type, and what its flights are worked out from.
pub(super) struct TypeFact {
    pub(super) identifier: &'static str,
    pub(super) description: &'static str,
    pub(super) capacity: i32,
    pub(super) cruise_kilometres_per_hour: u32,
    /// Nobody sends a long-range airplane next door: the shortest distance it is used for.
    pub(super) shortest_kilometres: u32,
    /// The longest distance it is used for, reserves already taken off.
    pub(super) longest_kilometres: u32,
}

const fn airplane_type(
    identifier: &'static str,
    description: &'static str,
    capacity: i32,
    cruise_kilometres_per_hour: u32,
    (shortest_kilometres, longest_kilometres): (u32, u32),
) -> TypeFact {
    TypeFact { identifier, description, capacity, cruise_kilometres_per_hour, shortest_kilometres, longest_kilometres }
}

/// A type's id is its place in this table, counted from 1: append, never insert.
pub(super) const AIRPLANE_TYPES: &[TypeFact] = &[
    airplane_type("Airbus A220-300", "Narrow-body twin jet for thin routes", 145, 830, (200, 5500)),
    airplane_type("Airbus A319", "Shortened narrow-body twin jet of the A320 family", 138, 830, (200, 5000)),
    airplane_type("Airbus A320", "Narrow-body twin jet for short and medium routes", 168, 830, (200, 5000)),
    airplane_type("Airbus A320neo", "A320 with new engines and wing tips", 180, 833, (200, 5500)),
    airplane_type("Airbus A321neo", "Lengthened A320neo", 215, 833, (250, 6000)),
    airplane_type("Airbus A330-300", "Wide-body twin jet for medium and long routes", 255, 870, (2500, 10_000)),
    airplane_type("Airbus A350-900", "Wide-body twin jet for long routes", 293, 903, (3500, 14_000)),
    airplane_type("Airbus A380-800", "Double-deck wide-body jet with four engines", 509, 905, (4000, 14_000)),
    airplane_type("ATR 72-600", "Twin turboprop for regional routes", 70, 510, (80, 1400)),
    airplane_type("Boeing 737-800", "Narrow-body twin jet for short and medium routes", 186, 840, (200, 5200)),
    airplane_type("Boeing 737 MAX 8", "737 with new engines and wing tips", 189, 840, (200, 6000)),
    airplane_type("Boeing 747-8", "Wide-body jet with four engines and an upper deck", 364, 910, (4000, 13_500)),
    airplane_type("Boeing 777-300ER", "Wide-body twin jet for long routes", 350, 900, (3000, 13_000)),
    airplane_type("Boeing 787-9", "Wide-body twin jet built largely of composites", 290, 903, (2500, 13_500)),
    airplane_type("De Havilland Canada Dash 8-400", "Fast twin turboprop for regional routes", 78, 650, (80, 1900)),
    airplane_type("DHC-6 Twin Otter", "Small twin turboprop for short runways", 19, 280, (50, 1300)),
    airplane_type("Embraer E190", "Regional twin jet", 100, 820, (150, 3500)),
];
