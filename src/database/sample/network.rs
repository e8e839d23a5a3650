//! Works out which flights make sense: who flies what from where, so that made-up flights are still believable ones.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::airlines::AIRLINES;
use super::airplane_types::{AIRPLANE_TYPES, TypeFact};
use super::airports::AIRPORTS;
use super::{Airplane, SampleFlight, airplanes};

const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 11, 1).expect("1 November 2025 is a date");
/// From 2025-11-01 up to and including 2026-10-31.
const DAYS: u64 = 365;
const DAY_OF_FLIGHT_ONE: NaiveDate = NaiveDate::from_ymd_opt(2025, 11, 20).expect("20 November 2025 is a date");

/// The number of flight 1: no generated flight may bear it, or LH400 would name two routes.
const KEPT_NUMBER: usize = 400;
/// Departures a day on one leg. Each has a flight number and a time of day of its own, as in a real timetable.
const DEPARTURES_A_DAY: usize = 4;
/// Numbers from here on are legs that do not touch the base; all below are legs out of and back to it.
const FIRST_NUMBER_BETWEEN: usize = 1000;

/// Only types this small land on an airfield that has no IATA code.
const SEATS_FOR_AIRFIELDS: i32 = 19;
const TAXI_MINUTES: u32 = 30;
const EARTH_RADIUS_KILOMETRES: f64 = 6371.0;

/// A stream of numbers that depends on its seed alone: the output step of SplitMix64 over a Weyl sequence.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`. The bounds here are tiny beside 2^64, so the remainder is as good as even.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// One airplane and where it may go from its airline's base.
struct Assignment {
    airplane: Airplane,
    airplane_type: &'static TypeFact,
    airline: usize,
    base: usize,
    destinations: Vec<usize>,
}

/// Everything flights are drawn from, worked out once for a whole run of them.
pub(super) struct Network {
    kilometres: Vec<Vec<u32>>,
    assignments: Vec<Assignment>,
}

impl Network {
    pub(super) fn build() -> Self {
        let kilometres = distances();
        let assignments = airplanes()
            .filter_map(|airplane| {
                let airline = usize::try_from(airplane.airline_id).ok()? - 1;
                let airplane_type = &AIRPLANE_TYPES[usize::try_from(airplane.type_id).ok()? - 1];
                let base = airport_index(AIRLINES[airline].base)?;
                let destinations = (0..AIRPORTS.len())
                    .filter(|&destination| may_land(airplane_type, destination))
                    .filter(|&destination| in_range(airplane_type, kilometres[base][destination]))
                    .collect();
                Some(Assignment { airplane, airplane_type, airline, base, destinations })
            })
            .collect();
        Self { kilometres, assignments }
    }

    /// Flight `flight_id`, worked out from its id alone so that a longer run of flights begins with the shorter one.
    pub(super) fn flight(&self, flight_id: i32) -> SampleFlight {
        if flight_id == 1 {
            return self.flight_one();
        }
        let mut draws = Draws::from_seed(u64::from(flight_id.unsigned_abs()));
        let assignment = &self.assignments[draws.below(self.assignments.len())];
        let (from, to, number) = self.leg(assignment, &mut draws);
        let departure = FIRST_DAY
            .checked_add_days(Days::new(draws.below(DAYS as usize) as u64))
            .unwrap_or(FIRST_DAY)
            .and_time(time_of_day(assignment.airline, number));
        let flying = flying_minutes(self.kilometres[from][to], assignment.airplane_type.cruise_kilometres_per_hour);
        flight_of(flight_id, assignment, (from, to, number), departure, TimeDelta::minutes(i64::from(flying)))
    }

    /// The flight that every explanation is told with. Its airplane is the first in the table, a Lufthansa 747.
    fn flight_one(&self) -> SampleFlight {
        let departure = DAY_OF_FLIGHT_ONE.and_time(NaiveTime::MIN) + TimeDelta::hours(10);
        flight_of(1, &self.assignments[0], (0, 1, KEPT_NUMBER), departure, TimeDelta::minutes(8 * 60 + 30))
    }

