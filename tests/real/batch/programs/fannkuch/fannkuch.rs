const N: usize = 8;

fn next_permutation(cards: &mut [usize]) -> bool {
    let Some(i) = cards.windows(2).rposition(|pair| pair[0] < pair[1]) else {
        return false;
    };
    let j = cards.iter().rposition(|&card| card > cards[i]).unwrap();
    cards.swap(i, j);
    cards[i + 1..].reverse();
    true
}

fn flips(mut cards: [usize; N]) -> i32 {
    let mut count = 0;
    while cards[0] != 1 {
        let first = cards[0];
        cards[..first].reverse();
        count += 1;
    }
    count
}

fn main() {
    let mut cards: [usize; N] = std::array::from_fn(|i| i + 1);
    let (mut checksum, mut most, mut sign) = (0, 0, 1);
    loop {
        let count = flips(cards);
        most = most.max(count);
        checksum += sign * count;
        sign = -sign;
        if !next_permutation(&mut cards) {
            break;
        }
    }
    println!("{N} cards: checksum {checksum}, at most {most} flips");
}
