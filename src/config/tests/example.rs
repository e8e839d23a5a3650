//! `.env.example` says what the program does: the same names, the same defaults, and stacks that can be used as they are.

use std::collections::BTreeSet;

use super::*;

const EXAMPLE: &str = include_str!("../../../.env.example");

/// The lines of a part of the file that set something, without the # before them.
fn settings(part: &str) -> String {
    let is_setting = |line: &&str| line.strip_prefix('#').is_some_and(|line| line.starts_with(char::is_alphabetic));
    part.lines().filter(is_setting).map(|line| format!("{}\n", &line[1..])).collect()
}

fn of_file(text: &str) -> Config {
    let environment = environment(&[]).with_file(".env.example", text).unwrap();
    Config::resolve(&ConnectionFlags::default(), &environment).unwrap()
}

/// The file before its stacks, and each of them.
fn parts() -> (&'static str, Vec<&'static str>) {
    let mut parts = EXAMPLE.split("# --- Example: ");
    (parts.next().unwrap(), parts.collect())
}

#[test]
fn it_holds_every_name_once_and_no_other() {
    let names = |text: &str| -> Vec<String> {
        settings(text).lines().map(|line| line.split_once('=').unwrap().0.to_owned()).collect()
    };
    assert_eq!(names(parts().0), NAMES);
    let known: BTreeSet<String> = NAMES.map(str::to_owned).into();
    let used: BTreeSet<String> = names(EXAMPLE).into_iter().collect();
    assert_eq!(used, known);
    assert!(EXAMPLE.lines().all(|line| line.is_empty() || line.starts_with('#')));
}

#[test]
fn its_values_are_the_defaults() {
    let mut of_example = of_file(&settings(parts().0));
    assert!(!of_example.embedded);
    of_example.embedded = true;
    assert_eq!(format!("{of_example:?}"), format!("{:?}", resolved(&[])));
}

#[test]
fn its_stacks_work_as_they_are() {
    let stacks: Vec<_> = parts().1.into_iter().map(|stack| of_file(&settings(stack))).collect();
    let kinds: Vec<_> = stacks.iter().map(|stack| (stack.database.kind, stack.cache.kind)).collect();
    let expected = [
        (DatabaseKind::Mysql, CacheKind::Redis),
        (DatabaseKind::Postgresql, CacheKind::Valkey),
        (DatabaseKind::Mariadb, CacheKind::Memcached),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(password(stacks[0].database.password.as_ref()), Some("change me"));
}
