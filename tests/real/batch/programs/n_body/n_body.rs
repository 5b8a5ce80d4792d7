type Vector = [f64; 3];

struct Body {
    position: Vector,
    velocity: Vector,
    mass: f64,
}

fn plus(a: Vector, b: Vector, factor: f64) -> Vector {
    std::array::from_fn(|i| a[i] + factor * b[i])
}

fn squared(a: Vector) -> f64 {
    a.iter().map(|x| x * x).sum()
}

fn energy(bodies: &[Body]) -> f64 {
    let mut sum = 0.0;
    for (i, a) in bodies.iter().enumerate() {
        sum += 0.5 * a.mass * squared(a.velocity);
        for b in &bodies[i + 1..] {
            sum -= a.mass * b.mass / squared(plus(a.position, b.position, -1.0)).sqrt();
        }
    }
    sum
}

fn advance(bodies: &mut [Body], dt: f64) {
    for i in 1..bodies.len() {
        let (left, right) = bodies.split_at_mut(i);
        let a = &mut left[i - 1];
        for b in right {
            let d = plus(a.position, b.position, -1.0);
            let pull = dt / squared(d).powf(1.5);
            a.velocity = plus(a.velocity, d, -b.mass * pull);
            b.velocity = plus(b.velocity, d, a.mass * pull);
        }
    }
    for body in bodies {
        body.position = plus(body.position, body.velocity, dt);
    }
}

fn main() {
    let body = |position, velocity, mass| Body { position, velocity, mass };
    let mut bodies = [
        body([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 40.0),
        body([5.0, 0.0, 0.2], [0.0, 2.8, 0.0], 0.04),
        body([0.0, 9.0, -0.5], [-2.1, 0.0, 0.1], 0.01),
        body([-13.0, 0.3, 0.0], [0.0, -1.7, 0.05], 0.002),
    ];
    println!("{:.9}", energy(&bodies));
    for _ in 0..1000 {
        advance(&mut bodies, 0.01);
    }
    println!("{:.9}", energy(&bodies));
    for Body { position: [x, y, z], .. } in &bodies {
        println!("{x:.6} {y:.6} {z:.6}");
    }
}
