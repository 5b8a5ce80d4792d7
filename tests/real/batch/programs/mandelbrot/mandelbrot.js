const N = 96;

function stays(cr, ci) {
    let [zr, zi] = [0, 0];
    for (let i = 0; i < 50; i++) {
        [zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci];
        if (zr * zr + zi * zi > 4) return false;
    }
    return true;
}

const bits = Buffer.alloc((N * N) / 8);
for (let y = 0; y < N; y++) {
    for (let x = 0; x < N; x++) {
        if (stays((2 * x) / N - 1.5, (2 * y) / N - 1)) bits[(y * N + x) >> 3] |= 0x80 >> x % 8;
    }
}
process.stdout.write(`P4\n${N} ${N}\n`);
process.stdout.write(bits);
