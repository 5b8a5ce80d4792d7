const SEQUENCE = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";
const BASES = { a: 30, c: 20, g: 20, t: 30 };
const CODES = { a: 27, c: 12, g: 12, t: 27, ...Object.fromEntries([..."BDHKMNRSVWY"].map((code) => [code, 2])) };

function* random() {
    for (let seed = 42; ; ) {
        seed = (seed * 1366 + 150889) % 714025;
        yield seed / 714025;
    }
}

const numbers = random();

function draw(percents, length) {
    const letters = Object.entries(percents).map(([letter, percent]) => letter.repeat(percent)).join("");
    return Array.from({ length }, () => letters[Math.floor(numbers.next().value * 100)]).join("");
}

function write(title, text) {
    console.log([`>${title}`, ...text.match(/.{1,60}/g)].join("\n"));
}

write("ONE repeated", SEQUENCE.repeat(50).slice(0, 2000));
write("TWO drawn from all codes", draw(CODES, 3000));
write("THREE drawn from four bases", draw(BASES, 5000));
