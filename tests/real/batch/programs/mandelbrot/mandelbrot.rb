N = 96

def stays?(c)
  z = 0
  50.times do
    z = z * z + c
    return false if z.abs2 > 4
  end
  true
end

$stdout.binmode
puts "P4\n#{N} #{N}"
N.times do |y|
  row = Array.new(N) { |x| stays?(Complex(2.0 * x / N - 1.5, 2.0 * y / N - 1)) ? "1" : "0" }
  print [row.join].pack("B*")
end
