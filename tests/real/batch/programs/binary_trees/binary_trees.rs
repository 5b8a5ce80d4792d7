use std::thread;

const DEEPEST: u32 = 10;

struct Tree(Option<Box<(Tree, Tree)>>);

impl Tree {
    fn new(depth: u32) -> Self {
        Tree((depth > 0).then(|| Box::new((Tree::new(depth - 1), Tree::new(depth - 1)))))
    }

    fn nodes(&self) -> u32 {
        1 + self.0.as_ref().map_or(0, |both| both.0.nodes() + both.1.nodes())
    }
}

fn main() {
    let kept = Tree::new(DEEPEST);
    let lines = (4..=DEEPEST).step_by(2).map(|depth| {
        thread::spawn(move || {
            let count = 1 << (DEEPEST + 4 - depth);
            let total: u32 = (0..count).map(|_| Tree::new(depth).nodes()).sum();
            format!("{count} trees of depth {depth}: {total} nodes")
        })
    });
    for line in lines.collect::<Vec<_>>() {
        println!("{}", line.join().unwrap());
    }
    println!("a tree of depth {DEEPEST}: {} nodes", kept.nodes());
}
