const DIGITS = 200;
const one = 10n ** BigInt(DIGITS + 10);

function arctanOfInverse(x) {
    let total = 0n;
    let power = one / x;
    for (let n = 1n; power !== 0n; n += 2n) {
        total += (n % 4n === 1n ? power : -power) / n;
        power /= x * x;
    }
    return total;
}

const pi = (16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)) / 10n ** 10n;
console.log(pi.toString().slice(0, DIGITS).replace(/.{50}(?=.)/g, "$&\n"));
