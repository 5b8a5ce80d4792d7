const SEQUENCE: &str = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";
const BASES: [(char, u32); 4] = [('a', 30), ('c', 20), ('g', 20), ('t', 30)];

struct Random {
    seed: u32,
}

impl Iterator for Random {
    type Item = u32;

    /// A whole number below a hundred.
    fn next(&mut self) -> Option<u32> {
        self.seed = (self.seed * 1366 + 150889) % 714025;
        Some(self.seed * 100 / 714025)
    }
}

fn pick(shares: &[(char, u32)], mut left: u32) -> char {
    for &(letter, percent) in shares {
        match left.checked_sub(percent) {
            Some(rest) => left = rest,
            None => return letter,
        }
    }
    unreachable!("less than a hundred percent")
}

fn write(title: &str, letters: impl Iterator<Item = char>) {
    println!(">{title}");
    for line in letters.collect::<Vec<_>>().chunks(60) {
        println!("{}", line.iter().collect::<String>());
    }
}

fn main() {
    let mut codes = vec![('a', 27), ('c', 12), ('g', 12), ('t', 27)];
    codes.extend("BDHKMNRSVWY".chars().map(|code| (code, 2)));
    let mut random = Random { seed: 42 };
    write("ONE repeated", SEQUENCE.chars().cycle().take(2000));
    write("TWO drawn from all codes", random.by_ref().take(3000).map(|r| pick(&codes, r)));
    write("THREE drawn from four bases", random.take(5000).map(|r| pick(&BASES, r)));
}
