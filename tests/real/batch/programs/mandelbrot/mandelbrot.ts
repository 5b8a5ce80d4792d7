class Complex {
    constructor(readonly real: number, readonly imaginary: number) {}

    get squared(): Complex {
        return new Complex(this.real ** 2 - this.imaginary ** 2, 2 * this.real * this.imaginary);
    }

    plus(other: Complex): Complex {
        return new Complex(this.real + other.real, this.imaginary + other.imaginary);
    }

    get isFar(): boolean {
        return this.real ** 2 + this.imaginary ** 2 > 4;
    }
}

function stays(c: Complex): boolean {
    let z = new Complex(0, 0);
    for (let i = 0; i < 50 && !z.isFar; i++) z = z.squared.plus(c);
    return !z.isFar;
}

const size = 96;
const bits = new Uint8Array((size * size) / 8);
for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
        if (stays(new Complex((2 * x) / size - 1.5, (2 * y) / size - 1))) bits[(y * size + x) >> 3] |= 0x80 >> x % 8;
    }
}
process.stdout.write(Buffer.concat([Buffer.from(`P4\n${size} ${size}\n`), bits]));
