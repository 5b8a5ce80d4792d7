package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func counts(text string, length int) map[string]int {
	found := map[string]int{}
	for i := range len(text) - length + 1 {
		found[text[i:i+length]]++
	}
	return found
}

func main() {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	_, text, _ := strings.Cut(string(input), ">THREE")
	_, text, _ = strings.Cut(text, "\n")
	text = strings.ToUpper(strings.ReplaceAll(text, "\n", ""))

	for length := 1; length <= 2; length++ {
		found := counts(text, length)
		words := slices.SortedFunc(maps.Keys(found), func(a, b string) int {
			return cmp.Or(cmp.Compare(found[b], found[a]), cmp.Compare(a, b))
		})
		for _, word := range words {
			fmt.Printf("%s %.3f\n", word, 100*float64(found[word])/float64(len(text)-length+1))
		}
		fmt.Println()
	}
	for _, word := range []string{"GAT", "GATT", "GATTA", "GATTACA"} {
		fmt.Println(counts(text, len(word))[word], word)
	}
}
