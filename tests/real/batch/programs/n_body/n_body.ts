type Vector = readonly [x: number, y: number, z: number];

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const plus = (a: Vector, b: Vector, factor: number): Vector =>
    [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
const squared = (a: Vector): number => a[0] * a[0] + a[1] * a[1] + a[2] * a[2];

class Body {
    constructor(public position: Vector, public velocity: Vector, readonly mass: number) {}

    get kinetic(): number {
        return 0.5 * this.mass * squared(this.velocity);
    }
}

const bodies: Body[] = [
    new Body([0, 0, 0], [0, 0, 0], 40),
    new Body([5, 0, 0.2], [0, 2.8, 0], 0.04),
    new Body([0, 9, -0.5], [-2.1, 0, 0.1], 0.01),
    new Body([-13, 0.3, 0], [0, -1.7, 0.05], 0.002),
];
const pairs: [Body, Body][] = bodies.flatMap((a, i) => bodies.slice(i + 1).map((b): [Body, Body] => [a, b]));

function energy(): number {
    const kinetic = bodies.reduce((sum, body) => sum + body.kinetic, 0);
    return pairs.reduce((sum, [a, b]) => sum - (a.mass * b.mass) / Math.sqrt(squared(minus(a.position, b.position))), kinetic);
}

function advance(dt: number): void {
    for (const [a, b] of pairs) {
        const d = minus(a.position, b.position);
        const pull = dt / squared(d) ** 1.5;
        a.velocity = plus(a.velocity, d, -b.mass * pull);
        b.velocity = plus(b.velocity, d, a.mass * pull);
    }
    for (const body of bodies) body.position = plus(body.position, body.velocity, dt);
}

console.log(energy().toFixed(9));
for (let i = 0; i < 1000; i++) advance(0.01);
console.log(energy().toFixed(9));
for (const { position } of bodies) console.log(position.map((x) => x.toFixed(6)).join(" "));
