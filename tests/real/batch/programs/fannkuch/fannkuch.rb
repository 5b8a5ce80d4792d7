N = 8

def flips(cards)
  count = 0
  until (first = cards[0]) == 1
    cards = cards[0, first].reverse + cards[first..]
    count += 1
  end
  count
end

counts = [*1..N].permutation.map { |cards| flips(cards) }
checksum = counts.each_slice(2).sum { |even, odd| even - odd }
puts "#{N} cards: checksum #{checksum}, at most #{counts.max} flips"
