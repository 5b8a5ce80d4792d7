package main

import (
	"fmt"
	"math"
)

type vector [3]float64

type body struct {
	position, velocity vector
	mass               float64
}

var bodies = []body{
	{vector{0, 0, 0}, vector{0, 0, 0}, 40},
	{vector{5, 0, 0.2}, vector{0, 2.8, 0}, 0.04},
	{vector{0, 9, -0.5}, vector{-2.1, 0, 0.1}, 0.01},
	{vector{-13, 0.3, 0}, vector{0, -1.7, 0.05}, 0.002},
}

func (v vector) plus(other vector, factor float64) vector {
	for i := range v {
		v[i] += factor * other[i]
	}
	return v
}

func (v vector) squared() float64 {
	return v[0]*v[0] + v[1]*v[1] + v[2]*v[2]
}

func energy() (sum float64) {
	for i, a := range bodies {
		sum += 0.5 * a.mass * a.velocity.squared()
		for _, b := range bodies[i+1:] {
			sum -= a.mass * b.mass / math.Sqrt(a.position.plus(b.position, -1).squared())
		}
	}
	return sum
}

func advance(dt float64) {
	for i := range bodies {
		a := &bodies[i]
		for j := i + 1; j < len(bodies); j++ {
			b := &bodies[j]
			d := a.position.plus(b.position, -1)
			pull := dt / math.Pow(d.squared(), 1.5)
			a.velocity = a.velocity.plus(d, -b.mass*pull)
			b.velocity = b.velocity.plus(d, a.mass*pull)
		}
	}
	for i := range bodies {
		bodies[i].position = bodies[i].position.plus(bodies[i].velocity, dt)
	}
}

func main() {
	fmt.Printf("%.9f\n", energy())
	for range 1000 {
		advance(0.01)
	}
	fmt.Printf("%.9f\n", energy())
	for _, b := range bodies {
		fmt.Printf("%.6f %.6f %.6f\n", b.position[0], b.position[1], b.position[2])
	}
}
