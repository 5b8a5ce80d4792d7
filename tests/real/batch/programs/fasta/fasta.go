package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

const sequence = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC"

// letters has each letter as often as its share says, and twice where that says nothing.
func letters(shares map[rune]int, order string) string {
	var all strings.Builder
	for _, letter := range order {
		all.WriteString(strings.Repeat(string(letter), max(shares[letter], 2)))
	}
	return all.String()
}

func repeated() func() byte {
	at := -1
	return func() byte {
		at = (at + 1) % len(sequence)
		return sequence[at]
	}
}

func write(out *bufio.Writer, title string, length int, next func() byte) {
	fmt.Fprintf(out, ">%s", title)
	for i := range length {
		if i%60 == 0 {
			out.WriteByte('\n')
		}
		out.WriteByte(next())
	}
	out.WriteByte('\n')
}

func main() {
	codes := letters(map[rune]int{'a': 27, 'c': 12, 'g': 12, 't': 27}, "acgtBDHKMNRSVWY")
	bases := letters(map[rune]int{'a': 30, 'c': 20, 'g': 20, 't': 30}, "acgt")
	seed := 42
	drawn := func(from string) func() byte {
		return func() byte {
			seed = (seed*1366 + 150889) % 714025
			return from[seed*100/714025]
		}
	}

	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	write(out, "ONE repeated", 2000, repeated())
	write(out, "TWO drawn from all codes", 3000, drawn(codes))
	write(out, "THREE drawn from four bases", 5000, drawn(bases))
}
