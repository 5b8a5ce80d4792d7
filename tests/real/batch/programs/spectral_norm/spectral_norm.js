const N = 100;

const a = (i, j) => 1 / (((i + j) * (i + j + 1)) / 2 + i + 1);

function times(v, entry) {
    const product = new Float64Array(N);
    for (let i = 0; i < N; i++) {
        for (let j = 0; j < N; j++) product[i] += entry(i, j) * v[j];
    }
    return product;
}

const both = (v) => times(times(v, a), (i, j) => a(j, i));
const dot = (u, v) => u.reduce((sum, x, i) => sum + x * v[i], 0);

let u = new Float64Array(N).fill(1);
let v;
for (let i = 0; i < 10; i++) {
    v = both(u);
    u = both(v);
}
console.log(Math.sqrt(dot(u, v) / dot(v, v)).toFixed(9));
