const body = (position, velocity, mass) => ({ position, velocity, mass });
const bodies = [
    body([0, 0, 0], [0, 0, 0], 40),
    body([5, 0, 0.2], [0, 2.8, 0], 0.04),
    body([0, 9, -0.5], [-2.1, 0, 0.1], 0.01),
    body([-13, 0.3, 0], [0, -1.7, 0.05], 0.002),
];

function* pairs() {
    for (let i = 0; i < bodies.length; i++) {
        for (let j = i + 1; j < bodies.length; j++) yield [bodies[i], bodies[j]];
    }
}

const distance = (a, b) => Math.hypot(...a.position.map((x, i) => x - b.position[i]));

function energy() {
    let sum = 0;
    for (const { mass, velocity } of bodies) sum += 0.5 * mass * velocity.reduce((total, v) => total + v * v, 0);
    for (const [a, b] of pairs()) sum -= (a.mass * b.mass) / distance(a, b);
    return sum;
}

function advance(dt) {
    for (const [a, b] of pairs()) {
        const pull = dt / distance(a, b) ** 3;
        for (let i = 0; i < 3; i++) {
            const d = a.position[i] - b.position[i];
            a.velocity[i] -= d * b.mass * pull;
            b.velocity[i] += d * a.mass * pull;
        }
    }
    for (const { position, velocity } of bodies) velocity.forEach((v, i) => (position[i] += dt * v));
}

console.log(energy().toFixed(9));
for (let i = 0; i < 1000; i++) advance(0.01);
console.log(energy().toFixed(9));
for (const { position } of bodies) console.log(position.map((x) => x.toFixed(6)).join(" "));
