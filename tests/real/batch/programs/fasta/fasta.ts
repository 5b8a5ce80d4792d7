const sequence = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";
type Base = "a" | "c" | "g" | "t";
type Code = Base | "B" | "D" | "H" | "K" | "M" | "N" | "R" | "S" | "V" | "W" | "Y";

const bases: Record<Base, number> = { a: 30, c: 20, g: 20, t: 30 };
const codes: Record<Code, number> = {
    a: 27, c: 12, g: 12, t: 27, B: 2, D: 2, H: 2, K: 2, M: 2, N: 2, R: 2, S: 2, V: 2, W: 2, Y: 2,
};

class Random {
    private seed = 42;

    below(limit: number): number {
        this.seed = (this.seed * 1366 + 150889) % 714025;
        return Math.floor((this.seed * limit) / 714025);
    }

    pick<Letter extends string>(percents: Record<Letter, number>): Letter {
        let left = this.below(100);
        for (const letter in percents) {
            left -= percents[letter];
            if (left < 0) return letter;
        }
        throw new RangeError("less than a hundred percent");
    }
}

function write(title: string, length: number, letter: (at: number) => string): void {
    const text = Array.from({ length }, (_, at) => letter(at)).join("");
    console.log(`>${title}\n${text.replace(/.{60}(?!$)/g, "$&\n")}`);
}

const random = new Random();
write("ONE repeated", 2000, (at) => sequence[at % sequence.length]);
write("TWO drawn from all codes", 3000, () => random.pick(codes));
write("THREE drawn from four bases", 5000, () => random.pick(bases));
