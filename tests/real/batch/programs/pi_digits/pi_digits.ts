const digits = 200;
const one: bigint = BigInt(10) ** BigInt(digits + 10);

function* terms(x: number): Generator<bigint, void> {
    const square = BigInt(x * x);
    let power = one / BigInt(x);
    for (let n = 1, sign = 1; power > 0; n += 2, sign = -sign) {
        yield (BigInt(sign) * power) / BigInt(n);
        power /= square;
    }
}

function arctanOfInverse(x: number): bigint {
    let total = BigInt(0);
    for (const term of terms(x)) total += term;
    return total;
}

const pi = BigInt(16) * arctanOfInverse(5) - BigInt(4) * arctanOfInverse(239);
const text = pi.toString();
for (let start = 0; start < digits; start += 50) console.log(text.slice(start, start + 50));
