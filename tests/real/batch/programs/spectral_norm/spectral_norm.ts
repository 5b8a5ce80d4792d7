type Entry = (row: number, column: number) => number;

class Matrix {
    constructor(private readonly size: number, private readonly entry: Entry) {}

    get transposed(): Matrix {
        return new Matrix(this.size, (row, column) => this.entry(column, row));
    }

    times(vector: number[]): number[] {
        return vector.map((_, row) => dot(vector.map((_, column) => this.entry(row, column)), vector));
    }
}

function dot(u: number[], v: number[]): number {
    return u.reduce((sum, x, i) => sum + x * v[i], 0);
}

const a = new Matrix(100, (i, j) => 1 / (((i + j) * (i + j + 1)) / 2 + i + 1));
const both = (vector: number[]): number[] => a.transposed.times(a.times(vector));

let u: number[] = Array(100).fill(1);
let v: number[] = [];
for (let i = 0; i < 10; i++) {
    v = both(u);
    u = both(v);
}
console.log(Math.sqrt(dot(u, v) / dot(v, v)).toFixed(9));
