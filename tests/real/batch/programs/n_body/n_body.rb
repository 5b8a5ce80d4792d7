require "matrix"

Body = Struct.new(:position, :velocity, :mass)

BODIES = [
  Body.new(Vector[0.0, 0.0, 0.0], Vector[0.0, 0.0, 0.0], 40.0),
  Body.new(Vector[5.0, 0.0, 0.2], Vector[0.0, 2.8, 0.0], 0.04),
  Body.new(Vector[0.0, 9.0, -0.5], Vector[-2.1, 0.0, 0.1], 0.01),
  Body.new(Vector[-13.0, 0.3, 0.0], Vector[0.0, -1.7, 0.05], 0.002),
]

def energy
  kinetic = BODIES.sum { |body| 0.5 * body.mass * body.velocity.inner_product(body.velocity) }
  kinetic - BODIES.combination(2).sum { |a, b| a.mass * b.mass / (a.position - b.position).norm }
end

def advance(dt)
  BODIES.combination(2) do |a, b|
    d = a.position - b.position
    pull = d * (dt / d.norm**3)
    a.velocity -= pull * b.mass
    b.velocity += pull * a.mass
  end
  BODIES.each { |body| body.position += body.velocity * dt }
end

puts "%.9f" % energy
1000.times { advance(0.01) }
puts "%.9f" % energy
BODIES.each { |body| puts "%.6f %.6f %.6f" % body.position.to_a }
