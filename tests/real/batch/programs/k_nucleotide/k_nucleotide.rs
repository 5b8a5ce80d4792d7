use std::cmp::Reverse;
use std::collections::HashMap;
use std::io;

fn counts(text: &[u8], length: usize) -> HashMap<&[u8], usize> {
    let mut found = HashMap::new();
    for word in text.windows(length) {
        *found.entry(word).or_default() += 1;
    }
    found
}

fn main() {
    let lines = io::stdin().lines().map(Result::unwrap);
    let lines = lines.skip_while(|line| !line.starts_with(">THREE")).skip(1);
    let text = lines.collect::<String>().to_uppercase().into_bytes();

    for length in 1..=2 {
        let mut found: Vec<_> = counts(&text, length).into_iter().collect();
        found.sort_by_key(|&(word, count)| (Reverse(count), word));
        for (word, count) in found {
            let share = 100.0 * count as f64 / (text.len() - length + 1) as f64;
            println!("{} {share:.3}", String::from_utf8_lossy(word));
        }
        println!();
    }
    for word in ["GAT", "GATT", "GATTA", "GATTACA"] {
        let count = counts(&text, word.len()).get(word.as_bytes()).copied().unwrap_or(0);
        println!("{count} {word}");
    }
}
