require "matrix"

A = Matrix.build(100) { |i, j| 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1) }
BOTH = A.transpose * A

u = Vector.elements([1.0] * 100)
v = nil
10.times do
  v = BOTH * u
  u = BOTH * v
end
puts "%.9f" % Math.sqrt(u.inner_product(v) / v.inner_product(v))
