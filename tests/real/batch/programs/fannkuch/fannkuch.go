package main

import (
	"fmt"
	"slices"
)

const n = 8

func nextPermutation(cards []int) bool {
	i, j := n-2, n-1
	for i >= 0 && cards[i] > cards[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	for cards[j] < cards[i] {
		j--
	}
	cards[i], cards[j] = cards[j], cards[i]
	slices.Reverse(cards[i+1:])
	return true
}

func flips(cards []int) (count int) {
	for cards = slices.Clone(cards); cards[0] != 1; count++ {
		slices.Reverse(cards[:cards[0]])
	}
	return count
}

func main() {
	cards := make([]int, n)
	for i := range cards {
		cards[i] = i + 1
	}
	checksum, most, sign := 0, 0, 1
	for more := true; more; more = nextPermutation(cards) {
		count := flips(cards)
		most = max(most, count)
		checksum += sign * count
		sign = -sign
	}
	fmt.Printf("%d cards: checksum %d, at most %d flips\n", n, checksum, most)
}
