package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
)

var complements = strings.NewReplacer(
	"A", "T", "C", "G", "G", "C", "T", "A", "a", "T", "c", "G", "g", "C", "t", "A", "B", "V", "D", "H", "H", "D",
	"K", "M", "M", "K", "R", "Y", "V", "B", "Y", "R")

func write(text string) {
	codes := []byte(complements.Replace(text))
	slices.Reverse(codes)
	for line := range slices.Chunk(codes, 60) {
		fmt.Println(string(line))
	}
}

func main() {
	var text strings.Builder
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), ">") {
			write(text.String())
			text.Reset()
			fmt.Println(lines.Text())
		} else {
			text.WriteString(lines.Text())
		}
	}
	write(text.String())
}
