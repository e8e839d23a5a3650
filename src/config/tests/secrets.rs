//! No password is in any message or `Debug`, also where its URL is malformed.

use super::*;

const SECRET: &str = "hunter2";

#[test]
fn debug_of_the_resolved_value_hides_passwords() {
    let config = resolved(&[("DATABASE_URL", "mysql://u:hunter2@h/d"), ("CACHE_URL", "redis://:hunter2@h")]);
    assert_eq!(password(config.database.password.as_ref()), Some(SECRET));
    assert!(!format!("{config:?}").contains(SECRET));
}

#[test]
fn no_message_and_no_hint_repeats_a_url_or_a_password() {
    let urls = [
        "hunter2",
        "hunter2:",
        "mysql:hunter2",
        "mysql:u:hunter2@h/d",
        "hunter2://h/d",
        "mysql://u:hunter2",
        "mysql://u:hunter2/x@h/d",
        "mysql://u:x/hunter2@h/d",
        "mysql://u:x?hunter2@h/d",
        "mysql://u:x?hunter2=@h/d",
        "mysql://u:x#hunter2@h/d",
        "mysql://u:1/hunter2",
        "mysql://u/hunter2/@h",
        "mysql://u:%ffhunter2@h/d",
        "mysql://u:hunter2@h:0/d",
        "mysql://u:hunter2@h:99999/d",
        "mysql://u:hunter2@h h/d",
        "mysql://u:x@h%20hunter2/d",
        "mysql://u:hunter2@h/d?sslmode=hunter2",
        "mysql://u:hunter2@h/d?ssl-ca=hunter2",
        "sqlite:x?hunter2",
        "redis://u:1/hunter2@h",
        "redis://h/hunter2",
        "redis://u:hunter2@h/1?x=hunter2",
        "memcached://u:hunter2@h",
        "memcached://h/hunter2",
        "memory://hunter2",
    ];
    let mut refused = 0;
    for url in urls {
        for name in ["DATABASE_URL", "CACHE_URL"] {
            let Err(error) = resolve(&[(name, url)]) else { continue };
            refused += 1;
            let told = format!("{error} {:?} {error:?} {:?}", error.hint(), crate::error::causes(&error));
            assert!(!told.contains(SECRET), "{name}={url}: {told}");
        }
    }
    assert!(refused >= urls.len(), "only {refused} were refused");
}

#[test]
fn a_password_that_is_not_wanted_is_not_shown() {
    for variables in [
        [("DB_ENGINE", "sqlite"), ("DB_PASSWORD", SECRET)],
        [("DB_NAME", "x"), ("DB_PASSWORD", SECRET)],
        [("CACHE_ENGINE", "memcached"), ("CACHE_PASSWORD", SECRET)],
        [("DB_ENGINE", "mysql"), ("DB_HOST", "u:hunter2@h")],
    ] {
        let error = resolve(&variables).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    }
}
