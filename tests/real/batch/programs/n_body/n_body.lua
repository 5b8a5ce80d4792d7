local bodies = {
  { x = 0, y = 0, z = 0, vx = 0, vy = 0, vz = 0, mass = 40 },
  { x = 5, y = 0, z = 0.2, vx = 0, vy = 2.8, vz = 0, mass = 0.04 },
  { x = 0, y = 9, z = -0.5, vx = -2.1, vy = 0, vz = 0.1, mass = 0.01 },
  { x = -13, y = 0.3, z = 0, vx = 0, vy = -1.7, vz = 0.05, mass = 0.002 },
}

local function pairs_of_bodies()
  return coroutine.wrap(function()
    for i = 1, #bodies do
      for j = i + 1, #bodies do coroutine.yield(bodies[i], bodies[j]) end
    end
  end)
end

local function between(a, b)
  local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
  return dx, dy, dz, math.sqrt(dx ^ 2 + dy ^ 2 + dz ^ 2)
end

local function energy()
  local sum = 0
  for _, b in ipairs(bodies) do sum = sum + 0.5 * b.mass * (b.vx ^ 2 + b.vy ^ 2 + b.vz ^ 2) end
  for a, b in pairs_of_bodies() do sum = sum - a.mass * b.mass / select(4, between(a, b)) end
  return sum
end

local function push(body, dx, dy, dz, factor)
  body.vx, body.vy, body.vz = body.vx + dx * factor, body.vy + dy * factor, body.vz + dz * factor
end

local function advance(dt)
  for a, b in pairs_of_bodies() do
    local dx, dy, dz, distance = between(a, b)
    local pull = dt / distance ^ 3
    push(a, dx, dy, dz, -b.mass * pull)
    push(b, dx, dy, dz, a.mass * pull)
  end
  for _, b in ipairs(bodies) do b.x, b.y, b.z = b.x + dt * b.vx, b.y + dt * b.vy, b.z + dt * b.vz end
end

print(("%.9f"):format(energy()))
for _ = 1, 1000 do advance(0.01) end
print(("%.9f"):format(energy()))
for _, b in ipairs(bodies) do print(("%.6f %.6f %.6f"):format(b.x, b.y, b.z)) end
