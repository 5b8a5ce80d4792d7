local deepest <const> = 10

local function tree(depth)
  if depth == 0 then return {} end
  return { tree(depth - 1), tree(depth - 1) }
end

local function nodes(tree)
  local count = 1
  for _, child in ipairs(tree) do count = count + nodes(child) end
  return count
end

local kept = tree(deepest)
for depth = 4, deepest, 2 do
  local count, total = 1 << (deepest + 4 - depth), 0
  for _ = 1, count do total = total + nodes(tree(depth)) end
  print(("%d trees of depth %d: %d nodes"):format(count, depth, total))
end
print(("a tree of depth %d: %d nodes"):format(deepest, nodes(kept)))
