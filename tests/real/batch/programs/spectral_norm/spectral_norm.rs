const N: usize = 100;

fn a(i: usize, j: usize) -> f64 {
    1.0 / ((i + j) * (i + j + 1) / 2 + i + 1) as f64
}

fn times(entry: impl Fn(usize, usize) -> f64, v: &[f64]) -> Vec<f64> {
    let row = |i| v.iter().enumerate().map(|(j, x)| entry(i, j) * x).sum();
    (0..N).map(row).collect()
}

fn both(v: &[f64]) -> Vec<f64> {
    times(|i, j| a(j, i), &times(a, v))
}

fn dot(u: &[f64], v: &[f64]) -> f64 {
    u.iter().zip(v).map(|(x, y)| x * y).sum()
}

fn main() {
    let mut u = vec![1.0; N];
    let mut v = vec![];
    for _ in 0..10 {
        v = both(&u);
        u = both(&v);
    }
    println!("{:.9}", (dot(&u, &v) / dot(&v, &v)).sqrt());
}
