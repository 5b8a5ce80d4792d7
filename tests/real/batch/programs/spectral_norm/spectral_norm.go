package main

import (
	"fmt"
	"math"
	"sync"
)

const n = 100

type vector [n]float64

func a(i, j int) float64 {
	return 1 / float64((i+j)*(i+j+1)/2+i+1)
}

func transposed(i, j int) float64 {
	return a(j, i)
}

// times has a goroutine for each row.
func times(entry func(i, j int) float64, v vector) (product vector) {
	var rows sync.WaitGroup
	for i := range product {
		rows.Add(1)
		go func() {
			defer rows.Done()
			for j, x := range v {
				product[i] += entry(i, j) * x
			}
		}()
	}
	rows.Wait()
	return product
}

func dot(u, v vector) (sum float64) {
	for i := range u {
		sum += u[i] * v[i]
	}
	return sum
}

func main() {
	var u, v vector
	for i := range u {
		u[i] = 1
	}
	for range 10 {
		v = times(transposed, times(a, u))
		u = times(transposed, times(a, v))
	}
	fmt.Printf("%.9f\n", math.Sqrt(dot(u, v)/dot(v, v)))
}
