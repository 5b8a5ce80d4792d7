use std::io::Write;
use std::ops::{Add, Mul};

const N: usize = 96;

#[derive(Clone, Copy)]
struct Complex(f64, f64);

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Complex(self.0 + other.0, self.1 + other.1)
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Complex(self.0 * other.0 - self.1 * other.1, self.0 * other.1 + self.1 * other.0)
    }
}

fn stays(c: Complex) -> bool {
    let mut z = Complex(0.0, 0.0);
    (0..50).all(|_| {
        z = z * z + c;
        z.0 * z.0 + z.1 * z.1 <= 4.0
    })
}

fn main() -> std::io::Result<()> {
    let scaled = |at: usize| 2.0 * at as f64 / N as f64;
    let byte = |x: usize, y: usize| {
        (x..x + 8).fold(0u8, |bits, x| bits << 1 | stays(Complex(scaled(x) - 1.5, scaled(y) - 1.0)) as u8)
    };
    let bits: Vec<u8> = (0..N).flat_map(|y| (0..N).step_by(8).map(move |x| byte(x, y))).collect();
    let mut out = std::io::stdout().lock();
    write!(out, "P4\n{N} {N}\n")?;
    out.write_all(&bits)
}
