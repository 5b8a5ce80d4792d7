package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
)

var patterns = []string{
	"agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$",
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	for _, pattern := range patterns {
		fmt.Println(pattern, len(regexp.MustCompile("(?m)"+pattern).FindAllIndex(text, -1)))
	}
	bare := regexp.MustCompile(">.*\n|\n").ReplaceAll(text, nil)
	marked := regexp.MustCompile("[B-Y]+").ReplaceAll(bare, []byte("<$0>"))
	fmt.Println(len(text), len(bare), len(marked))
}
