package main

import (
	"fmt"
	"math/big"
)

const digits = 200

var one = new(big.Int).Exp(big.NewInt(10), big.NewInt(digits+10), nil)

func arctanOfInverse(x int64) *big.Int {
	total, term := new(big.Int), new(big.Int)
	power := new(big.Int).Quo(one, big.NewInt(x))
	for n := int64(1); power.Sign() != 0; n += 2 {
		term.Quo(power, big.NewInt(n))
		if n%4 == 3 {
			term.Neg(term)
		}
		total.Add(total, term)
		power.Quo(power, big.NewInt(x*x))
	}
	return total
}

func main() {
	pi := new(big.Int).Mul(big.NewInt(16), arctanOfInverse(5))
	pi.Sub(pi, new(big.Int).Mul(big.NewInt(4), arctanOfInverse(239)))
	for text := pi.String()[:digits]; text != ""; text = text[50:] {
		fmt.Println(text[:50])
	}
}
