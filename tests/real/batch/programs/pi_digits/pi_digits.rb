DIGITS = 200
ONE = 10**(DIGITS + 10)

def arctan_of_inverse(x)
  powers = Enumerator.produce(ONE / x) { |power| power / x**2 }.take_while(&:positive?)
  powers.each_with_index.sum { |power, n| power / (2 * n + 1) * (-1)**n }
end

pi = 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)
puts pi.to_s[0, DIGITS].scan(/.{50}/)
