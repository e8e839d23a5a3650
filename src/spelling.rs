//! How near a word is to another: for messages that ask whether something else was meant.
//!
//! One place, so that a setting and a metric are guessed alike.

/// How many letters must be added, dropped or changed to make one word the other.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, letter_of_other) in other.chars().enumerate() {
            let changed = diagonal + usize::from(letter != letter_of_other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The word of these that is meant, most probably: at most two letters, and less than half of them, are otherwise.
pub(crate) fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = words.into_iter().map(|word| (distance(typed, word), word)).min()?;
    Some(near).filter(|(distance, word)| *distance <= 2 && *distance * 2 < word.chars().count()).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_near_when_few_letters_differ() {
        assert_eq!(distance("mysq", "mysql"), 1);
        assert_eq!(distance("p98", "p99"), 1);
        assert_eq!(nearest("troughput", ["throughput", "p99"]), Some("throughput"));
        assert_eq!(nearest("latency", ["throughput", "p99"]), None);
        assert_eq!(nearest("xy", ["p99"]), None, "three letters of three are another word");
    }
}
