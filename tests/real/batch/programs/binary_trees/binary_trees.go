package main

import "fmt"

const deepest = 10

type tree struct{ left, right *tree }

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{grow(depth - 1), grow(depth - 1)}
}

func (t *tree) nodes() int {
	if t == nil {
		return 0
	}
	return 1 + t.left.nodes() + t.right.nodes()
}

func line(count, depth int) string {
	total := 0
	for range count {
		total += grow(depth).nodes()
	}
	return fmt.Sprintf("%d trees of depth %d: %d nodes", count, depth, total)
}

func main() {
	kept := grow(deepest)
	var lines []chan string
	for depth := 4; depth <= deepest; depth += 2 {
		to := make(chan string)
		lines = append(lines, to)
		go func() { to <- line(1<<(deepest+4-depth), depth) }()
	}
	for _, from := range lines {
		fmt.Println(<-from)
	}
	fmt.Printf("a tree of depth %d: %d nodes\n", deepest, kept.nodes())
}
