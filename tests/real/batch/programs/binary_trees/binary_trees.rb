DEEPEST = 10

class Tree
  def initialize(depth)
    @children = depth.zero? ? [] : [Tree.new(depth - 1), Tree.new(depth - 1)]
  end

  def nodes = 1 + @children.sum(&:nodes)
end

kept = Tree.new(DEEPEST)
4.step(DEEPEST, 2) do |depth|
  count = 1 << (DEEPEST + 4 - depth)
  total = count.times.sum { Tree.new(depth).nodes }
  puts "#{count} trees of depth #{depth}: #{total} nodes"
end
puts "a tree of depth #{DEEPEST}: #{kept.nodes} nodes"
