local n <const> = 100

local function a(i, j)
  return 1 / ((i + j - 2) * (i + j - 1) // 2 + i)
end

local function times(entry, v)
  local product = {}
  for i = 1, n do
    local sum = 0
    for j = 1, n do sum = sum + entry(i, j) * v[j] end
    product[i] = sum
  end
  return product
end

local function both(v)
  return times(function(i, j) return a(j, i) end, times(a, v))
end

local function dot(u, v)
  local sum = 0
  for i = 1, n do sum = sum + u[i] * v[i] end
  return sum
end

local u, v = {}, nil
for i = 1, n do u[i] = 1 end
for _ = 1, 10 do
  v = both(u)
  u = both(v)
end
print(("%.9f"):format(math.sqrt(dot(u, v) / dot(v, v))))
