package main

import (
	"bufio"
	"fmt"
	"os"
)

const n = 96

func stays(c complex128) bool {
	var z complex128
	for range 50 {
		z = z*z + c
		if real(z)*real(z)+imag(z)*imag(z) > 4 {
			return false
		}
	}
	return true
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintf(out, "P4\n%d %d\n", n, n)
	for y := range n {
		for x := 0; x < n; x += 8 {
			var bits byte
			for i := range 8 {
				bits <<= 1
				if stays(complex(2*float64(x+i)/n-1.5, 2*float64(y)/n-1)) {
					bits |= 1
				}
			}
			out.WriteByte(bits)
		}
	}
}