    /// Two airports and a flight number. The number says which two airports and which departure of the day, so that no
    /// airline uses one number for two routes.
    fn leg(&self, assignment: &Assignment, draws: &mut Draws) -> (usize, usize, usize) {
        let destination = assignment.destinations[draws.below(assignment.destinations.len())];
        let direction = draws.below(20);
        let departure = draws.below(DEPARTURES_A_DAY);
        if direction < 2
            && let Some(other) = self.onward(assignment, destination, draws)
        {
            return (destination, other, FIRST_NUMBER_BETWEEN + destination * AIRPORTS.len() + other);
        }
        // Odd out of the base, even back to it.
        let number = 2 * (destination * DEPARTURES_A_DAY + departure) + 1;
        if direction.is_multiple_of(2) {
            (assignment.base, destination, number)
        } else if number + 1 == KEPT_NUMBER {
            (destination, assignment.base, FIRST_NUMBER_BETWEEN - 1)
        } else {
            (destination, assignment.base, number + 1)
        }
    }

    /// A second destination that the airplane can reach from the first, if there is one.
    fn onward(&self, assignment: &Assignment, from: usize, draws: &mut Draws) -> Option<usize> {
        let destinations = &assignment.destinations;
        let start = draws.below(destinations.len());
        (0..destinations.len())
            .map(|step| destinations[(start + step) % destinations.len()])
            .find(|&to| in_range(assignment.airplane_type, self.kilometres[from][to]))
    }
}

fn flight_of(
    flight_id: i32,
    assignment: &Assignment,
    (from, to, number): (usize, usize, usize),
    departure: NaiveDateTime,
    flying: TimeDelta,
) -> SampleFlight {
    SampleFlight {
        flight_id,
        flightno: format!("{}{number}", AIRLINES[assignment.airline].iata),
        from: small_id(from),
        to: small_id(to),
        departure,
        arrival: departure + flying,
        airline_id: small_id(assignment.airline),
        airplane_id: assignment.airplane.airplane_id,
    }
}

/// The id of the row at `index` of a table.
pub(super) fn small_id(index: usize) -> i16 {
    i16::try_from(index + 1).unwrap_or(i16::MAX)
}

/// Where the airport with this IATA code stands in the table.
pub(super) fn airport_index(iata: &str) -> Option<usize> {
    AIRPORTS.iter().position(|airport| airport.iata == Some(iata))
}

/// A flight number leaves at the same time every day: between 05:00 and 22:55, on a five-minute mark.
fn time_of_day(airline: usize, number: usize) -> NaiveTime {
    let five_minutes = Draws::from_seed((airline * 10_000 + number) as u64).below(18 * 12);
    NaiveTime::MIN + TimeDelta::minutes(5 * 60 + 5 * five_minutes as i64)
}

fn flying_minutes(kilometres: u32, kilometres_per_hour: u32) -> u32 {
    ((kilometres * 60).div_ceil(kilometres_per_hour) + TAXI_MINUTES).next_multiple_of(5)
}

fn may_land(airplane_type: &TypeFact, airport: usize) -> bool {
    AIRPORTS[airport].iata.is_some() || airplane_type.capacity <= SEATS_FOR_AIRFIELDS
}

/// Distance 0, an airport to itself, is below every type's shortest distance.
fn in_range(airplane_type: &TypeFact, kilometres: u32) -> bool {
    (airplane_type.shortest_kilometres..=airplane_type.longest_kilometres).contains(&kilometres)
}

/// Great-circle distances between all airports. Whole kilometres, so that the last bits of a sine, which differ between
/// machines, do not show.
fn distances() -> Vec<Vec<u32>> {
    let row = |from: usize| (0..AIRPORTS.len()).map(|to| great_circle(from, to)).collect();
    (0..AIRPORTS.len()).map(row).collect()
}

/// The haversine formula, which stays exact for airports close to each other.
pub(super) fn great_circle(from: usize, to: usize) -> u32 {
    let (from, to) = (&AIRPORTS[from], &AIRPORTS[to]);
    let half_latitude = (to.latitude - from.latitude).to_radians() / 2.0;
    let half_longitude = (to.longitude - from.longitude).to_radians() / 2.0;
    let parallels = from.latitude.to_radians().cos() * to.latitude.to_radians().cos();
    let haversine = half_latitude.sin().powi(2) + parallels * half_longitude.sin().powi(2);
    (2.0 * EARTH_RADIUS_KILOMETRES * haversine.sqrt().asin()).round() as u32
}
