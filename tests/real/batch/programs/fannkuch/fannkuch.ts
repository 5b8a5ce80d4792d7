const size = 8;

function* permutations<T>(items: T[]): Generator<T[]> {
    if (items.length === 0) yield [];
    for (const [i, item] of items.entries()) {
        for (const rest of permutations(items.filter((_, j) => j !== i))) yield [item, ...rest];
    }
}

function flips(cards: readonly number[]): number {
    const first = cards[0];
    return first === 1 ? 0 : 1 + flips([...cards.slice(0, first).reverse(), ...cards.slice(first)]);
}

let checksum = 0;
let most = 0;
let sign: 1 | -1 = 1;
for (const cards of permutations([...Array(size).keys()].map((i) => i + 1))) {
    const count: number = flips(cards);
    most = Math.max(most, count);
    checksum += sign * count;
    sign = sign === 1 ? -1 : 1;
}
console.log(`${size} cards: checksum ${checksum}, at most ${most} flips`);
