local n = 8

local function reverse(cards, first, last)
  while first < last do
    cards[first], cards[last] = cards[last], cards[first]
    first, last = first + 1, last - 1
  end
end

local function next_permutation(cards)
  local i, j = n - 1, n
  while i > 0 and cards[i] > cards[i + 1] do i = i - 1 end
  if i == 0 then return false end
  while cards[j] < cards[i] do j = j - 1 end
  cards[i], cards[j] = cards[j], cards[i]
  reverse(cards, i + 1, n)
  return true
end

local function flips(permutation)
  local cards, count = table.move(permutation, 1, n, 1, {}), 0
  while cards[1] ~= 1 do
    reverse(cards, 1, cards[1])
    count = count + 1
  end
  return count
end

local cards, checksum, most, sign = {}, 0, 0, 1
for i = 1, n do cards[i] = i end
repeat
  local count = flips(cards)
  most = math.max(most, count)
  checksum = checksum + sign * count
  sign = -sign
until not next_permutation(cards)
print(n .. " cards: checksum " .. checksum .. ", at most " .. most .. " flips")
