const N = 8;

function nextPermutation(cards) {
    let i = cards.length - 2;
    while (i >= 0 && cards[i] > cards[i + 1]) i--;
    if (i < 0) return false;
    let j = cards.length - 1;
    while (cards[j] < cards[i]) j--;
    [cards[i], cards[j]] = [cards[j], cards[i]];
    cards.push(...cards.splice(i + 1).reverse());
    return true;
}

function flips(cards) {
    let count = 0;
    for (cards = [...cards]; cards[0] !== 1; count++) {
        const first = cards[0];
        cards = [...cards.slice(0, first).reverse(), ...cards.slice(first)];
    }
    return count;
}

const cards = Array.from({ length: N }, (_, i) => i + 1);
let [checksum, most, sign] = [0, 0, 1];
do {
    const count = flips(cards);
    most = Math.max(most, count);
    checksum += sign * count;
    sign = -sign;
} while (nextPermutation(cards));
console.log(`${N} cards: checksum ${checksum}, at most ${most} flips`);
